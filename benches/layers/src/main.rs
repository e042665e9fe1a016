//! What does a layer cost a request? This library's, its peers', and two made by hand, in one run. `--help` tells the
//! options.

mod allocations;
mod by_hand;
mod peers;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use benches::measure::{Plan, Times, measure, usual_threads};
use benches::rows::{Row, layer};

const HELP: &str = "\
Nanoseconds and allocations that a layer takes for one request, over a layer of the same shape that does nothing, as a
Markdown table. † marks what too few rounds were undisturbed for. Checks what every layer has recorded; fails if a total is wrong.

Usage: layers [--rounds N] [--slice N] [--json FILE]
       layers --list
       layers --count ROW REQUESTS

  --rounds N            how often the layers take turns [101]
  --slice N             microseconds that a layer is driven in a round [2000]
  --json FILE           writes the numbers, too, as `compare --add` takes them
  --list                the names of the layers
  --count ROW REQUESTS  only so many requests through one layer: what a counter of instructions runs
";

/// What layers are compared with.
const BASE: &str = "request, no-op layer";
/// This library's.
const OURS: &str = "request, HttpMetricsLayer";

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let told = match words[..] {
        ["--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        ["--list"] => {
            LAYERS.iter().for_each(|(name, _)| println!("{name}"));
            Ok(())
        }
        ["--count", name, requests] => count(name, requests),
        _ => plan(&words).and_then(|(plan, json)| compare(&plan, json)),
    };
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("layers: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The floor first, then what is written by hand, then ours, then the peers.
const LAYERS: [(&str, fn() -> Row); 8] = [
    (BASE, layer::no_op),
    (by_hand::ATOMICS, by_hand::atomics),
    (by_hand::PROMETHEUS, by_hand::prometheus),
    (OURS, layer::ours),
    (peers::AXUM_PROMETHEUS, peers::axum_prometheus),
    (peers::AXUM_OTEL_METRICS, peers::axum_otel_metrics),
    (peers::OPENTELEMETRY_TOWER, peers::opentelemetry_tower),
    (peers::METRICS_LIB, peers::metrics_lib),
];

fn plan<'a>(words: &[&'a str]) -> Result<(Plan, Option<&'a str>), String> {
    let mut json = None;
    let mut plan = Plan { rounds: 101, slice: Duration::from_millis(2), threads: usual_threads() };
    for option in words.chunks(2) {
        let number = option.get(1).and_then(|value| value.parse::<u64>().ok()).filter(|number| *number > 0);
        match (option[0], number) {
            ("--json", _) if option.len() == 2 => json = Some(option[1]),
            ("--rounds", Some(rounds)) => plan.rounds = rounds as usize,
            ("--slice", Some(microseconds)) => plan.slice = Duration::from_micros(microseconds),
            _ => return Err(format!("`{}`: see --help", option.join(" "))),
        }
    }
    Ok((plan, json))
}

fn count(name: &str, requests: &str) -> Result<(), String> {
    let (_, row) = LAYERS.iter().find(|(known, _)| *known == name).ok_or(format!("no layer `{name}`; see --list"))?;
    let row = row();
    row.run(4096);
    row.run(requests.parse().map_err(|_| format!("`{requests}`: expected a number of requests"))?);
    Ok(())
}

fn compare(plan: &Plan, json: Option<&str>) -> Result<(), String> {
    let rows: Vec<Row> = LAYERS.iter().map(|(_, row)| row()).collect();
    let allocations: Vec<f64> =
        rows.iter().map(|row| allocations::of_each(|| row.run(WARM), || row.run(COUNTED), COUNTED)).collect();
    let times = measure(&rows, plan);
    print!("{}", table::of(&rows, plan, &times, &allocations));
    check(&rows, &times)?;
    let Some(file) = json else { return Ok(()) };
    let text = table::json(&rows, plan, &times, &allocations);
    std::fs::write(file, text).map_err(|error| format!("{file} could not be written: {error}"))
}

/// Requests before allocations are counted, and those for which they are.
const WARM: u64 = 4096;
const COUNTED: u64 = 8192;

fn check(rows: &[Row], times: &Times) -> Result<(), String> {
    let sent = |at: usize| times.operations(at) + WARM + COUNTED;
    let all = rows.iter().enumerate().map(|(at, row)| (row.name, sent(at), row.total()));
    let wrong = all.filter(|(_, sent, recorded)| sent != recorded);
    let told: Vec<String> = wrong.map(|(name, sent, recorded)| format!("{name}: {recorded} of {sent}")).collect();
    if told.is_empty() {
        println!("\nEvery layer has recorded what was sent.");
        return Ok(());
    }
    Err(format!("requests are missing, or there are too many; {}", told.join("; ")))
}
