//! Does a request's duration carry the span that it was served in?

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use metrics_core::encode::ContentType;
use metrics_core::{Format, Registry};
use metrics_tower::HttpMetrics;
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tower::{Layer, Service, ServiceExt};
use tracing::Instrument;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;

fn openmetrics(registry: &Registry) -> String {
    let mut exposition = registry.exposition(ContentType::from(Format::OpenMetrics));
    let mut body = Vec::new();
    while exposition.next_piece(&mut body) {}
    String::from_utf8(body).unwrap()
}

/// Serves one request within a span of its own and reads its body outside of it, as a server does; the span's ids.
async fn serve(metrics: &HttpMetrics, registry: &Registry) -> String {
    // It has a body, which has to be read for the request to end.
    let answer = tower::service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"done"))))
    });
    let mut service = metrics.layer(registry).unwrap().layer(answer);
    let span = tracing::info_span!("request");
    let ids = {
        let context = span.context();
        let ids = context.span().span_context().clone();
        format!("trace_id=\"{}\",span_id=\"{}\"", ids.trace_id(), ids.span_id())
    };
    let response = service.ready().await.unwrap().call(Request::new(())).instrument(span).await.unwrap();
    response.into_body().collect().await.unwrap();
    ids
}

#[test]
fn duration_and_counter_carry_the_span_where_it_is_asked_for() {
    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let subscriber = tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(tracer));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    tracing::subscriber::with_default(subscriber, || {
        runtime.block_on(async {
            let registry = Registry::new();
            let ids = serve(&HttpMetrics::server().with_span_exemplars(), &registry).await;
            let text = openmetrics(&registry);
            let rows: Vec<_> = text.lines().filter(|line| line.contains(&ids)).collect();
            assert_eq!(rows.len(), 2, "{ids} in {text}");
            assert!(rows[0].starts_with("http_server_request_duration_seconds_bucket{"), "{}", rows[0]);
            assert!(rows[1].starts_with("http_server_requests_total{"), "{}", rows[1]);

            let registry = Registry::new();
            serve(&HttpMetrics::server(), &registry).await;
            assert!(!openmetrics(&registry).contains("trace_id"), "off unless asked for");
        });
    });
}
