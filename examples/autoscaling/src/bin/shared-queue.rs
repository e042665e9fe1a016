//! Who holds the queue that all replicas share? This process: `GET /depth` tells how long it is, `PUT /depth/N` sets it.
#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use autoscaling::stop::Stop;
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, put};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let Some(address) = address() else {
        eprintln!("shared-queue: usage: shared-queue --listen HOST:PORT; port 0 takes any free port");
        return ExitCode::FAILURE;
    };
    match serve(address).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shared-queue: {address}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn address() -> Option<SocketAddr> {
    let mut arguments = std::env::args().skip(1);
    (arguments.next()? == "--listen").then(|| arguments.next()?.parse().ok())?
}

async fn serve(address: SocketAddr) -> std::io::Result<()> {
    let stop = Stop::on_signal()?;
    let depth = Arc::new(AtomicI64::new(0));
    let app = Router::new().route("/depth", get(tell)).route("/depth/{value}", put(set)).with_state(depth);
    let listener = TcpListener::bind(address).await?;
    println!("shared-queue listens on http://{}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(stop.requested()).await
}

async fn tell(State(depth): State<Arc<AtomicI64>>) -> String {
    format!("{}\n", depth.load(Ordering::Relaxed))
}

async fn set(State(depth): State<Arc<AtomicI64>>, Path(value): Path<i64>) -> String {
    depth.store(value, Ordering::Relaxed);
    format!("{value}\n")
}
