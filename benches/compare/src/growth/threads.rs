//! What does one operation cost while other threads do the same?

use std::time::Duration;

use benches::measure::{Plan, cores, measure, wrong_totals};
use benches::rows::Row;

use super::{Curve, Picture, Point, by_time};
use crate::floors::{SHARED, UNIT};
use crate::peers;
use crate::{COUNTER, HISTOGRAM};

/// Keeps every observation until somebody drains it, which its users must see to.
const UNRELIABLE: &str = "metrics + exporter";

pub(super) fn pictures(rounds: usize) -> Result<Vec<Picture>, String> {
    let floors = [UNIT, SHARED].map(|name| benches::rows::find(name).expect("the row exists"));
    let (mut counters, mut histograms): (Vec<Row>, Vec<Row>) = (floors.into(), Vec::new());
    for library in peers::all() {
        for (kind, mut row) in (library.rows)() {
            row.name = library.name;
            match kind {
                COUNTER => counters.push(row),
                // Its totals were wrong by some thousand observations of millions when more threads than processors drained it.
                HISTOGRAM if library.name != UNRELIABLE => histograms.push(row),
                _ => {}
            }
        }
    }
    Ok(vec![
        picture("threads-counter", "One counter of 64, and more and more threads", &counters, rounds)?,
        picture("threads-histogram", "One histogram of 64, and more and more threads", &histograms, rounds)?,
    ])
}

/// Each number up to twice that of the processors; of many, only some.
fn numbers(cores: usize) -> Vec<usize> {
    let is_told = |number: &usize| {
        let power = 1 << number.ilog2();
        *number <= 8 || *number == power || 2 * *number == 3 * power || *number == cores || *number == 2 * cores
    };
    (1..=2 * cores).filter(is_told).collect()
}

fn picture(file: &'static str, title: &str, rows: &[Row], rounds: usize) -> Result<Picture, String> {
    let plan = Plan { rounds, slice: Duration::from_millis(1), threads: numbers(cores()) };
    let times = measure(rows, &plan);
    let wrong = wrong_totals(rows, &times);
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    let point = |at: usize, place: usize| Point::timed(plan.threads[place] as f64, &times, at, place);
    let curve = |(at, row): (usize, &Row)| {
        let points = (0..plan.threads.len()).map(|place| point(at, place)).collect();
        Curve { name: row.name.to_owned(), points }
    };
    Ok(Picture {
        file,
        title: format!("{title} ({} processors)", cores()),
        x: "threads that do nothing else",
        y: "ns an operation, as one thread sees it",
        by_ten: (false, true),
        curves: rows.iter().enumerate().map(curve).collect(),
        notes: vec![by_time(&plan, &times)],
    })
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn every_number_up_to_twice_the_processors_or_enough_of_many() {
        assert_eq!(numbers(1), [1, 2]);
        assert_eq!(numbers(2), [1, 2, 3, 4]);
        assert_eq!(numbers(4), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(numbers(20), [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 40]);
    }
}
