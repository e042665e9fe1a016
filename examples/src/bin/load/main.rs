//! Who loads the shop? A generator that sends exactly so many requests at a constant rate, and prints its own counts.
#![forbid(unsafe_code)]

mod options;
mod tally;

use crate::{options::Options, tally::Tally};
use examples::client::Client;
use std::{error::Error, process::ExitCode, sync::Arc};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

fn main() -> ExitCode {
    match obey_command_line() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn obey_command_line() -> Result<(), Box<dyn Error>> {
    let Some(options) = Options::from_command_line()? else {
        println!("{}", options::HELP);
        return Ok(());
    };
    run(&options)
}

#[tokio::main]
async fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let client = Client::new(options.url.trim_end_matches('/'));
    let tally = Arc::new(Tally::start());
    let mut under_way = JoinSet::new();
    // A late tick is made up for: the rate is an average that the server cannot slow down.
    let mut ticks = interval(options.pause());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for number in 0..options.requests {
        ticks.tick().await;
        under_way.spawn(send(client.clone(), number, Arc::clone(&tally)));
    }
    under_way.join_all().await;
    println!("{}", tally.to_json()?);
    Ok(())
}

/// One request of a mix that repeats every ten.
async fn send(client: Client, number: u64, tally: Arc<Tally>) {
    let (path, answer) = match number % 10 {
        0 => ("/reports/sales", client.get("/reports/sales").await),
        1 => ("/orders", client.post("/orders", "product=tea&coupon=LOAD").await),
        2..=4 => ("/recommendations", client.get("/recommendations").await),
        5 | 6 => ("/products/honey", client.get("/products/honey").await),
        _ => ("/products", client.get("/products").await),
    };
    match answer {
        Ok((status, _)) => tally.answered(path, status.as_u16()),
        Err(error) => {
            eprintln!("load: {path}: {error}");
            tally.failed();
        }
    }
}
