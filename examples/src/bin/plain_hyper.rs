//! How is a service measured that has no router? Plain hyper: routes are groups of paths.
#![forbid(unsafe_code)]

use std::convert::Infallible;
use std::error::Error;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use metrics_core::Registry;
use metrics_tower::{HttpMetrics, MetricsEndpoint, server::MetricsServer};
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let registry = Registry::new();
    // A path is never a label; a group of them is. Everything else has no route.
    let metrics = HttpMetrics::server().with_group("/hello", "/hello").with_group("/hello/*", "/hello/{name}");
    let service = ServiceBuilder::new().layer(metrics.layer(&registry)?).service(service_fn(hello));
    if examples::catalogue::printed_of(&registry) {
        return Ok(());
    }

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = MetricsServer::bind("127.0.0.1:0".parse()?, MetricsEndpoint::new(&registry)).await?;
    println!(
        "plain_hyper listens on http://{}; metrics on http://{}/metrics",
        listener.local_addr()?,
        server.local_addr()
    );
    tokio::spawn(server.serve(std::future::pending()));
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            // A connection that breaks is its peer's business.
            let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn hello(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let name = request.uri().path().trim_start_matches("/hello").trim_start_matches('/');
    Ok(Response::new(Full::from(format!("hello {name}\n"))))
}
