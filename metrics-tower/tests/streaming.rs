//! What does a scrape cost the service in memory, and what does a reader that stops reading hold?
//!
//! The first test prints how much memory the scrapes needed. For a million series, which wants a release build:
//!
//! ```text
//! STREAMING_SERIES=1000000 cargo test --release -p metrics-tower --test streaming -- --nocapture extra_memory
//! ```

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::Pin;
use std::sync::{OnceLock, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use metrics_core::descriptor::NativeDeclaration;
use metrics_core::{Counter, Descriptor, DynamicFamily, Histogram, MetricType, Registry};
use metrics_tower::MetricsEndpoint;
use metrics_tower::endpoint::{MetricsBody, ScrapeError};
use tower::Service;

const MEGABYTE: isize = 1_000_000;
/// A piece, and what it may run over.
const PIECE: isize = 80 << 10;
const TEXT: &str = "text/plain;version=0.0.4";
const FORMATS: [&str; 5] = [
    TEXT,
    "text/plain;version=1.0.0;escaping=allow-utf-8",
    "application/openmetrics-text;version=1.0.0",
    "application/openmetrics-text;version=2.0.0",
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
];

/// Counts the bytes that this thread holds, and the most that it held. What one thread takes and another gives back
/// is counted wrongly: a test that measures does all of it on its own thread.
struct Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    LIVE.set(LIVE.get() + bytes);
    PEAK.set(PEAK.get().max(LIVE.get()));
}

// SAFETY: everything is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How many bytes more than before were held at most while this was done.
fn extra<T>(work: impl FnOnce() -> T) -> (isize, T) {
    let before = LIVE.get();
    PEAK.set(before);
    let done = work();
    (PEAK.get() - before, done)
}

fn series() -> u32 {
    let told = std::env::var("STREAMING_SERIES").ok();
    told.map_or(200_000, |told| told.parse().expect("STREAMING_SERIES is a number of series"))
}

/// The counters of a service with many routes, and some histograms. Shared: it takes longest of all.
fn large() -> &'static Registry {
    static LARGE: OnceLock<Registry> = OnceLock::new();
    LARGE.get_or_init(|| {
        let registry = Registry::new();
        fill(&registry, series());
        histograms(&registry, 2000);
        registry
    })
}

fn fill(registry: &Registry, series: u32) -> DynamicFamily<Counter> {
    let mut descriptor = Descriptor::new(MetricType::Counter, "requests_total", "Requests.");
    descriptor.add_label("method").add_label("route").add_label("code");
    descriptor.max_series = Some(series + 1000);
    let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor).unwrap();
    for number in 0..series {
        request(&family, number);
    }
    family
}

fn request(family: &DynamicFamily<Counter>, number: u32) {
    let (method, route, code) = (format!("M{}", number % 5), format!("/route/{}", number / 50), number / 5 % 10 + 200);
    family.with(&[Some(&method), Some(&route), Some(&code.to_string())]).add(number.into());
}

fn histograms(registry: &Registry, series: u32) {
    let mut descriptor = Descriptor::new(MetricType::Histogram, "sizes", "Sizes.");
    descriptor.native = Some(NativeDeclaration::DEFAULT);
    descriptor.add_label("route");
    let family: DynamicFamily<Histogram> = registry.register_dynamic(descriptor).unwrap();
    for number in 0..series {
        let sizes = family.with(&[Some(&format!("/route/{number}"))]);
        (0..20).for_each(|power| sizes.observe(f64::from(number + 1) / f64::from(1 << power)));
    }
}

fn scrape(endpoint: &MetricsEndpoint, accept: &str, encoding: &str) -> Response<MetricsBody> {
    let request = Request::get("/metrics").header("accept", accept).header("accept-encoding", encoding);
    endpoint.clone().call(request.body(()).unwrap()).into_inner().unwrap()
}

/// Whether the answer has the format that was asked for, and not another for want of it.
fn is_what_was_asked_for(answer: &Response<MetricsBody>, accept: &str) -> bool {
    let format = |text: &str| text.split(';').take(2).map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    format(answer.headers()["content-type"].to_str().unwrap()) == format(accept)
}

