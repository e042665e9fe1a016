//! How is a gRPC service measured? tonic with its health service; the call's own status is a label.
#![forbid(unsafe_code)]

use std::error::Error;

use metrics_core::Registry;
use metrics_tower::{HttpMetrics, MetricsEndpoint, server::MetricsServer};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let registry = Registry::new();
    // tonic answers 200 to everything: `rpc_grpc_status_code` tells how it went. A method's path is its route; the
    // number of routes stays capped, whatever clients ask for.
    let metrics = HttpMetrics::server()
        .with_grpc_status()
        .with_group("/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Check")
        .with_group("/grpc.health.v1.Health/Watch", "/grpc.health.v1.Health/Watch");
    let layer = metrics.layer(&registry)?;
    if examples::catalogue::printed_of(&registry) {
        return Ok(());
    }
    let (_reporter, health) = tonic_health::server::health_reporter();

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = MetricsServer::bind("127.0.0.1:0".parse()?, MetricsEndpoint::new(&registry)).await?;
    println!("grpc listens on http://{}; metrics on http://{}/metrics", listener.local_addr()?, server.local_addr());
    tokio::spawn(server.serve(std::future::pending()));
    let service = Server::builder().layer(layer).add_service(health);
    Ok(service.serve_with_incoming(TcpIncoming::from(listener)).await?)
}
