//! What do the tests of the layer share? A body by script, and the books of a registry.
#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::ready;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use metrics_core::{LabelValue, Registry};
use metrics_tower::HttpMetrics;
use tower::{Layer, ServiceExt, service_fn};

/// What a scripted body does at one poll.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Data(&'static str),
    Trailers(&'static [(&'static str, &'static str)]),
    Error,
    /// From here on nothing comes any more.
    Pending,
    Panic,
}

/// A body that does what it is told, and says how long it is only if told to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    exact: Option<u64>,
    tells_end: bool,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), ..Self::default() }
    }

    pub(crate) fn exact(mut self, length: u64) -> Self {
        self.exact = Some(length);
        self
    }

    pub(crate) fn telling_its_end(mut self) -> Self {
        self.tells_end = true;
        self
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        match self.steps.pop_front() {
            None => Poll::Ready(None),
            Some(Step::Data(text)) => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(text.as_bytes()))))),
            Some(Step::Trailers(trailers)) => {
                let pairs = trailers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
                Poll::Ready(Some(Ok(Frame::trailers(pairs.collect::<HeaderMap>()))))
            }
            Some(Step::Error) => Poll::Ready(Some(Err("the script says so"))),
            Some(Step::Pending) => {
                self.steps.push_front(Step::Pending);
                Poll::Pending
            }
            Some(Step::Panic) => panic!("the script says so"),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.tells_end && self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.exact.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// What a layer may attach to a request.
#[derive(Clone, Copy)]
pub(crate) enum Plan {
    Free,
    Paid,
}

impl LabelValue for Plan {
    const VALUES: &'static [&'static str] = &["free", "paid"];
    fn index(self) -> usize {
        self as usize
    }
}

/// Labels of a request: method, route, status, error type; empty ones are absent.
pub(crate) fn labels<'a>(
    method: &'a str,
    route: &'a str,
    status: &'a str,
    error: &'a str,
) -> Vec<(&'static str, &'a str)> {
    let all = [
        ("http_request_method", method),
        ("http_route", route),
        ("http_response_status_code", status),
        ("error_type", error),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// How often a request ended like this; the counter and the histogram must agree.
pub(crate) fn ended(registry: &Registry, labels: &[(&str, &str)]) -> f64 {
    let count = registry.sample("http_server_requests_total", labels).unwrap_or(0.0);
    let observed = registry.sample("http_server_request_duration_seconds_count", labels).unwrap_or(0.0);
    assert_eq!(count, observed, "counter and histogram of {labels:?}");
    count
}

/// All ends, however labelled.
pub(crate) fn all_ended(registry: &Registry) -> f64 {
    sum(registry, "http_server_requests_total")
}

/// How many requests are in flight.
pub(crate) fn active(registry: &Registry) -> f64 {
    sum(registry, "http_server_active_requests")
}

/// The sum over all series of a metric.
pub(crate) fn sum(registry: &Registry, name: &str) -> f64 {
    let text = registry.encode_text();
    let rows = text.lines().filter(|line| line.starts_with(name) && !line[name.len()..].starts_with('_'));
    rows.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

/// One request has ended, like this, and nothing is in flight.
#[track_caller]
pub(crate) fn assert_only(registry: &Registry, labels: &[(&str, &str)]) {
    let text = registry.encode_text();
    assert_eq!(ended(registry, labels), 1.0, "{labels:?} in\n{text}");
    assert_eq!(all_ended(registry), 1.0, "ends in\n{text}");
    assert_eq!(active(registry), 0.0, "in flight in\n{text}");
}

/// Waits until it is so, and says what is recorded if it never is.
pub(crate) async fn until(registry: &Registry, what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !so() {
        assert!(Instant::now() < deadline, "never {what}:\n{}", registry.encode_text());
        tokio::task::yield_now().await;
    }
}

/// A request for this path.
pub(crate) fn get(path: &str) -> Request<()> {
    Request::get(path).body(()).unwrap()
}

/// Sends a request through a layer; the answer is `response`, read to its end.
pub(crate) async fn send(
    metrics: &HttpMetrics,
    registry: &Registry,
    request: Request<()>,
    response: Response<&'static str>,
) {
    let mut response = Some(response.map(|text| Full::new(text.as_bytes())));
    let answer = service_fn(move |_: Request<()>| ready(Ok::<_, Infallible>(response.take().unwrap())));
    let response = metrics.layer(registry).unwrap().layer(answer).oneshot(request).await.unwrap();
    response.into_body().collect().await.unwrap();
}

/// An answer of four bytes.
pub(crate) fn ok() -> Response<&'static str> {
    Response::new("text")
}
