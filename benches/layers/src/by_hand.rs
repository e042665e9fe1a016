//! What would it cost without a library's layer? One that counts as little as can be said to measure, each thread for itself,
//! and one as it is written by hand with the `prometheus` crate.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::extract::MatchedPath;
use benches::exchange::{answer, exchange};
use benches::rows::{BOUNDS, Row};
use http::{Method, Request, Response};
use pin_project_lite::pin_project;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts};
use tower::{Service, service_fn};

pub(crate) const ATOMICS: &str = "two clock readings, one bare histogram of atomics a thread";
pub(crate) const PROMETHEUS: &str = "a layer by hand, `prometheus` crate";

/// What a layer made by hand does with a request.
trait Record: Clone {
    /// What it has to know until the response is there.
    type Started;
    fn start<B>(&self, request: &Request<B>) -> Self::Started;
    fn end(&self, started: &Self::Started, status: u16, seconds: f64);
}

#[derive(Clone)]
struct Recorded<S, R> {
    inner: S,
    record: R,
}

pin_project! {
    struct RecordedFuture<F, R: Record> {
        #[pin]
        inner: F,
        record: R,
        request: R::Started,
        started: Instant,
    }
}

impl<S, R, B, A> Service<Request<B>> for Recorded<S, R>
where
    S: Service<Request<B>, Response = Response<A>>,
    R: Record,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = RecordedFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let started = Instant::now();
        let known = self.record.start(&request);
        RecordedFuture { inner: self.inner.call(request), record: self.record.clone(), request: known, started }
    }
}

impl<F, R, A, E> Future for RecordedFuture<F, R>
where
    F: Future<Output = Result<Response<A>, E>>,
    R: Record,
{
    type Output = Result<Response<A>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx))?;
        this.record.end(this.request, response.status().as_u16(), this.started.elapsed().as_secs_f64());
        Poll::Ready(Ok(response))
    }
}

/// A thread's histogram of atomics for all requests: no labels, nothing in flight, nothing that another thread writes.
#[derive(Clone)]
struct Atomics;

#[repr(align(128))]
struct Buckets {
    counts: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

thread_local! {
    static BUCKETS: Buckets = const {
        Buckets { counts: [const { AtomicU64::new(0) }; BOUNDS.len() + 1], nanoseconds: AtomicU64::new(0) }
    };
}

impl Record for Atomics {
    type Started = ();

    fn start<B>(&self, _: &Request<B>) {}

    fn end(&self, (): &(), _: u16, seconds: f64) {
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        BUCKETS.with(|Buckets { counts, nanoseconds }| {
            counts[bucket].fetch_add(1, Ordering::Relaxed);
            nanoseconds.fetch_add((seconds * 1e9) as u64, Ordering::Relaxed);
        });
    }
}

/// Two clock readings and a bare histogram: less is no measurement.
pub(crate) fn atomics() -> Row {
    let total = Arc::new(AtomicU64::new(0));
    let read = total.clone();
    let work = move |requests| {
        exchange(&mut Recorded { inner: service_fn(answer), record: Atomics }, requests);
        // What this thread has counted, once for all these requests.
        let counted = BUCKETS.with(|all| all.counts.iter().map(|count| count.swap(0, Ordering::Relaxed)).sum());
        total.fetch_add(counted, Ordering::Relaxed);
    };
    Row::new(ATOMICS, work, move || read.load(Ordering::Relaxed))
}

/// A histogram and a counter by method, route and status, and what is in flight until the head.
#[derive(Clone)]
struct Prometheus {
    duration: HistogramVec,
    requests: IntCounterVec,
    active: IntGauge,
}

impl Record for Prometheus {
    type Started = (Method, Option<MatchedPath>);

    fn start<B>(&self, request: &Request<B>) -> Self::Started {
        self.active.inc();
        (request.method().clone(), request.extensions().get().cloned())
    }

    fn end(&self, (method, route): &Self::Started, status: u16, seconds: f64) {
        let mut digits = [b'0'; 3];
        let mut rest = status;
        for digit in digits.iter_mut().rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        let labels = [
            method.as_str(),
            route.as_ref().map_or("", MatchedPath::as_str),
            std::str::from_utf8(&digits).unwrap_or_default(),
        ];
        self.duration.with_label_values(&labels).observe(seconds);
        self.requests.with_label_values(&labels).inc();
        self.active.dec();
    }
}

/// As many write it. What leaves before the head stays in flight for ever.
pub(crate) fn prometheus() -> Row {
    let labels = ["method", "route", "status"];
    let duration = HistogramOpts::new("duration_seconds", "Duration.").buckets(BOUNDS.to_vec());
    let record = Prometheus {
        duration: HistogramVec::new(duration, &labels).expect("it is right"),
        requests: IntCounterVec::new(Opts::new("requests_total", "Requests."), &labels).expect("it is right"),
        active: IntGauge::new("active", "Active.").expect("it is right"),
    };
    let read = record.clone();
    let work = move |requests| {
        exchange(&mut Recorded { inner: service_fn(answer), record: record.clone() }, requests);
    };
    Row::new(PROMETHEUS, work, move || counted(&read))
}

fn counted(record: &Prometheus) -> u64 {
    use prometheus::core::Collector;
    let families = record.requests.collect();
    let count =
        families.iter().flat_map(|family| family.get_metric()).map(|row| row.get_counter().get_value() as u64).sum();
    if record.active.get() == 0 { count } else { 0 }
}
