//! How are results told? As a Markdown table.

use std::fmt::Write;

use crate::measure::{Spread, Times};
use crate::rows::Row;

/// A table of what was measured with one thread and with several.
pub fn table(rows: &[Row], unit: usize, runs: &[(usize, Times)]) -> String {
    let mut table = String::from("| row |");
    for (threads, _) in runs {
        let _ = write!(table, " ns, {threads} thread{} | × x |", if *threads == 1 { "" } else { "s" });
    }
    table.push_str(" target | |\n|---|");
    table.push_str(&"---:|---:|".repeat(runs.len()));
    table.push_str("---|---|\n");
    for (at, row) in rows.iter().enumerate() {
        let _ = write!(table, "| {} |", row.name);
        for (_, times) in runs {
            let _ = write!(table, " {} | {:.2} |", nanoseconds(times.of(at)), times.ratio(at, unit).median);
        }
        let _ = writeln!(table, " {} |", verdict(rows, row, at, runs));
    }
    table
}

fn nanoseconds(spread: Spread) -> String {
    format!("{:.2} ({:.2} – {:.2})", spread.median, spread.low, spread.high)
}

/// The target, and whether it is met with every number of threads.
fn verdict(rows: &[Row], row: &Row, at: usize, runs: &[(usize, Times)]) -> String {
    let Some(target) = row.target else { return "|".to_owned() };
    let Some(to) = rows.iter().position(|other| other.name == target.row) else { return "|".to_owned() };
    let ratios: Vec<f64> = runs.iter().map(|(_, times)| times.ratio(at, to).median).collect();
    let told: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    let met = ratios.iter().all(|ratio| *ratio <= target.times);
    let verdict = if met { "met" } else { "**missed**" };
    format!("≤ {} × {} | {verdict}: {}", target.times, target.row, told.join(" / "))
}
