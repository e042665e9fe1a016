//! The same work on this library and on its peers, in one run: `cargo run --release`, here; a few minutes. Prints Markdown,
//! and writes what it printed and every number as JSON to `compare.json` (or the file that is named).

#![forbid(unsafe_code)]

mod encoding;
mod peers;
mod table;

use std::process::ExitCode;

use benches::measure::{Plan, Times, measure};
use benches::rows::Row;

const PLAN: Plan = Plan { rounds: 101, operations: 64_000 };

/// One way of recording, on one library.
pub struct Entry {
    /// As in [`KINDS`].
    pub kind: &'static str,
    pub library: &'static str,
}

/// What is recorded.
pub const KINDS: [&str; 6] = [COUNTER, ENUMS, DYNAMIC, GAUGE, FLOAT, HISTOGRAM];
pub const COUNTER: &str = "counter handle";
pub const ENUMS: &str = "counter, 2 enum labels";
pub const DYNAMIC: &str = "counter, 3 dynamic labels, warm";
pub const GAUGE: &str = "gauge set";
pub const FLOAT: &str = "f64 counter";
pub const HISTOGRAM: &str = "histogram, 12 buckets";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [one, library, series] = &arguments[..] {
        let answered = one == encoding::ONE && encoding::answer(library, series);
        return if answered { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let file = arguments.into_iter().next().unwrap_or_else(|| "compare.json".to_owned());
    let (entries, rows): (Vec<Entry>, Vec<Row>) = peers::recording().into_iter().unzip();
    let runs: Vec<(usize, Times)> = [1, 2].map(|threads| (threads, measure(&rows, threads, PLAN))).into();
    if let Some(wrong) = wrong_total(&entries, &rows) {
        eprintln!("compare: {wrong}");
        return ExitCode::FAILURE;
    }
    let encoded = match encoding::measure() {
        Ok(encoded) => encoded,
        Err(error) => {
            eprintln!("compare: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("Nanoseconds of processor time per operation as one thread sees it, one thread / two threads; medians.\n");
    print!("{}", table::recording(&entries, &runs));
    println!("\nNanoseconds a series, text exposition of counters with three labels; medians.\n");
    print!("{}", table::encoding(&encoded));
    match std::fs::write(&file, table::json(&entries, &runs, &encoded)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("compare: {file} could not be written: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether some library has lost or invented an operation.
fn wrong_total(entries: &[Entry], rows: &[Row]) -> Option<String> {
    let wanted = 3 * PLAN.rounds as u64 * (PLAN.operations + PLAN.operations / 64);
    entries.iter().zip(rows).find(|(_, row)| row.total() != wanted).map(|(entry, row)| {
        format!("{} of {} has a wrong total: {} of {wanted}", entry.kind, entry.library, row.total())
    })
}
