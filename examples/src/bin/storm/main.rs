//! What do hostile clients do to a service's metrics? A storm against the shop, and books that must balance to the last
//! request.
#![forbid(unsafe_code)]

mod attack;
mod books;
mod ledger;
mod memory;
#[path = "../shop/metrics.rs"]
mod metrics;
mod options;
mod progress;
mod raw;
#[path = "../shop/routes.rs"]
mod routes;
mod siege;
#[path = "../shop/store.rs"]
mod store;
mod target;
mod watch;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use attack::Attack;
use books::Books;
use options::Options;
use progress::Progress;
use siege::Siege;
use target::Target;
use tokio::task::JoinSet;
use watch::Watch;

fn main() -> ExitCode {
    if examples::catalogue::printed(metrics::catalogue) {
        return ExitCode::SUCCESS;
    }
    let result = Options::from_command_line().and_then(|options| match options {
        Some(options) => run(&options),
        None => {
            println!("{}", options::HELP);
            Ok(true)
        }
    });
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("storm: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the books balance.
#[tokio::main]
async fn run(options: &Options) -> Result<bool, Box<dyn Error>> {
    target::silence_expected_panics();
    let target = Target::start().await?;
    println!("storm: {} requests at http://{}, at most {:?}", options.requests, target.address, options.time);
    let watch = Watch::start(&target);
    let siege = Siege::start(target.metrics);
    let attack = Arc::new(Attack::new(&target));
    // What is allocated once, connections and series, is allocated in the warm-up.
    storm(&attack, options.requests / 10, options).await;
    let before = memory::resident();
    storm(&attack, options.requests, options).await;
    target.settle().await;
    let growth = memory::resident().zip(before).map(|(after, before)| after.saturating_sub(before));
    let (watched, scraped) = (watch.stop().await, siege.stop().await);
    let books = Books::close(&target, &attack.sent, watched, scraped, growth);
    print!("{books}");
    Ok(books.balance())
}

/// Attacks from many connections at once until this many requests have been sent, or the time is over.
async fn storm(attack: &Arc<Attack>, requests: u64, options: &Options) {
    let start = Instant::now();
    let (mut progress, mut workers) = (Progress::new(requests), JoinSet::new());
    for worker in 0..options.connections {
        let attack = Arc::clone(attack);
        let (seed, time) = (options.seed.wrapping_add(worker), options.time);
        workers.spawn(async move {
            let mut random = fastrand::Rng::with_seed(seed);
            while attack.sent.total.load(Relaxed) < requests && start.elapsed() < time {
                attack.strike(&mut random).await;
            }
        });
    }
    while !workers.is_empty() {
        tokio::select! {
            _ = workers.join_next() => {}
            () = progress.pause() => {}
        }
        progress.show(attack.sent.total.load(Relaxed));
    }
    progress.end();
}
