//! Does a configuration record what it says, under the names it says?

mod common;

use std::convert::Infallible;
use std::future::ready;
use std::time::Duration;

use common::{Plan, active, all_ended, ended, get, labels, ok, send, sum};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use metrics_core::descriptor::{AutoscaleTarget, Combine, Descriptor, NativeDeclaration, ObjectiveBound};
use metrics_core::{LabelValues, Registry};
use metrics_tower::HttpMetrics;
use metrics_tower::http::Slo;
use tower::{Layer, ServiceExt, service_fn};

fn describe(metrics: &HttpMetrics) -> Vec<Descriptor> {
    let mut all = Vec::new();
    metrics.describe(&mut |descriptor| all.push(descriptor));
    all
}

#[test]
fn what_is_described_is_exactly_what_is_registered() {
    let all = HttpMetrics::server()
        .with_prefix("shop")
        .with_body_sizes()
        .with_grpc_status()
        .with_scheme()
        .with_protocol_version()
        .with_request_label::<Plan>("plan")
        .with_slo(Slo::availability("up", 0.999, Duration::from_secs(86_400)))
        .with_autoscale_busy(10.0)
        .with_max_series(50);
    let presets =
        [HttpMetrics::server(), HttpMetrics::client(), HttpMetrics::axum_prometheus(), HttpMetrics::classic()];
    for metrics in presets.into_iter().chain([all, HttpMetrics::server().with_requests_total(false)]) {
        let registry = Registry::new();
        let _layer = metrics.layer(&registry).unwrap();
        let mut described = describe(&metrics);
        described.sort_by(|one, other| one.name.cmp(&other.name));
        let known = |descriptor: Descriptor| (descriptor.name, descriptor.kind, descriptor.help, descriptor.labels);
        let registered: Vec<_> = registry.descriptors().into_iter().map(known).collect();
        assert_eq!(described.into_iter().map(known).collect::<Vec<_>>(), registered);
    }
}

#[test]
fn layers_of_one_configuration_share_their_metrics_and_others_are_told_why_not() {
    let registry = Registry::new();
    let _first = HttpMetrics::server().layer(&registry).unwrap();
    let _second = HttpMetrics::server().layer(&registry).unwrap();
    let error = HttpMetrics::server().with_buckets(&[1.0, 2.0][..]).layer(&registry).unwrap_err().to_string();
    assert!(error.contains("http_server_request_duration_seconds"), "{error}");
    let _prefixed = HttpMetrics::server().with_prefix("other").with_buckets(vec![1.0, 2.0]).layer(&registry).unwrap();
}

#[tokio::test]
async fn presets_have_the_names_of_those_they_stand_for() {
    let request = || {
        let mut request = get("/orders");
        *request.method_mut() = Method::PUT;
        request
    };
    let route = |metrics: HttpMetrics| metrics.with_group("/orders", "/orders");
    let registry = Registry::new();
    send(&route(HttpMetrics::axum_prometheus()), &registry, request(), ok()).await;
    let labels = [("method", "PUT"), ("exported_endpoint", "/orders"), ("status", "200")];
    assert_eq!(registry.sample("axum_http_requests_total", &labels), Some(1.0));
    assert_eq!(registry.sample("axum_http_requests_duration_seconds_count", &labels), Some(1.0));
    assert_eq!(registry.sample("axum_http_requests_pending", &labels[..2]), Some(0.0));

    let registry = Registry::new();
    send(&route(HttpMetrics::classic()), &registry, request(), ok()).await;
    let labels = [("code", "200"), ("method", "PUT"), ("handler", "/orders")];
    assert_eq!(registry.sample("http_requests_total", &labels), Some(1.0));
    assert_eq!(registry.sample("http_request_duration_seconds_count", &labels), Some(1.0));
    assert_eq!(registry.sample("http_requests_in_flight", &[("method", "PUT")]), Some(0.0));
    assert!(registry.encode_text().contains("http_requests_total{code=\"200\",method=\"PUT\",handler=\"/orders\"} 1"));
}

#[tokio::test]
async fn outgoing_requests_are_told_by_server_and_fail_with_4xx() {
    let registry = Registry::new();
    let refused = Response::builder().status(404).body("no").unwrap();
    send(&HttpMetrics::client(), &registry, get("http://api.example:8080/orders/1"), refused).await;
    let labels = [
        ("http_request_method", "GET"),
        ("server_address", "api.example"),
        ("http_response_status_code", "404"),
        ("error_type", "404"),
    ];
    assert_eq!(registry.sample("http_client_request_duration_seconds_count", &labels), Some(1.0));
    assert_eq!(registry.sample("http_client_requests_total", &labels), Some(1.0));
    assert_eq!(registry.sample("http_client_active_requests", &labels[..2]), Some(0.0));
}

