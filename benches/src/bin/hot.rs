//! What does recording cost, beside what it would cost without a library? `--help` tells the options.

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::Duration;

use benches::measure::{Plan, measure, usual_threads, wrong_totals};
use benches::report::{DOUBTFUL, overlap, table};
use benches::rows::{Row, recording};

const HELP: &str = "\
Nanoseconds per operation, with one and two threads (and with as many as there are processors), as a Markdown table.

Usage: hot [--rounds N] [--slice MICROSECONDS] [--row TEXT]

  --rounds N             how often the rows take turns [201]
  --slice MICROSECONDS   how long a row runs at a time [500]
  --row TEXT             only rows whose name has this text, and what their targets refer to
";

/// The row that ratios are to.
const UNIT: &str = "AtomicU64::fetch_add, one thread each";

fn main() -> ExitCode {
    let (plan, only) = match options(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("hot: {message}");
            return ExitCode::FAILURE;
        }
    };
    let rows = selected(only.as_deref());
    let times = measure(&rows, &plan);
    let unit = rows.iter().position(|row| row.name == UNIT).expect("the unit is always selected");
    println!(
        "x is one `AtomicU64::fetch_add` on a line that no other thread touches. Each cell: median (quartiles). \
         {DOUBTFUL} marks what too few rounds were undisturbed for.\n"
    );
    print!("{}", table(&rows, unit, &plan, &times));
    println!("\n{} rounds: {}.", plan.rounds, overlap(&plan, &times));
    let wrong = wrong_totals(&rows, &times);
    wrong.iter().for_each(|wrong| eprintln!("hot: {wrong}"));
    if !wrong.is_empty() {
        return ExitCode::FAILURE;
    }
    println!("Every total is right.");
    ExitCode::SUCCESS
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Option<(Plan, Option<String>)>, String> {
    let mut plan = Plan { rounds: 201, slice: Duration::from_micros(500), threads: usual_threads() };
    let mut only = None;
    while let Some(option) = arguments.next() {
        if option == "--help" || option == "-h" {
            return Ok(None);
        }
        let value = arguments.next().ok_or_else(|| format!("`{option}` needs a value; see --help"))?;
        let number = || value.parse::<u64>().ok().filter(|number| *number > 0);
        let number = || number().ok_or_else(|| format!("`{option} {value}`: expected a number above 0"));
        match option.as_str() {
            "--rounds" => plan.rounds = number()? as usize,
            "--slice" => plan.slice = Duration::from_micros(number()?),
            "--row" => only = Some(value),
            _ => return Err(format!("unknown option `{option}`; see --help")),
        }
    }
    Ok(Some((plan, only)))
}

fn selected(only: Option<&str>) -> Vec<Row> {
    let rows = recording();
    let wanted = |name: &str| only.is_none_or(|only| name.contains(only));
    let needed: Vec<&str> =
        rows.iter().filter(|row| wanted(row.name)).filter_map(|row| row.target).map(|target| target.row).collect();
    let is_selected = |row: &Row| wanted(row.name) || row.name == UNIT || needed.contains(&row.name);
    rows.into_iter().filter(is_selected).collect()
}
