//! Does the layer allocate where it leaves exemplars from spans? In the steady state: never.

#[path = "common/counting.rs"]
mod counting;

use counting::{allocations, exchange, handler};
use http::Request;
use metrics_core::Registry;
use metrics_tower::HttpMetrics;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tower::{Layer, service_fn};
use tracing_subscriber::layer::SubscriberExt;

#[test]
fn a_request_within_a_sampled_span_allocates_as_often_as_one_past_the_layer() {
    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let subscriber = tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(tracer));
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("request");
        let _entered = span.enter();
        let registry = Registry::new();
        let metrics = HttpMetrics::server().with_span_exemplars();
        let mut layered = metrics.layer(&registry).unwrap().layer(service_fn(handler));
        let mut bare = service_fn(handler);
        let without = allocations(|| exchange(&mut bare, Request::new(())));
        let with = allocations(|| exchange(&mut layered, Request::new(())));
        assert_eq!(with, without);
        let format = metrics_core::encode::ContentType::from(metrics_core::Format::OpenMetrics);
        let (mut exposition, mut text) = (registry.exposition(format), Vec::new());
        while exposition.next_piece(&mut text) {}
        assert!(String::from_utf8(text).unwrap().contains("trace_id"), "no exemplar was left");
    });
}
