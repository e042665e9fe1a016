//! How are requests measured that a service sends? The same layer around a client.
#![forbid(unsafe_code)]

use std::error::Error;

use axum::body::Body;
use axum::http::Request;
use axum::{Router, routing::get};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use metrics_core::Registry;
use metrics_tower::HttpMetrics;
use tokio::net::TcpListener;
use tower::{Service, ServiceBuilder, ServiceExt};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let registry = Registry::new();
    let layer = HttpMetrics::client().layer(&registry)?;
    if examples::catalogue::printed_of(&registry) {
        return Ok(());
    }

    // Somebody to send requests to.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let app = Router::new().route("/orders/1", get(async || "an order\n"));
    tokio::spawn(async { axum::serve(listener, app).await });

    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let mut client = ServiceBuilder::new().layer(layer).service(client);
    for path in ["/orders/1", "/orders/2"] {
        let request = Request::get(format!("http://{address}{path}")).body(Body::empty())?;
        // A request ends with the body of its answer: read it.
        let answer = client.ready().await?.call(request).await?;
        println!("{path}: {}", answer.status());
        answer.into_body().collect().await?;
    }
    print!("{}", registry.encode_text());
    Ok(())
}
