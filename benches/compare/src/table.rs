//! How are results told?

use std::fmt::Write;

use benches::measure::Times;

use crate::encoding::Encoded;
use crate::{Entry, KINDS};

/// A row a library, a column a way of recording.
pub fn recording(entries: &[Entry], runs: &[(usize, Times)]) -> String {
    let mut table = format!("| library | {} |\n|---|{}\n", KINDS.join(" | "), "---:|".repeat(KINDS.len()));
    for library in libraries(entries) {
        let cell = |kind: &&str| {
            let at = entries.iter().position(|entry| entry.library == library && entry.kind == *kind);
            at.map_or("–".to_owned(), |at| {
                let each: Vec<String> = runs.iter().map(|(_, times)| format!("{:.1}", times.of(at).median)).collect();
                each.join(" / ")
            })
        };
        let cells: Vec<String> = KINDS.iter().map(cell).collect();
        let _ = writeln!(table, "| {library} | {} |", cells.join(" | "));
    }
    table
}

fn libraries(entries: &[Entry]) -> Vec<&'static str> {
    let mut libraries = Vec::new();
    for entry in entries {
        if !libraries.contains(&entry.library) {
            libraries.push(entry.library);
        }
    }
    libraries
}

/// A row a library.
pub fn encoding(encoded: &[Encoded]) -> String {
    let mut table = String::from(
        "| library | series | ns a series | new series, ns | bytes resident a series |\n|---|---:|---:|---:|---:|\n",
    );
    for row in encoded {
        let resident = row.resident.map_or("?".to_owned(), |bytes| format!("{bytes:.0}"));
        let _ = writeln!(
            table,
            "| {} | {} | {:.0} | {:.0} | {resident} |",
            row.library, row.series, row.nanoseconds, row.new_series
        );
    }
    table
}

/// Everything, for programs.
pub fn json(entries: &[Entry], runs: &[(usize, Times)], encoded: &[Encoded]) -> String {
    let recorded = entries.iter().enumerate().flat_map(|(at, entry)| {
        runs.iter().map(move |(threads, times)| {
            let spread = times.of(at);
            format!(
                r#"{{"library":"{}","row":"{}","threads":{threads},"low":{:.3},"median":{:.3},"high":{:.3}}}"#,
                entry.library, entry.kind, spread.low, spread.median, spread.high
            )
        })
    });
    let encoded = encoded.iter().map(|row| {
        format!(
            r#"{{"library":"{}","series":{},"nanoseconds":{:.3},"new_series":{:.3},"resident":{}}}"#,
            row.library,
            row.series,
            row.nanoseconds,
            row.new_series,
            row.resident.map_or("null".to_owned(), |bytes| format!("{bytes:.1}"))
        )
    });
    format!(
        "{{\"recording\":[\n{}\n],\"encoding\":[\n{}\n]}}\n",
        recorded.collect::<Vec<_>>().join(",\n"),
        encoded.collect::<Vec<_>>().join(",\n")
    )
}
