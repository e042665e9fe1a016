//! What do new series and a scrape cost, in time and in memory? `scrape [SERIES]`, 100,000 unless told otherwise.
//!
//! Every part runs in a process of its own, where no memory that another part has freed is used again.

#![forbid(unsafe_code)]

mod beside;
mod counters;
mod encode;
mod families;
mod histograms;
mod threads;
mod unique;

use std::process::{Command, ExitCode};

use benches::series::MOST;

/// The first argument of a child.
const PART: &str = "--part";

/// Name, and what prints its rows.
type Part = (&'static str, fn(usize));

const PARTS: [Part; 5] = [
    ("counters", counters::run),
    ("histograms", histograms::run),
    ("labels that never repeat", unique::run),
    ("threads", threads::run),
    ("beside a scrape", beside::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [PART, name, series] => match (PARTS.iter().find(|part| part.0 == name), series.parse()) {
            (Some((_, run)), Ok(series)) => {
                run(series);
                ExitCode::SUCCESS
            }
            _ => refuse(),
        },
        [] => all(100_000),
        [series] => match series.parse() {
            Ok(series) if (1..=MOST).contains(&series) => all(series),
            _ => refuse(),
        },
        _ => refuse(),
    }
}

fn refuse() -> ExitCode {
    eprintln!("usage: scrape [SERIES]; up to {MOST} series");
    ExitCode::FAILURE
}

fn all(series: usize) -> ExitCode {
    println!("| {series} series with 3 labels | |\n|---|---:|");
    for (name, _) in PARTS {
        let run = std::env::current_exe()
            .and_then(|program| Command::new(program).args([PART, name, &series.to_string()]).status());
        match run {
            Ok(status) if status.success() => {}
            Ok(status) => {
                eprintln!("scrape: the part `{name}` failed: {status}");
                return ExitCode::FAILURE;
            }
            Err(error) => {
                eprintln!("scrape: the part `{name}` did not start: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
