// How does a service get its first metric? The five numbered lines are all that is added.

use axum::{Router, routing::get};
use metrics_core::{Counter, Declaration, MetricType, Registry};
use metrics_tower::{HttpMetricsLayer, MetricsEndpoint};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let registry = Registry::new(); // 1
    let hellos: Counter = registry.register(Declaration::new(MetricType::Counter, "hellos_total", "Hellos said."))?; // 2
    let hello = move || async move {
        hellos.inc(); // 3
        "Hello!\n"
    };
    let app = Router::new()
        .route("/hello", get(hello))
        .layer(HttpMetricsLayer::new(&registry)?) // 4
        .route_service("/metrics", MetricsEndpoint::new(&registry)); // 5

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
