//! How are results told? As a Markdown table.

use std::fmt::Write;

use benches::measure::{Plan, Spread, Times};
use benches::rows::Row;

use crate::{BASE, OURS};

pub(crate) fn of(rows: &[Row], plan: &Plan, times: &Times, allocations: &[f64]) -> String {
    let at = |name: &str| rows.iter().position(|row| row.name == name).expect("it is always there");
    let (base, ours) = (at(BASE), at(OURS));
    let mut table = String::from("| layer | allocations |");
    for threads in &plan.threads {
        let _ = write!(table, " ns over no-op, {threads} thread{} |", if *threads == 1 { "" } else { "s" });
    }
    table.push_str(" ours ÷ it |\n|---|---:|");
    table.push_str(&"---:|".repeat(plan.threads.len()));
    table.push_str("---:|\n");
    for (row, known) in rows.iter().enumerate() {
        let _ = write!(table, "| {} | {:.1} |", known.name, allocations[row] - allocations[base]);
        for threads in 0..plan.threads.len() {
            let told = if row == base {
                format!("({} in all)", one(times.of(row, threads)))
            } else {
                one(times.over(row, base, threads))
            };
            let _ = write!(table, " {told} |");
        }
        let ratios = (0..plan.threads.len()).map(|at| format!("{:.2}", times.ratio_over(ours, row, base, at).median));
        let told = if row == base { "–".to_owned() } else { ratios.collect::<Vec<_>>().join(" / ") };
        let _ = writeln!(table, " {told} |");
    }
    table
}

fn one(spread: Spread) -> String {
    format!("{:.0} ({:.0} – {:.0})", spread.median, spread.low, spread.high)
}
