//! Does the endpoint answer scrapes as it should?

mod common;

use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use metrics_core::{Counter, Descriptor, DynamicFamily, MetricType, Registry};
use metrics_tower::MetricsEndpoint;
use metrics_tower::endpoint::{MetricsBody, ScrapeError};
use tower::ServiceExt;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

/// A registry with this many series.
fn registry(series: u32) -> Registry {
    let registry = Registry::new();
    let mut descriptor = Descriptor::new(MetricType::Counter, "jobs_total", "Jobs done.");
    descriptor.add_label("task");
    descriptor.max_series = Some(series.max(1));
    let jobs: DynamicFamily<Counter> = registry.register_dynamic(descriptor).unwrap();
    for job in 0..series {
        jobs.with(&[Some(&format!("a job with quite a long name, number {job}"))]).add(job.into());
    }
    registry
}

async fn send(endpoint: &MetricsEndpoint, request: http::request::Builder) -> Response<MetricsBody> {
    endpoint.clone().oneshot(request.body(()).unwrap()).await.unwrap()
}

async fn get(endpoint: &MetricsEndpoint, headers: &[(&str, &str)]) -> Response<MetricsBody> {
    let request = headers.iter().fold(Request::get("/metrics"), |request, (name, value)| request.header(*name, *value));
    send(endpoint, request).await
}

async fn bytes(response: Response<MetricsBody>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

async fn text(response: Response<MetricsBody>) -> String {
    String::from_utf8(bytes(response).await.into()).unwrap()
}

fn poll(body: &mut MetricsBody) -> Poll<Option<Result<Bytes, ScrapeError>>> {
    let frame = Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()));
    frame.map(|frame| frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())))
}

/// The next piece, however often the worker is given back before.
fn next(body: &mut MetricsBody) -> Option<Result<Bytes, ScrapeError>> {
    loop {
        if let Poll::Ready(piece) = poll(body) {
            return piece;
        }
    }
}

#[tokio::test]
async fn a_small_answer_has_its_length_and_its_content_type() {
    let registry = registry(1);
    let response = get(&MetricsEndpoint::new(&registry), &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], TEXT);
    assert_eq!(response.headers()["vary"], "Accept, Accept-Encoding");
    assert_eq!(response.body().size_hint().exact(), Some(registry.encode_text().len() as u64));
    assert_eq!(text(response).await, registry.encode_text());
}

#[tokio::test]
async fn the_format_is_the_one_that_is_asked_for() {
    let endpoint = MetricsEndpoint::new(&registry(1));
    let response = get(&endpoint, &[("accept", "text/plain;q=0.5"), ("accept", "application/openmetrics-text")]).await;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores";
    assert_eq!(response.headers()["content-type"], content_type);
    assert!(text(response).await.ends_with("# EOF\n"));
}

#[tokio::test]
async fn a_large_answer_comes_in_pieces_and_the_worker_is_given_back_between_them() {
    let registry = registry(20_000);
    let mut body = get(&MetricsEndpoint::new(&registry), &[]).await.into_body();
    let (mut sent, mut pieces) = (Vec::new(), 0);
    loop {
        match poll(&mut body) {
            Poll::Ready(Some(piece)) => {
                let piece = piece.unwrap();
                assert!(piece.len() <= 80 << 10, "a piece of {} bytes", piece.len());
                sent.extend(piece);
                pieces += 1;
            }
            Poll::Ready(None) => break,
            Poll::Pending => continue,
        }
        if !body.is_end_stream() {
            assert!(poll(&mut body).is_pending(), "two pieces without giving the worker back");
        }
    }
    assert!(pieces > 10);
    assert_eq!(String::from_utf8(sent).unwrap(), registry.encode_text());
}

