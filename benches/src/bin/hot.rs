//! What does recording cost, beside what it would cost without a library? `--help` tells the options.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use benches::measure::{Plan, measure};
use benches::report::table;
use benches::rows::{Row, recording};

const HELP: &str = "\
Nanoseconds of processor time per operation, with one and two threads, as a Markdown table.

Usage: hot [--rounds N] [--operations N] [--row TEXT]

  --rounds N       how often the rows take turns [201]
  --operations N   operations of a row in a round, on each thread [100000]
  --row TEXT       only rows whose name has this text, and what their targets refer to
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
    let runs: Vec<_> = [1, 2].into_iter().map(|threads| (threads, measure(&rows, threads, plan))).collect();
    let unit = rows.iter().position(|row| row.name == UNIT).expect("the unit is always selected");
    println!(
        "x is one `AtomicU64::fetch_add` on a line that no other thread touches. Each cell: median (quartiles) of {} rounds.\n",
        plan.rounds
    );
    print!("{}", table(&rows, unit, &runs));
    check(&rows, plan)
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Option<(Plan, Option<String>)>, String> {
    let (mut plan, mut only) = (Plan { rounds: 201, operations: 100_000 }, None);
    while let Some(option) = arguments.next() {
        if option == "--help" || option == "-h" {
            return Ok(None);
        }
        let value = arguments.next().ok_or_else(|| format!("`{option}` needs a value; see --help"))?;
        let number = || value.parse::<u64>().ok().filter(|number| *number > 0);
        let number = || number().ok_or_else(|| format!("`{option} {value}`: expected a number above 0"));
        match option.as_str() {
            "--rounds" => plan.rounds = number()? as usize,
            "--operations" => plan.operations = number()?.next_multiple_of(64),
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

/// Whether every operation has left its mark.
fn check(rows: &[Row], plan: Plan) -> ExitCode {
    let of_one_thread = plan.rounds as u64 * (plan.operations + plan.operations / 64);
    let wanted = of_one_thread * (1 + 2);
    let mut code = ExitCode::SUCCESS;
    for row in rows.iter().filter(|row| row.total() != wanted) {
        eprintln!("hot: `{}` has a wrong total: {} of {wanted} operations", row.name, row.total());
        code = ExitCode::FAILURE;
    }
    if code == ExitCode::SUCCESS {
        println!("\nEvery total is right: {wanted} operations a row.");
    }
    code
}
