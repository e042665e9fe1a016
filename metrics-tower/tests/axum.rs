//! Does the layer find axum's routes, wherever it is put?

mod common;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::error_handling::HandleErrorLayer;
use axum::routing::{get, post};
use common::{active, all_ended, ended, labels};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use metrics_core::Registry;
use metrics_tower::{HttpMetrics, HttpMetricsLayer, MetricsEndpoint};
use tower::{Service, ServiceBuilder, ServiceExt};

async fn send<S>(app: &S, method: &str, path: &str) -> u16
where
    S: Service<Request<Body>, Response = axum::response::Response> + Clone,
    S::Error: std::fmt::Debug,
{
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    response.into_body().collect().await.unwrap();
    status
}

fn app(registry: &Registry) -> Router {
    Router::new()
        .route("/orders/{id}", get(|| async { "order" }).post(|| async { "placed" }))
        .nest("/api", Router::new().route("/items/{item}", get(|| async { "item" })))
        .layer(HttpMetricsLayer::new(registry).unwrap())
}

#[tokio::test]
async fn the_route_is_the_pattern_that_matched() {
    let registry = Registry::new();
    let app = app(&registry);
    for id in 0..5 {
        assert_eq!(send(&app, "GET", &format!("/orders/{id}")).await, 200);
    }
    send(&app, "POST", "/orders/1").await;
    send(&app, "GET", "/api/items/1").await;
    assert_eq!(ended(&registry, &labels("GET", "/orders/{id}", "200", "")), 5.0);
    assert_eq!(ended(&registry, &labels("POST", "/orders/{id}", "200", "")), 1.0);
    assert_eq!(ended(&registry, &labels("GET", "/api/items/{item}", "200", "")), 1.0);
    assert_eq!((active(&registry), all_ended(&registry)), (0.0, 7.0));
}

#[tokio::test]
async fn an_unmatched_path_is_never_a_label() {
    let registry = Registry::new();
    let app = app(&registry);
    for number in 0..100 {
        assert_eq!(send(&app, "GET", &format!("/wp-admin/{number}")).await, 404);
    }
    assert_eq!(ended(&registry, &labels("GET", "", "404", "")), 100.0);
    assert_eq!(all_ended(&registry), 100.0);
}

#[tokio::test]
async fn a_method_that_a_route_does_not_have_and_one_that_nobody_has() {
    let registry = Registry::new();
    let app = app(&registry);
    assert_eq!(send(&app, "DELETE", "/orders/1").await, 405);
    assert_eq!(send(&app, "BREW", "/orders/1").await, 405);
    assert_eq!(ended(&registry, &labels("DELETE", "/orders/{id}", "405", "")), 1.0);
    assert_eq!(ended(&registry, &labels("_OTHER", "/orders/{id}", "405", "")), 1.0);
}

#[tokio::test]
async fn nested_services_keep_their_routes_apart_though_axum_builds_each_text_anew() {
    let registry = Registry::new();
    let inner = Router::new()
        .route("/a/{x}", get(|| async { "a" }))
        .route("/b/{x}", get(|| async { "b" }))
        .layer(HttpMetricsLayer::new(&registry).unwrap());
    let app = Router::new().nest_service("/api", inner);
    for number in 0..400 {
        send(&app, "GET", &format!("/api/a/{number}")).await;
        send(&app, "GET", &format!("/api/b/{number}")).await;
    }
    assert_eq!(ended(&registry, &labels("GET", "/api/a/{x}", "200", "")), 400.0);
    assert_eq!(ended(&registry, &labels("GET", "/api/b/{x}", "200", "")), 400.0);
    assert_eq!(all_ended(&registry), 800.0);
}

#[tokio::test]
async fn a_route_layer_sees_only_what_matched() {
    let registry = Registry::new();
    let app = Router::new()
        .route("/orders", post(|| async {}))
        .route_layer(HttpMetricsLayer::new(&registry).unwrap())
        .fallback(|| async { (StatusCode::NOT_FOUND, "nothing here") });
    send(&app, "POST", "/orders").await;
    assert_eq!(send(&app, "GET", "/nothing").await, 404);
    assert_eq!(ended(&registry, &labels("POST", "/orders", "200", "")), 1.0);
    assert_eq!(all_ended(&registry), 1.0);
}

