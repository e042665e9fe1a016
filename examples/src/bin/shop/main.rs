//! What does a service look like that is instrumented with this library? A small shop, to try it and to copy from.
#![forbid(unsafe_code)]

mod metrics;
mod options;
mod routes;
mod stop;
mod store;
mod traffic;

use crate::{metrics::ShopMetrics, options::Options, stop::Stop, store::Store};
use examples::client::Client;
use metrics_core::{Metrics, Registry};
use std::{error::Error, net::SocketAddr, process::ExitCode};
use tokio::net::TcpListener;

fn main() -> ExitCode {
    match obey_command_line() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shop: {error}");
            ExitCode::FAILURE
        }
    }
}

fn obey_command_line() -> Result<(), Box<dyn Error>> {
    if examples::catalogue::printed(metrics::catalogue) {
        return Ok(());
    }
    let Some(options) = Options::from_command_line()? else {
        println!("{}", options::HELP);
        return Ok(());
    };
    run(&options)
}

#[tokio::main]
async fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let registry = Registry::new();
    metrics_os::register(&registry)?;
    metrics_os::register_build_info!(&registry)?;
    let metrics = ShopMetrics::register(&registry)?;
    let app = routes::app(Store::new(metrics), &registry)?;

    let stop = Stop::on_signal()?;
    let listener = listen(&options.listen).await?;
    let address = reachable(listener.local_addr()?);
    greet(address);
    if options.traffic {
        tokio::spawn(traffic::run(Client::new(format!("http://{address}")), stop.clone()));
    }
    stop.serve(axum::serve(listener, app)).await?;
    println!("shop has stopped");
    Ok(())
}

async fn listen(address: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        format!(
            "cannot listen on {address} ({error}); \
             --listen takes HOST:PORT, and port 0 takes any free port: --listen 127.0.0.1:0"
        )
    })
}

/// Where a client on this machine finds a server that listens on `bound`.
fn reachable(bound: SocketAddr) -> SocketAddr {
    match bound {
        SocketAddr::V4(any) if any.ip().is_unspecified() => (std::net::Ipv4Addr::LOCALHOST, any.port()).into(),
        SocketAddr::V6(any) if any.ip().is_unspecified() => (std::net::Ipv6Addr::LOCALHOST, any.port()).into(),
        other => other,
    }
}

fn greet(address: SocketAddr) {
    println!(
        "shop listens on http://{address}; Ctrl-C stops it. Three things to try:
  curl http://{address}/products
  curl -d product=tea -d coupon=WELCOME http://{address}/orders
  curl http://{address}/metrics"
    );
}
