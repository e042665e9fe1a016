//! Does the layer take anything from a service's throughput, or add to its latency? axum over real sockets of this
//! machine, with the layer and without it, in turns. `--help` tells the options.
#![forbid(unsafe_code)]

mod client;
mod server;
mod told;

use std::process::ExitCode;

use client::Load;
use server::{Around, Server};
use told::{Round, json, table};

const HELP: &str = "\
Requests a second, the 99th percentile of their latency and the server's processor time for each, of an axum service
with HttpMetricsLayer over the same without it. Paired: each round drives both, in an order that is shuffled. A second
service without the layer shows how far two equal ones are apart, a third what axum takes for any layer.

Usage: loopback [--rounds N] [--requests N] [--connections N] [--json FILE]

  --rounds N       how often the services take turns [21]
  --requests N     requests to one service in a round [20000]
  --items N        the answer is a list of so many items, written for each request [0: a line, the least there is]
  --json FILE      writes the ratios, too, as `compare --add` takes them
  --connections N  connections that are kept alive, each with one request at a time; at most 256 [16]
";

/// How much is sent.
#[derive(Clone, Debug)]
struct Plan {
    rounds: usize,
    items: usize,
    load: Load,
    json: Option<String>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|word| word == "--help" || word == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match plan(&arguments).and_then(|plan| run(plan).map_err(|error| error.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("loopback: {message}");
            ExitCode::FAILURE
        }
    }
}

fn plan(arguments: &[String]) -> Result<Plan, String> {
    let mut plan = Plan { rounds: 21, items: 0, load: Load { requests: 20_000, connections: 16 }, json: None };
    for option in arguments.chunks(2) {
        let number = option.get(1).and_then(|value| value.parse::<usize>().ok()).filter(|number| *number > 0);
        match (option[0].as_str(), number) {
            ("--json", _) if option.len() == 2 => plan.json = Some(option[1].clone()),
            ("--rounds", Some(rounds)) => plan.rounds = rounds,
            ("--items", Some(items)) => plan.items = items,
            ("--requests", Some(requests)) => plan.load.requests = requests,
            ("--connections", Some(connections @ 1..=256)) => plan.load.connections = connections,
            _ => return Err(format!("`{}`: see --help", option.join(" "))),
        }
    }
    Ok(plan)
}

fn run(plan: Plan) -> Result<(), Box<dyn std::error::Error>> {
    let servers = [
        Server::start(Around::Nothing, plan.items)?,
        Server::start(Around::Nothing, plan.items)?,
        Server::start(Around::NoOp, plan.items)?,
        Server::start(Around::Metrics, plan.items)?,
    ];
    let mut rounds: Vec<[Round; 4]> = Vec::new();
    for server in &servers {
        client::drive(server, plan.load)?;
    }
    // A fixed seed: who comes after whom is mixed, and the same in each run.
    let (mut random, mut turns) = (fastrand::Rng::with_seed(1), [0, 1, 2, 3]);
    for _ in 0..plan.rounds {
        let mut round = [Round::default(); 4];
        random.shuffle(&mut turns);
        for at in turns {
            round[at] = client::drive(&servers[at], plan.load)?;
        }
        rounds.push(round);
    }
    print!("{}", table(&rounds, plan.load, plan.items));
    let sent = (plan.rounds as u64 + 1) * plan.load.each() * plan.load.connections as u64;
    match servers[3].recorded() {
        Some(recorded) if recorded == sent => println!("\nThe layer has recorded what was sent: {sent} requests."),
        recorded => return Err(format!("{sent} requests were sent, {recorded:?} recorded").into()),
    }
    if let Some(file) = &plan.json {
        std::fs::write(file, json(&rounds, plan.items))?;
    }
    Ok(())
}