#[tokio::test]
async fn gzip_is_used_where_it_is_asked_for_and_pays() {
    for series in [100, 20_000] {
        let registry = registry(series);
        let response = get(&MetricsEndpoint::new(&registry), &[("accept-encoding", "gzip")]).await;
        assert_eq!(response.headers()["content-encoding"], "gzip");
        let packed = bytes(response).await;
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&*packed).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, registry.encode_text());
        assert!(packed.len() * 5 < unpacked.len());
    }
    let registry = registry(1);
    let sized =
        async |endpoint: MetricsEndpoint| bytes(get(&endpoint, &[("accept-encoding", "gzip")]).await).await.len();
    let large = MetricsEndpoint::new(&self::registry(20_000));
    assert!(sized(large.clone().with_gzip_level(9)).await < sized(large).await);
    let plain = [
        get(&MetricsEndpoint::new(&registry), &[("accept-encoding", "gzip")]).await,
        get(&MetricsEndpoint::new(&common_sized()).with_gzip(false), &[("accept-encoding", "gzip")]).await,
        get(&MetricsEndpoint::new(&common_sized()), &[("accept-encoding", "identity")]).await,
    ];
    for response in plain {
        assert!(!response.headers().contains_key("content-encoding"));
        assert!(text(response).await.starts_with("# HELP jobs_total"));
    }
}

fn common_sized() -> Registry {
    registry(100)
}

#[tokio::test]
async fn families_are_chosen_by_name() {
    let registry = registry(3);
    registry.register::<Counter>(Descriptor::new(MetricType::Counter, "other_total", "Other.")).unwrap();
    let endpoint = MetricsEndpoint::new(&registry);
    let chosen = text(send(&endpoint, Request::get("/metrics?name[]=other_total&debug=1")).await).await;
    assert_eq!(chosen, "# HELP other_total Other.\n# TYPE other_total counter\nother_total 0\n");
    let wrong = send(&endpoint, Request::get("/metrics?name%5b%5d=%zz")).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    assert!(text(wrong).await.starts_with("`%zz` in the query is no name"));
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let endpoint = MetricsEndpoint::new(&registry(1));
    let response = send(&endpoint, Request::head("/metrics")).await;
    assert_eq!((response.status(), response.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, TEXT));
    assert_eq!(text(response).await, "");
    for method in ["GET", "HEAD"] {
        let request = Request::builder().method(method).uri("/metrics?name[]=%zz");
        assert_eq!(send(&endpoint, request).await.status(), StatusCode::BAD_REQUEST, "{method}");
    }
}

#[tokio::test]
async fn other_methods_are_told_which_ones_there_are() {
    let endpoint = MetricsEndpoint::new(&registry(1));
    let response = send(&endpoint, Request::post("/metrics")).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "GET, HEAD");
    assert_eq!(text(response).await, "POST is not allowed here: metrics are read with GET or HEAD.\n");
}

