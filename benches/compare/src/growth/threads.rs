//! What does one operation cost while other threads do the same?

use std::time::Duration;

use benches::measure::{Plan, cores, measure, wrong_totals};
use benches::rows::Row;

use super::{Curve, Picture, Point, row};
use crate::floors::{SHARED, UNIT};
use crate::peers::OURS;
use crate::{COUNTER, HISTOGRAM};

pub(super) fn pictures(rounds: usize) -> Result<Vec<Picture>, String> {
    let floors = || [UNIT, SHARED].map(|name| benches::rows::find(name).expect("the row exists"));
    let mut counters: Vec<Row> = floors().into();
    counters.extend([OURS, "foundations-metrics", "fast-telemetry", "prometheus"].map(|library| row(library, COUNTER)));
    let histograms =
        [OURS, "fast-telemetry", "fastmetrics", "prometheus-client"].map(|library| row(library, HISTOGRAM));
    Ok(vec![
        picture("threads-counter", "One counter of 64, and more and more threads", &counters, rounds)?,
        picture("threads-histogram", "One histogram of 64, and more and more threads", &histograms, rounds)?,
    ])
}

fn picture(file: &'static str, title: &str, rows: &[Row], rounds: usize) -> Result<Picture, String> {
    let plan = Plan { rounds, slice: Duration::from_millis(1), threads: (1..=2 * cores()).collect() };
    let times = measure(rows, &plan);
    let wrong = wrong_totals(rows, &times);
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    let point = |at: usize, place: usize| Point::new(plan.threads[place] as f64, times.of(at, place));
    let curve = |(at, row): (usize, &Row)| {
        let points = (0..plan.threads.len()).map(|place| point(at, place)).collect();
        Curve { name: row.name.to_owned(), points }
    };
    Ok(Picture {
        file,
        title: format!("{title} ({} processors)", cores()),
        x: "threads that do nothing else",
        y: "ns an operation, as one thread sees it",
        logarithmic: false,
        curves: rows.iter().enumerate().map(curve).collect(),
    })
}
