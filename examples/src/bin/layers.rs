//! Where does the layer stand among others? Outside everything that answers or gives up in the handler's place.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use axum::error_handling::HandleErrorLayer;
use axum::http::StatusCode;
use axum::{BoxError, Router, routing::get};
use metrics_core::Registry;
use metrics_tower::{HttpMetrics, MetricsEndpoint, limit, server::MetricsServer};
use tokio::net::TcpListener;
use tower::ServiceBuilder;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let registry = Registry::new();
    let layers = ServiceBuilder::new()
        // First, so outermost: what is shed or times out below is recorded as what the client gets.
        .layer(HttpMetrics::server().with_autoscale_busy(8.0).layer(&registry)?)
        .layer(HandleErrorLayer::new(refuse))
        .load_shed()
        // Two gauges tell how much of the limit is used.
        .layer(limit::concurrency_limit(&registry, "layers", 16)?)
        .timeout(Duration::from_millis(500));
    // Around routes alone: what none of them matches is not seen here, but by the layer around the fallback.
    let admin = Router::new()
        .route("/level", get(async || "info\n"))
        .route_layer(HttpMetrics::server().with_prefix("admin").layer(&registry)?);
    if examples::catalogue::printed_of(&registry) {
        return Ok(());
    }
    let app = Router::new()
        .route("/quick", get(async || "quick\n"))
        .route("/never", get(std::future::pending::<&'static str>))
        // Of a nested router the label is the whole template: `/shop/orders/{number}`.
        .nest("/shop", Router::new().route("/orders/{number}", get(async || "order\n")))
        .layer(layers)
        .nest("/admin", admin);

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    // On a port of its own, outside limit and load shedding: a full service is still scraped.
    let server = MetricsServer::bind("127.0.0.1:0".parse()?, MetricsEndpoint::new(&registry)).await?;
    println!("layers listens on http://{}; metrics on http://{}/metrics", listener.local_addr()?, server.local_addr());
    tokio::spawn(server.serve(std::future::pending()));
    Ok(axum::serve(listener, app).await?)
}

async fn refuse(error: BoxError) -> (StatusCode, String) {
    let status = if error.is::<tower::timeout::error::Elapsed>() {
        StatusCode::GATEWAY_TIMEOUT
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, format!("{error}\n"))
}
