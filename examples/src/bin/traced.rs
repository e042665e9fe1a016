//! How does a slow bucket lead to a trace? By exemplars from the current `tracing` span, as OpenTelemetry knows it.
#![forbid(unsafe_code)]

use std::error::Error;

use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::{Router, routing::get};
use metrics_core::{Registry, span::SpanIds};
use metrics_tower::{HttpMetrics, MetricsEndpoint};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::net::TcpListener;
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let registry = Registry::new();
    let layer = HttpMetrics::server().with_span_exemplars().layer(&registry)?;
    if examples::catalogue::printed_of(&registry) {
        return Ok(());
    }

    // An exporter belongs here: without one the numbers are right, and lead nowhere.
    let tracer = SdkTracerProvider::builder().build().tracer("traced");
    let spans = tracing_opentelemetry::layer().with_tracer(tracer);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(spans))?;

    let app = Router::new()
        .route("/hello", get(hello))
        .layer(layer)
        // Below, so outside: the request's span is open while the layer above is at work.
        .layer(middleware::from_fn(in_a_span))
        .route_service("/metrics", MetricsEndpoint::new(&registry));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("traced listens on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn in_a_span(request: Request, next: Next) -> Response {
    let span = tracing::info_span!("request", path = request.uri().path());
    next.run(request).instrument(span).await
}

/// Tells which trace it belongs to.
async fn hello() -> String {
    SpanIds::current().map_or("no trace".to_owned(), |span| format!("{:032x}", span.trace_id()))
}
