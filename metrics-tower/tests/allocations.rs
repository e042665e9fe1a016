//! Does the layer allocate? In the steady state: never.

#[path = "common/counting.rs"]
mod counting;

use std::sync::mpsc;

use axum::Router;
use axum::extract::MatchedPath;
use axum::routing::get;
use counting::{allocations, exchange, handler};
use http::Request;
use metrics_core::Registry;
use metrics_tower::HttpMetrics;
use tower::{Layer, ServiceExt, service_fn};

#[derive(Clone)]
struct Tenant(&'static str);

impl AsRef<str> for Tenant {
    fn as_ref(&self) -> &str {
        self.0
    }
}

/// How often requests with these extensions allocate, without a layer and with one.
fn with_and_without<T>(metrics: &HttpMetrics, extensions: &[T]) -> (u64, u64)
where
    T: Clone + Send + Sync + 'static,
{
    let request = |extension: &T| {
        let mut request = Request::new(());
        request.extensions_mut().insert(extension.clone());
        request
    };
    let mut bare = service_fn(handler);
    let mut layered = metrics.layer(&Registry::new()).unwrap().layer(service_fn(handler));
    let without = allocations(|| extensions.iter().for_each(|extension| exchange(&mut bare, request(extension))));
    let with = allocations(|| extensions.iter().for_each(|extension| exchange(&mut layered, request(extension))));
    (without, with)
}

#[test]
fn a_request_through_the_layer_allocates_as_often_as_one_past_it() {
    let mut bare = service_fn(handler);
    let without = allocations(|| exchange(&mut bare, Request::new(())));
    let configurations = [
        HttpMetrics::server(),
        HttpMetrics::server().with_group("/", "/"),
        HttpMetrics::server().with_route(|_| Some("/orders/{id}".into())),
        HttpMetrics::server().with_body_sizes().with_grpc_status().with_protocol_version(),
        HttpMetrics::axum_prometheus().with_group("/", "/"),
        HttpMetrics::classic(),
        HttpMetrics::client(),
    ];
    for metrics in configurations {
        let mut service = metrics.layer(&Registry::new()).unwrap().layer(service_fn(handler));
        assert_eq!(allocations(|| exchange(&mut service, Request::new(()))), without, "{metrics:?}");
        assert_eq!(allocations(|| exchange(&mut service.clone(), Request::new(()))), without, "cloned: {metrics:?}");
    }
}

#[test]
fn the_counting_allocator_counts() {
    assert_eq!(allocations(|| drop(Box::new(std::hint::black_box(1)))), 100);
}

#[test]
fn a_route_found_by_axum_costs_no_allocation() {
    let (found, route) = mpsc::channel::<MatchedPath>();
    let app = Router::new().route("/orders/{id}", get(async move |path: MatchedPath| found.send(path).unwrap()));
    let request = Request::get("/orders/1").body(axum::body::Body::empty()).unwrap();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(app.oneshot(request)).unwrap();
    let route = route.recv().unwrap();
    let (without, with) = with_and_without(&HttpMetrics::server(), &[route]);
    assert!(without > 0, "an extension costs one");
    assert_eq!(with, without);
}

#[test]
fn a_label_from_a_text_costs_no_allocation_remembered_or_not_within_the_cap_or_beyond_it() {
    let tenants: Vec<_> = (0..600).map(|number| Tenant(format!("tenant-{number}").leak())).collect();
    // All remembered; more than a route remembers; most texts beyond their cap; most series beyond theirs.
    for (count, at_most, max_series) in [(100, 100, 2000), (600, 600, 2000), (600, 50, 2000), (600, 600, 50)] {
        let metrics = HttpMetrics::server().with_request_text::<Tenant>("tenant", at_most).with_max_series(max_series);
        let (without, with) = with_and_without(&metrics, &tenants[..count]);
        assert_eq!(with, without, "{count} tenants, at most {at_most} texts and {max_series} series");
    }
}