#[tokio::test]
async fn what_a_fallback_answers_is_counted_without_a_route_wherever_the_layer_is() {
    let missing = || async { (StatusCode::NOT_FOUND, "nothing here") };
    for around_the_fallback in [true, false] {
        let registry = Registry::new();
        let layer = HttpMetricsLayer::new(&registry).unwrap();
        let app = Router::new().route("/orders", get(|| async { "orders" }));
        let app = if around_the_fallback {
            app.fallback(get(missing).post(missing).layer(layer))
        } else {
            app.fallback(missing).layer(layer)
        };
        assert_eq!(send(&app, "GET", "/orders").await, 200);
        for number in 0..50 {
            assert_eq!(send(&app, "GET", &format!("/orders/{number}")).await, 404);
            assert_eq!(send(&app, "POST", &format!("/{number}/orders")).await, 404);
        }
        for method in ["GET", "POST"] {
            assert_eq!(ended(&registry, &labels(method, "", "404", "")), 50.0, "{method} {around_the_fallback}");
        }
        let orders = if around_the_fallback { 0.0 } else { 1.0 };
        assert_eq!(ended(&registry, &labels("GET", "/orders", "200", "")), orders);
        assert_eq!((active(&registry), all_ended(&registry)), (0.0, 100.0 + orders));
    }
}

#[tokio::test]
async fn a_fallback_below_a_nested_path_has_no_route_either() {
    let registry = Registry::new();
    let inner = Router::new()
        .route("/items", get(|| async { "items" }))
        .fallback(|| async { (StatusCode::NOT_FOUND, "no such item") });
    let app = Router::new().nest("/api", inner).layer(HttpMetricsLayer::new(&registry).unwrap());
    for number in 0..50 {
        assert_eq!(send(&app, "GET", &format!("/api/{number}")).await, 404);
    }
    assert_eq!(ended(&registry, &labels("GET", "", "404", "")), 50.0, "{}", registry.encode_text());
    assert_eq!((active(&registry), all_ended(&registry)), (0.0, 50.0));
}

#[tokio::test]
async fn metrics_and_health_are_not_counted_unless_asked_for() {
    let routes = || Router::new().route("/healthz", get(|| async { "fine" })).route("/x", get(|| async { "x" }));
    let registry = Registry::new();
    let app = routes()
        .route_service("/metrics", MetricsEndpoint::new(&registry))
        .layer(HttpMetricsLayer::new(&registry).unwrap());
    for path in ["/healthz", "/metrics", "/x"] {
        assert_eq!(send(&app, "GET", path).await, 200);
    }
    assert_eq!(ended(&registry, &labels("GET", "/x", "200", "")), 1.0);
    assert_eq!(all_ended(&registry), 1.0);

    let registry = Registry::new();
    let app = routes().layer(HttpMetrics::server().with_skipped(["/x*"]).layer(&registry).unwrap());
    send(&app, "GET", "/healthz").await;
    send(&app, "GET", "/x").await;
    assert_eq!(ended(&registry, &labels("GET", "/healthz", "200", "")), 1.0);
    assert_eq!(all_ended(&registry), 1.0);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_inside_that_is_answered_is_recorded_as_produced() {
    let registry = Registry::new();
    let layers = ServiceBuilder::new()
        .layer(HttpMetricsLayer::new(&registry).unwrap())
        .layer(HandleErrorLayer::new(|_| async { StatusCode::GATEWAY_TIMEOUT }))
        .timeout(Duration::from_secs(1));
    let app = Router::new().route("/slow", get(std::future::pending::<&'static str>)).layer(layers);
    assert_eq!(send(&app, "GET", "/slow").await, 504);
    assert_eq!(ended(&registry, &labels("GET", "/slow", "504", "504")), 1.0);
    assert_eq!((active(&registry), all_ended(&registry)), (0.0, 1.0));
}

#[tokio::test]
async fn a_scrape_shows_what_was_sent() {
    let registry = Registry::new();
    let app = Router::new()
        .route("/hello", get(|| async { "hello" }))
        .layer(HttpMetricsLayer::new(&registry).unwrap())
        .route_service("/metrics", MetricsEndpoint::new(&registry));
    send(&app, "GET", "/hello").await;
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    let text = response.into_body().collect().await.unwrap().to_bytes();
    let text = std::str::from_utf8(&text).unwrap();
    let row = "http_server_requests_total{http_request_method=\"GET\",http_route=\"/hello\",\
               http_response_status_code=\"200\"} 1\n";
    assert!(text.contains(row), "{text}");
}