#[tokio::test]
async fn servers_beyond_the_cap_overflow_and_keep_their_status() {
    let registry = Registry::new();
    let metrics = HttpMetrics::client().with_max_series(10);
    for host in 0..2000 {
        send(&metrics, &registry, get(&format!("http://host-{host}.example/")), ok()).await;
    }
    let overflow =
        [("http_request_method", "GET"), ("server_address", "_overflow"), ("http_response_status_code", "200")];
    assert_eq!(registry.sample("http_client_requests_total", &overflow), Some(1990.0));
    assert_eq!(sum(&registry, "http_client_requests_total"), 2000.0);
    assert_eq!(sum(&registry, "http_client_active_requests"), 0.0);
    assert!(registry.encode_text().len() < 40_000);
}

#[tokio::test]
async fn beyond_the_cap_comes_one_series_for_each_combination_of_the_other_labels() {
    let registry = Registry::new();
    let metrics = HttpMetrics::server().with_route(|head| Some(head.uri.path().into())).with_max_series(10);
    for number in 0..200 {
        for (method, status) in [(Method::GET, 200), (Method::GET, 500), (Method::POST, 200)] {
            let mut request = get(&format!("/{number}"));
            *request.method_mut() = method;
            send(&metrics, &registry, request, Response::builder().status(status).body("text").unwrap()).await;
        }
    }
    let text = registry.encode_text();
    let series = text.lines().filter(|line| line.starts_with("http_server_requests_total{"));
    let (beyond, within): (Vec<_>, Vec<_>) = series.partition(|line| line.contains("http_route=\"_overflow\""));
    assert_eq!((within.len(), beyond.len()), (10, 3), "{text}");
    assert_eq!(all_ended(&registry), 600.0);
}

#[tokio::test]
async fn a_route_function_names_routes_and_none_leaves_them_out() {
    let registry = Registry::new();
    let metrics =
        HttpMetrics::server().with_route(|head| head.uri.path().strip_prefix("/v1").map(|_| "/v1/{rest}".into()));
    send(&metrics, &registry, get("/v1/orders"), ok()).await;
    send(&metrics, &registry, get("/v2/orders"), ok()).await;
    assert_eq!(ended(&registry, &labels("GET", "/v1/{rest}", "200", "")), 1.0);
    assert_eq!(ended(&registry, &labels("GET", "", "200", "")), 1.0);
}

#[tokio::test]
async fn a_service_without_a_router_gets_routes_by_groups() {
    let registry = Registry::new();
    let metrics = HttpMetrics::server().with_group("/static/*", "/static/{file}");
    send(&metrics, &registry, get("/static/a.css"), ok()).await;
    send(&metrics, &registry, get("/static/b.css"), ok()).await;
    send(&metrics, &registry, get("/metrics"), ok()).await;
    assert_eq!(ended(&registry, &labels("GET", "/static/{file}", "200", "")), 2.0);
    assert_eq!(all_ended(&registry), 2.0);
}

#[tokio::test]
async fn the_duration_is_a_classic_histogram_a_native_one_or_both() {
    let native = NativeDeclaration::DEFAULT;
    let cases = [
        (HttpMetrics::server(), None, true),
        (HttpMetrics::server().with_native(native, false), Some(native), false),
        (HttpMetrics::server().with_native(native, true), Some(native), true),
    ];
    for (metrics, native, classic) in cases {
        let registry = Registry::new();
        send(&metrics, &registry, get("/"), ok()).await;
        let duration = &registry.descriptors()[2];
        assert_eq!(duration.name, "http_server_request_duration_seconds");
        assert_eq!((duration.native, duration.classic), (native, classic));
        assert_eq!(ended(&registry, &labels("GET", "", "200", "")), 1.0);
        let buckets = registry.encode_text().matches("http_server_request_duration_seconds_bucket{").count();
        assert_eq!(buckets, if classic { 15 } else { 1 }, "{}", registry.encode_text());
    }
}

#[tokio::test]
async fn body_sizes_are_told_where_they_are_known() {
    let registry = Registry::new();
    let metrics = HttpMetrics::server().with_body_sizes();
    let request = |headers: &[(&'static str, &'static str)]| {
        let mut request = get("/");
        headers.iter().for_each(|(name, value)| drop(request.headers_mut().insert(*name, value.parse().unwrap())));
        request
    };
    send(&metrics, &registry, request(&[("content-length", "1000")]), ok()).await;
    send(&metrics, &registry, request(&[("transfer-encoding", "chunked")]), ok()).await;
    send(&metrics, &registry, request(&[]), ok()).await;
    let labels = labels("GET", "", "200", "");
    let sample = |name: &str| registry.sample(name, &labels).unwrap();
    assert_eq!(sample("http_server_request_body_size_bytes_count"), 2.0);
    assert_eq!(sample("http_server_request_body_size_bytes_sum"), 1000.0);
    assert_eq!(sample("http_server_response_body_size_bytes_count"), 3.0);
    assert_eq!(sample("http_server_response_body_size_bytes_sum"), 12.0);
}