#[tokio::test]
async fn one_scrape_too_many_is_refused_until_another_has_ended() {
    let endpoint = MetricsEndpoint::new(&registry(20_000)).with_max_scrapes(2);
    let held = [get(&endpoint, &[]).await, get(&endpoint, &[]).await];
    let refused = get(&endpoint, &[]).await;
    assert_eq!(
        (refused.status(), &refused.headers()["retry-after"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap())
    );
    let told = "Too many scrapes at once: 2 are running, which is the limit of this endpoint. Try again later, scrape less \
                often, or raise the limit.\n";
    assert_eq!(text(refused).await, told);
    drop(held);
    assert_eq!(get(&endpoint, &[]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_reader_that_stops_reading_loses_its_place() {
    let patience = Duration::from_millis(20);
    let endpoint = MetricsEndpoint::new(&registry(20_000)).with_max_scrapes(1).with_reader_timeout(patience);
    let mut stalled = get(&endpoint, &[]).await.into_body();
    let successor = loop {
        let response = get(&endpoint, &[]).await;
        if response.status() == StatusCode::OK {
            break response;
        }
    };
    assert_eq!(next(&mut stalled), Some(Err(ScrapeError::Stalled(patience))));
    assert_eq!(next(&mut stalled), None);
    drop(successor);
}

#[tokio::test]
async fn slow_readers_that_never_stop_give_a_place_up_to_another_scrape() {
    let tenure = Duration::from_millis(200);
    let endpoint = MetricsEndpoint::new(&registry(20_000)).with_max_scrapes(2).with_place_timeout(tenure);
    let begun = std::time::Instant::now();
    let mut slow = Vec::new();
    for _ in 0..2 {
        slow.push(get(&endpoint, &[]).await.into_body());
    }
    let (mut refused, mut taken) = (0, 0);
    let successor = loop {
        let response = get(&endpoint, &[]).await;
        if response.status() == StatusCode::OK {
            break response;
        }
        refused += 1;
        // A piece now and then: fewer than there are, and never silent.
        if begun.elapsed() > tenure / 8 * (taken + 1) {
            slow.iter_mut().for_each(|body| assert!(next(body).unwrap().is_ok()));
            taken += 1;
        }
    };
    assert!(begun.elapsed() > tenure && refused > 0, "a scrape was cut off after {:?}", begun.elapsed());
    let error = next(&mut slow[0]).unwrap().unwrap_err();
    assert!(matches!(error, ScrapeError::Displaced(age) if age > tenure), "{error:?}");
    assert!(error.to_string().ends_with(
        ": as many run as may, and another one waited; read faster, or raise the endpoint's limit of scrapes or its place timeout"
    ));
    assert_eq!(next(&mut slow[0]), None);
    assert!(next(&mut slow[1]).unwrap().is_ok(), "one was enough");
    assert!(bytes(successor).await.len() > 1_000_000);
}

#[tokio::test]
async fn a_scrape_may_take_long_while_nobody_else_wants_its_place() {
    let registry = registry(20_000);
    let endpoint = MetricsEndpoint::new(&registry).with_max_scrapes(2).with_place_timeout(Duration::ZERO);
    let slow = get(&endpoint, &[]).await;
    drop(get(&endpoint, &[]).await);
    drop(get(&endpoint, &[]).await);
    assert_eq!(bytes(slow).await.len(), registry.encode_text().len());
}

#[tokio::test]
async fn a_stalled_scrape_ends_with_an_error_that_says_why() {
    let patience = Duration::from_nanos(1);
    let endpoint = MetricsEndpoint::new(&registry(20_000)).with_reader_timeout(patience);
    let error = get(&endpoint, &[]).await.into_body().collect().await.unwrap_err();
    assert_eq!(error, ScrapeError::Stalled(patience));
    let told =
        "the scrape was given up: its reader took no data for 1ns; read faster, or raise the endpoint's reader timeout";
    assert_eq!(error.to_string(), told);
}

#[tokio::test]
async fn a_scrape_ends_when_the_scraper_no_longer_waits() {
    let registry = registry(20_000);
    let (endpoint, short) = (MetricsEndpoint::new(&registry), ("x-prometheus-scrape-timeout-seconds", "0.000001"));
    let error = get(&endpoint, &[short]).await.into_body().collect().await.unwrap_err();
    assert_eq!(error, ScrapeError::TimedOut(Duration::from_micros(1)));
    assert!(error.to_string().starts_with("the scrape was given up after 1µs: it was not finished in time"));

    for odd in ["0", "-1", "NaN", "soon", "1e300"] {
        let whole = get(&endpoint, &[("x-prometheus-scrape-timeout-seconds", odd)]).await;
        assert_eq!(text(whole).await.len(), registry.encode_text().len(), "{odd}");
    }
    let limited = endpoint.with_timeout(Duration::from_nanos(1));
    get(&limited, &[("x-prometheus-scrape-timeout-seconds", "60")]).await.into_body().collect().await.unwrap_err();
}

/// A registry with gauges `a`, `b` and `c`, each of which takes this long to tell.
fn slow(takes: Duration, told: impl Fn() + Clone + Send + Sync + 'static) -> Registry {
    let registry = Registry::new();
    for name in ["a", "b", "c"] {
        let told = told.clone();
        let slow = move || {
            told();
            let started = std::time::Instant::now();
            while started.elapsed() < takes {}
            1.0
        };
        registry.register_callback_gauge(Descriptor::new(MetricType::Gauge, name, "Slow."), slow).unwrap();
    }
    registry
}

#[tokio::test]
async fn a_reader_is_not_blamed_for_what_a_collector_takes() {
    let patience = Duration::from_millis(100);
    let endpoint = MetricsEndpoint::new(&slow(patience * 2, || {})).with_max_scrapes(1).with_reader_timeout(patience);
    assert!(text(get(&endpoint, &[]).await).await.ends_with("c 1\n"));
}

#[tokio::test]
async fn a_scrape_that_took_the_scraper_s_time_has_timed_out_even_if_its_reader_stopped_too() {
    let endpoint = MetricsEndpoint::new(&registry(20_000)).with_reader_timeout(Duration::from_nanos(1));
    let short = ("x-prometheus-scrape-timeout-seconds", "0.000001");
    let error = get(&endpoint, &[short]).await.into_body().collect().await.unwrap_err();
    assert_eq!(error, ScrapeError::TimedOut(Duration::from_micros(1)));
}

#[tokio::test]
async fn a_scrape_ends_behind_the_collector_that_took_the_scraper_s_time() {
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = asked.clone();
    let registry = slow(Duration::from_millis(20), move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    });
    let endpoint = MetricsEndpoint::new(&registry);
    let short = ("x-prometheus-scrape-timeout-seconds", "0.01");
    let error = get(&endpoint, &[short]).await.into_body().collect().await.unwrap_err();
    assert_eq!(error, ScrapeError::TimedOut(Duration::from_millis(10)));
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 1);
    assert!(text(get(&endpoint, &[]).await).await.ends_with("c 1\n"), "without a limit it comes to its end");
}

#[tokio::test]
async fn created_samples_are_written_where_they_are_wanted() {
    let endpoint = MetricsEndpoint::new(&registry(1));
    let openmetrics = ("accept", "application/openmetrics-text;version=1.0.0");
    assert!(!text(get(&endpoint, &[openmetrics]).await).await.contains("_created"));
    let endpoint = endpoint.with_created_samples();
    assert!(text(get(&endpoint, &[openmetrics]).await).await.contains("\njobs_created{task="));
    assert!(!text(get(&endpoint, &[]).await).await.contains("_created"), "text 0.0.4 has no such samples");
}

#[tokio::test]
async fn self_metrics_tell_how_scrapes_ended() {
    let registry = registry(20_000);
    let endpoint = MetricsEndpoint::new(&registry).with_max_scrapes(1).with_self_metrics().unwrap();
    let ended = |outcome: &str| registry.sample("metrics_endpoint_scrapes_total", &[("outcome", outcome)]).unwrap();
    assert_eq!(["complete", "refused", "stalled", "timed_out", "dropped"].map(ended), [0.0; 5]);
    get(&endpoint, &[]).await.into_body().collect().await.unwrap();
    let held = get(&endpoint, &[]).await;
    assert_eq!(get(&endpoint, &[]).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    drop(held);
    let short = ("x-prometheus-scrape-timeout-seconds", "0.000001");
    get(&endpoint, &[short]).await.into_body().collect().await.unwrap_err();
    let stalled = endpoint.clone().with_reader_timeout(Duration::from_nanos(1));
    get(&stalled, &[]).await.into_body().collect().await.unwrap_err();
    let hasty = endpoint.clone().with_place_timeout(Duration::ZERO);
    let displaced = get(&hasty, &[]).await;
    drop(get(&hasty, &[]).await);
    displaced.into_body().collect().await.unwrap_err();
    send(&endpoint, Request::get("/metrics?name[]=other")).await;
    let outcomes = ["complete", "refused", "stalled", "timed_out", "dropped", "displaced"];
    assert_eq!(outcomes.map(ended), [2.0, 1.0, 1.0, 1.0, 2.0, 1.0]);
    assert_eq!(registry.sample("metrics_endpoint_scrape_duration_seconds_count", &[]), Some(7.0));
    assert_eq!(registry.sample("metrics_endpoint_scrape_size_bytes_count", &[]), Some(7.0));
    // All of it, one first piece, and nothing three times.
    let size = registry.sample("metrics_endpoint_scrape_size_bytes_sum", &[]).unwrap();
    assert!(size > 1e6 && size < registry.encode_text().len() as f64, "{size}");
    assert!(registry.sample("metrics_left_out_rows_total", &[]).is_some());
    MetricsEndpoint::new(&registry).with_self_metrics().unwrap();
}