/// The next piece, however often the worker is given back before.
fn next(body: &mut MetricsBody) -> Option<Result<Bytes, ScrapeError>> {
    loop {
        let frame = Pin::new(&mut *body).poll_frame(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(frame) = frame {
            return frame.map(|frame| frame.map(|frame| frame.into_data().unwrap()));
        }
    }
}

/// Reads to the end and keeps nothing: how many bytes and rows it was.
fn drain(body: &mut MetricsBody) -> (usize, usize) {
    let (mut bytes, mut rows) = (0, 0);
    while let Some(piece) = next(body) {
        let piece = piece.unwrap();
        bytes += piece.len();
        rows += piece.iter().filter(|&&byte| byte == b'\n').count();
    }
    (bytes, rows)
}

#[test]
fn the_extra_memory_of_a_scrape_is_below_a_megabyte_in_every_format() {
    let endpoint = MetricsEndpoint::new(large());
    for accept in FORMATS {
        assert!(is_what_was_asked_for(&scrape(&endpoint, accept, "identity"), accept), "{accept}");
        for encoding in ["identity", "gzip"] {
            let (held, (bytes, _)) = extra(|| drain(&mut scrape(&endpoint, accept, encoding).into_body()));
            println!("{} series, {encoding:8} {held:7} B extra, {bytes:9} B sent  {accept}", series());
            assert!(held < MEGABYTE, "{held} bytes for {accept}, {encoding}");
            // Less would say nothing: the answer itself would fit.
            let least = if encoding == "gzip" { 500_000 } else { 5 * MEGABYTE as usize };
            assert!(bytes > least, "only {bytes} bytes of {accept}, {encoding}");
        }
    }
}

#[test]
fn an_answer_that_is_kept_whole_would_be_noticed() {
    let endpoint = MetricsEndpoint::new(large());
    let (held, _) = extra(|| {
        let mut body = scrape(&endpoint, TEXT, "identity").into_body();
        std::iter::from_fn(|| next(&mut body)).collect::<Vec<_>>()
    });
    assert!(held > 5 * MEGABYTE, "only {held} bytes");
}

#[test]
fn a_reader_that_stops_reading_holds_at_most_one_piece() {
    // Whatever is made once, at the first scrape, is made.
    drain(&mut scrape(&MetricsEndpoint::new(large()), TEXT, "identity").into_body());
    let endpoint = MetricsEndpoint::new(large());
    for accept in FORMATS {
        for pieces_read in [0, 1, 5] {
            let before = LIVE.get();
            let mut stalled = scrape(&endpoint, accept, "identity").into_body();
            (0..pieces_read).for_each(|_| drop(next(&mut stalled).unwrap().unwrap()));
            let held = LIVE.get() - before;
            assert!(held <= PIECE + PIECE / 8, "{held} bytes after {pieces_read} pieces of {accept}");
        }
    }
}

#[test]
fn a_reader_that_stops_reading_keeps_nobody_from_registering_recording_and_removing() {
    let registry = Registry::new();
    let family = fill(&registry, 20_000);
    let mut stalled = scrape(&MetricsEndpoint::new(&registry), TEXT, "identity").into_body();
    next(&mut stalled).unwrap().unwrap();
    let (done, finished) = mpsc::channel();
    let worker = std::thread::spawn({
        let registry = registry.clone();
        move || {
            (20_000..20_500).for_each(|number| request(&family, number));
            assert!(family.remove(&[Some("M0"), Some("/route/400"), Some("200")]));
            let late = Descriptor::new(MetricType::Counter, "zz_late_total", "Registered during a scrape.");
            registry.register::<Counter>(late).unwrap().inc();
            done.send(registry.encode_text().lines().count()).unwrap();
        }
    });
    // Two lines of metadata for either family; one series has gone again.
    let lines = finished.recv_timeout(Duration::from_secs(30)).expect("somebody waits for the stalled reader");
    assert_eq!(lines, 2 + 20_499 + 3);
    worker.join().unwrap();
    let (_, rest) = drain(&mut stalled);
    assert!(rest > 10_000 && rest < 20_000, "{rest} lines: only what there was when the scrape began");
}

#[test]
fn the_place_of_a_reader_that_stops_reading_expires_and_its_answer_ends_with_an_error() {
    let patience = Duration::from_millis(50);
    let endpoint = MetricsEndpoint::new(large()).with_max_scrapes(1).with_reader_timeout(patience);
    let mut stalled = scrape(&endpoint, TEXT, "gzip").into_body();
    let deadline = Instant::now() + Duration::from_secs(30);
    let successor = loop {
        assert!(Instant::now() < deadline, "the place is never free again");
        let answer = scrape(&endpoint, TEXT, "gzip");
        if answer.status() == StatusCode::OK {
            break answer;
        }
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    };
    let (given_back, end) = {
        let before = LIVE.get();
        let end = next(&mut stalled);
        (before - LIVE.get(), end)
    };
    assert_eq!(end, Some(Err(ScrapeError::Stalled(patience))));
    assert!(given_back > PIECE / 2, "only {given_back} bytes were given back");
    assert_eq!(next(&mut stalled), None);
    drop(successor);
}