#[tokio::test]
async fn the_duration_may_end_with_the_head_while_the_request_goes_on() {
    let registry = Registry::new();
    let layer = HttpMetrics::server().with_duration_until_head().layer(&registry).unwrap();
    let service =
        layer.layer(service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(Full::new(&b"x"[..]))))));
    let start = std::time::Instant::now();
    let response = service.oneshot(get("/")).await.unwrap();
    let (until_head, head) = (start.elapsed(), std::time::Instant::now());
    assert_eq!(active(&registry), 1.0);
    while head.elapsed() < Duration::from_millis(50) {
        tokio::task::yield_now().await;
    }
    response.into_body().collect().await.unwrap();
    let sum = registry.sample("http_server_request_duration_seconds_sum", &labels("GET", "", "200", "")).unwrap();
    assert!(sum <= until_head.as_secs_f64(), "{sum} s, {until_head:?} until the head");
    assert!(registry.sample("http_server_busy_seconds_total", &[]).unwrap() >= 0.05);
}

#[tokio::test]
async fn objectives_count_from_zero_and_cancelled_requests_in_neither() {
    let registry = Registry::new();
    let window = Duration::from_secs(86_400);
    let metrics = HttpMetrics::server().with_slo(Slo::availability("up", 0.999, window)).with_slo(Slo::latency(
        "fast",
        Duration::ZERO,
        0.99,
        window,
    ));
    let count = |slo: &str| {
        let sample = |name: &str| registry.sample(name, &[("slo", slo)]).unwrap();
        (sample("http_server_slo_events_total"), sample("http_server_slo_bad_events_total"))
    };
    let layer = metrics.layer(&registry).unwrap();
    assert_eq!((count("up"), count("fast")), ((0.0, 0.0), (0.0, 0.0)));
    send(&metrics, &registry, get("/"), ok()).await;
    send(&metrics, &registry, get("/"), Response::builder().status(404).body("no").unwrap()).await;
    send(&metrics, &registry, get("/"), Response::builder().status(500).body("no").unwrap()).await;
    let service =
        layer.layer(service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(ok().map(|_| Full::new(&b"x"[..]))))));
    drop(service.oneshot(get("/")));
    let service =
        layer.layer(service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(ok().map(|_| Full::new(&b"x"[..]))))));
    drop(service.oneshot(get("/")).await);
    assert_eq!((count("up"), count("fast")), ((3.0, 1.0), (3.0, 3.0)));
    assert_eq!(ended(&registry, &labels("GET", "", "200", "cancelled")), 1.0);
}

#[test]
fn signals_and_promises_stand_in_the_description() {
    let metrics = HttpMetrics::server()
        .with_prefix("shop")
        .with_requests_total(false)
        .with_autoscale_active(12.0)
        .with_autoscale_busy(10.0)
        .with_autoscale_requests(100.0)
        .with_replicas(2, 20)
        .with_slo(Slo::latency("fast", Duration::from_millis(300), 0.99, Duration::from_secs(3600)));
    let described = describe(&metrics);
    let find = |name: &str| described.iter().find(|descriptor| descriptor.name == name).unwrap();
    let scale = |name: &str| find(name).autoscale.unwrap();
    assert_eq!(scale("shop_http_server_active_requests").target, AutoscaleTarget::PerPod(12.0));
    assert_eq!(scale("shop_http_server_active_requests").combine, Some(Combine::Sum));
    assert_eq!(scale("shop_http_server_busy_seconds_total").target, AutoscaleTarget::Concurrency(10.0));
    assert_eq!(scale("shop_http_server_requests_total").target, AutoscaleTarget::PerSecond(100.0));
    assert_eq!(scale("shop_http_server_requests_total").max, Some(20));
    let objective = find("shop_http_server_slo_events_total").objectives[0];
    assert_eq!((objective.ratio, objective.window_seconds), (0.99, 3600));
    let bad_counter = "shop_http_server_slo_bad_events_total";
    assert_eq!(objective.bound, ObjectiveBound::Counted { bad_counter, label: "slo", value: "fast" });
    metrics.layer(&Registry::new()).unwrap();
}

#[test]
fn what_scales_is_there_before_the_first_request() {
    let presets = [
        (HttpMetrics::server(), "http_server_requests_total", "http_server_active_requests"),
        (HttpMetrics::axum_prometheus(), "axum_http_requests_total", "axum_http_requests_pending"),
        (HttpMetrics::classic(), "http_requests_total", "http_requests_in_flight"),
    ];
    for (metrics, requests, active) in presets {
        let registry = Registry::new();
        metrics.with_autoscale_requests(100.0).with_autoscale_active(10.0).layer(&registry).unwrap();
        for name in [requests, active] {
            let text = registry.encode_text();
            let row = text.lines().find(|line| line.starts_with(&format!("{name}{{"))).unwrap_or_default();
            assert!(row.ends_with("} 0"), "{name}: {row:?}");
        }
    }
}

#[test]
fn what_a_client_controls_has_a_fixed_list_of_values() {
    let metrics = HttpMetrics::server().with_scheme().with_protocol_version().with_grpc_status();
    for descriptor in describe(&metrics) {
        for label in &descriptor.labels {
            assert!(label.values != LabelValues::Dynamic || label.name == "http_route", "{}", label.name);
        }
    }
}
