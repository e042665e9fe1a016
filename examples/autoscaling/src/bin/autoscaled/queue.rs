//! How does a replica know how long the shared queue is? It asks the process that holds it, once a second.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use metrics_core::Gauge;

const EVERY: Duration = Duration::from_secs(1);

/// Sets the gauge to the queue's depth, for ever. While the queue does not answer, the gauge keeps its last value: the
/// replicas then stay as they are.
pub(crate) async fn follow(address: String, depth: Gauge) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        let Ok(uri) = format!("http://{address}/depth").parse() else { return };
        let Ok(answer) = client.get(uri).await else { continue };
        let Ok(body) = answer.into_body().collect().await else { continue };
        if let Some(value) = std::str::from_utf8(&body.to_bytes()).ok().and_then(|text| text.trim().parse().ok()) {
            depth.set(value);
        }
    }
}
