//! Does the concurrency limit tell what it holds?

use std::convert::Infallible;
use std::future::pending;

use http::{Request, Response};
use http_body_util::Empty;
use metrics_core::Registry;
use metrics_tower::{HttpMetricsLayer, limit};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

#[tokio::test]
async fn used_and_capacity_are_exported_and_what_is_shed_is_recorded() {
    let registry = Registry::new();
    let mut service = ServiceBuilder::new()
        .layer(HttpMetricsLayer::new(&registry).unwrap())
        .load_shed()
        .layer(limit::concurrency_limit(&registry, "shop", 2).unwrap())
        .service(service_fn(|_: Request<()>| pending::<Result<Response<Empty<&[u8]>>, Infallible>>()));
    let gauge = |name: &str| registry.sample(name, &[]).unwrap();
    assert_eq!((gauge("shop_concurrency_capacity"), gauge("shop_concurrency_used")), (2.0, 0.0));
    let one = service.ready().await.unwrap().call(Request::new(()));
    assert_eq!(gauge("shop_concurrency_used"), 1.0);
    let other = service.ready().await.unwrap().call(Request::new(()));
    assert_eq!(gauge("shop_concurrency_used"), 2.0);
    assert!(service.ready().await.unwrap().call(Request::new(())).await.is_err());
    // The service itself waits for a place, which would count as used.
    drop((one, other, service));
    assert_eq!(gauge("shop_concurrency_used"), 0.0);
    let shed = [("http_request_method", "GET"), ("error_type", "overloaded")];
    assert_eq!(registry.sample("http_server_requests_total", &shed), Some(1.0));
}

#[test]
fn a_limit_of_a_name_that_is_taken_is_refused() {
    let registry = Registry::new();
    let _first = limit::concurrency_limit(&registry, "shop", 2).unwrap();
    let error = limit::concurrency_limit(&registry, "shop", 2).map(drop).unwrap_err();
    assert!(error.to_string().contains("shop_concurrency_capacity"), "{error}");
}
