//! What does every type in every shape look like in every format? A page to point scrapers and parsers at.
#![forbid(unsafe_code)]

mod churn;
mod collected;
mod ledger;
mod options;
mod shapes;

use std::{error::Error, process::ExitCode};

use axum::{Router, extract::Request, http::header::ACCEPT, middleware::Next, routing::get};
use ledger::Ledger;
use metrics_core::Registry;
use metrics_core::catalogue::Catalogue;
use metrics_tower::MetricsEndpoint;
use options::Options;
use tokio::net::TcpListener;

fn main() -> ExitCode {
    if examples::catalogue::printed(catalogue) {
        return ExitCode::SUCCESS;
    }
    match Options::from_command_line().and_then(obey) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("exposer: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Its shapes are registered by hand, each in its own way: the registry knows them all.
fn catalogue() -> Catalogue {
    let registry = Registry::new();
    record(&registry, &mut Ledger::default(), false).expect("the exposer's shapes are registered in every run");
    examples::catalogue::of(&registry)
}

fn obey(options: Option<Options>) -> Result<(), Box<dyn Error>> {
    match options {
        Some(options) if options.expected => {
            let mut ledger = Ledger::default();
            record(&Registry::new(), &mut ledger, options.utf8)?;
            println!("{}", ledger.to_json());
            Ok(())
        }
        Some(options) => run(&options),
        None => {
            println!("{}", options::HELP);
            Ok(())
        }
    }
}

fn record(registry: &Registry, ledger: &mut Ledger, utf8: bool) -> Result<shapes::Recorded, metrics_core::Error> {
    collected::record(registry, ledger)?;
    shapes::record(registry, ledger, utf8)
}

#[tokio::main]
async fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let registry = Registry::new();
    // Kept: a metric that is dropped keeps its values, but churn goes on recording.
    let recorded = record(&registry, &mut Ledger::default(), options.utf8)?;
    shapes::many(&registry, options.series)?;
    if options.churn {
        churn::start(&registry)?;
    }
    let listener = TcpListener::bind(&options.listen).await.map_err(|error| {
        format!(
            "cannot listen on {} ({error}); --listen takes HOST:PORT, and port 0 takes any free port",
            options.listen
        )
    })?;
    println!("exposer listens on http://{}/metrics", listener.local_addr()?);
    let app = Router::new().route_service("/metrics", MetricsEndpoint::new(&registry));
    axum::serve(listener, pinned(app, options.accept)).with_graceful_shutdown(stopped()).await?;
    drop(recorded);
    Ok(())
}

/// The same answers whatever `Accept` says, if one format is asked for on the command line.
fn pinned(app: Router, accept: Option<&'static str>) -> Router {
    let Some(accept) = accept else { return app.route("/", get(|| async { "the page is at /metrics\n" })) };
    app.layer(axum::middleware::from_fn(move |mut request: Request, next: Next| {
        request.headers_mut().insert(ACCEPT, axum::http::HeaderValue::from_static(accept));
        next.run(request)
    }))
}

async fn stopped() {
    let ended = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    let Ok(mut ended) = ended else { return std::future::pending().await };
    tokio::select! {
        _ = ended.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
