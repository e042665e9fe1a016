//! How are results told? As a Markdown table, and for the table of everything.

use std::fmt::Write;

use benches::measure::{Plan, Spread, Times};
use benches::report::{DOUBTFUL, Told, overlap};
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
            let mark = if times.is_doubtful(&[row, base], threads) { DOUBTFUL } else { "" };
            let told = if row == base {
                format!("({}{mark} in all)", one(times.of(row, threads)))
            } else {
                format!("{}{mark}", one(times.over(row, base, threads)))
            };
            let _ = write!(table, " {told} |");
        }
        let ratios = (0..plan.threads.len()).map(|at| format!("{:.2}", times.ratio_over(ours, row, base, at).median));
        let told = if row == base { "–".to_owned() } else { ratios.collect::<Vec<_>>().join(" / ") };
        let _ = writeln!(table, " {told} |");
    }
    let _ = writeln!(table, "\n{} rounds: {}.", plan.rounds, overlap(plan, times));
    table
}

/// The same for `compare --add`.
pub(crate) fn json(rows: &[Row], plan: &Plan, times: &Times, allocations: &[f64]) -> String {
    let base = rows.iter().position(|row| row.name == BASE).expect("it is always there");
    let name = |row: usize| if rows[row].name == OURS { "ours" } else { rows[row].name };
    let others = || (0..rows.len()).filter(|row| *row != base);
    let mut all = Vec::new();
    for row in others() {
        for (at, threads) in plan.threads.iter().enumerate() {
            let (value, library) = (times.over(row, base, at), name(row));
            let to = others().filter(|other| library == "ours" && *other != row);
            let ratios = to.map(|other| (name(other), times.ratio_over(row, other, base, at))).collect();
            all.push(Told {
                row: "HTTP layer over one that does nothing, ns a request",
                library,
                threads: *threads,
                value,
                ratios,
            });
        }
    }
    for row in others() {
        let (more, library) = (allocations[row] - allocations[base], name(row));
        let value = Spread { low: more, median: more, high: more };
        all.push(Told { row: "HTTP layer, allocations a request", library, threads: 1, value, ratios: Vec::new() });
    }
    let note = format!("HTTP layers: {} rounds; {}.", plan.rounds, overlap(plan, times));
    benches::report::json(&all, &[note])
}

fn one(spread: Spread) -> String {
    format!("{:.0} ({:.0} – {:.0})", spread.median, spread.low, spread.high)
}
