//! What does a service look like whose replicas follow its load? `/work?hold=SECONDS` keeps a request in flight, and
//! `&spin=SECONDS` a processor busy for a part of it.
#![forbid(unsafe_code)]

mod options;
mod queue;

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

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
    metrics_os::register_build_info!(&registry)?;
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
    /// For how many of these seconds it computes.
    #[serde(default)]
    spin: f64,
    /// The status of the answer.
    status: Option<u16>,
}

async fn work(Query(work): Query<Work>) -> (StatusCode, String) {
    if !(0.0..=LONGEST_HOLD).contains(&work.hold) {
        return (StatusCode::BAD_REQUEST, format!("hold={} is not between 0 and {LONGEST_HOLD} seconds\n", work.hold));
    }
    if !(0.0..=work.hold).contains(&work.spin) {
        return (StatusCode::BAD_REQUEST, format!("spin={} is not between 0 and hold={}\n", work.spin, work.hold));
    }
    let until = Instant::now() + Duration::from_secs_f64(work.hold);
    if work.spin > 0.0 {
        // Fails only when the runtime goes down.
        let _ = tokio::task::spawn_blocking(move || compute(Duration::from_secs_f64(work.spin))).await;
    }
    tokio::time::sleep_until(until.into()).await;
    let status = work.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    (status, format!("worked for {} seconds\n", work.hold))
}

/// Keeps a processor busy for so long; on Linux by the processor time that this thread got, so that a machine with much else
/// to do sees as much of it as an idle one.
fn compute(time: Duration) {
    let began = Instant::now();
    let got = processor_time();
    let enough = || match (got, processor_time()) {
        (Some(before), Some(now)) => now - before >= time,
        _ => began.elapsed() >= time,
    };
    while !enough() {
        for _ in 0..10_000 {
            std::hint::spin_loop();
        }
    }
}

/// What the scheduler has given this thread: the first number of its file.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
