//! What does a service look like whose replicas follow its load? `/work?hold=SECONDS` keeps a request in flight.
#![forbid(unsafe_code)]

mod options;
mod queue;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use autoscaling::stop::Stop;
use autoscaling::{AutoscaledMetrics, catalogue, http};
use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_core::{Metrics, Registry};
use metrics_tower::MetricsEndpoint;
use metrics_tower::server::MetricsServer;
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::options::{Action, Options};

/// The longest that `/work` holds a request, so that a typing error does not keep one for a year.
const LONGEST_HOLD: f64 = 600.0;

fn main() -> ExitCode {
    let result = Options::from_command_line().and_then(|action| match action {
        Action::Help => {
            println!("{}", options::HELP);
            Ok(())
        }
        Action::Catalogue => {
            print!("{}", catalogue().json());
            Ok(())
        }
        Action::Run(options) => run(&options),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("autoscaled: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let registry = Registry::new();
    metrics_os::register(&registry)?;
    let metrics = AutoscaledMetrics::register(&registry)?;
    let stop = Stop::on_signal()?;
    if let Some(address) = options.queue.clone() {
        tokio::spawn(queue::follow(address, metrics.queue_depth));
    }
    if let Some(address) = options.metrics_listen {
        let server = MetricsServer::bind(address, MetricsEndpoint::new(&registry)).await?;
        println!("metrics on http://{}/metrics", server.local_addr());
        // Served while requests drain: the last scrape tells what became of them.
        tokio::spawn(server.serve(std::future::pending()));
    }
    let listener = TcpListener::bind(options.listen).await.map_err(|cause| {
        format!(
            "cannot listen on {} ({cause}); --listen takes HOST:PORT, and port 0 takes any free port",
            options.listen
        )
    })?;
    println!("autoscaled listens on http://{}", listener.local_addr()?);
    axum::serve(listener, app(&registry)?).with_graceful_shutdown(stop.requested()).await?;
    println!("autoscaled has stopped");
    Ok(())
}

fn app(registry: &Registry) -> Result<Router, metrics_core::Error> {
    Ok(Router::new()
        .route("/work", get(work))
        .route("/healthz", get(|| async { "ok\n" }))
        .layer(http().layer(registry)?)
        .route_service("/metrics", MetricsEndpoint::new(registry)))
}

/// How `/work` is asked.
#[derive(Deserialize)]
struct Work {
    /// How long it takes, in seconds.
    #[serde(default)]
    hold: f64,
    /// The status of the answer.
    status: Option<u16>,
}

async fn work(Query(work): Query<Work>) -> (StatusCode, String) {
    if !(0.0..=LONGEST_HOLD).contains(&work.hold) {
        return (StatusCode::BAD_REQUEST, format!("hold={} is not between 0 and {LONGEST_HOLD} seconds\n", work.hold));
    }
    tokio::time::sleep(Duration::from_secs_f64(work.hold)).await;
    let status = work.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    (status, format!("worked for {} seconds\n", work.hold))
}
