//! What must this library reach?

use crate::floors::{HASH, PLAIN_F64, STORE, UNIT};
use crate::lines::{Line, Role};
use crate::{BUSY, COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM, KEPT, NATIVE, UP_DOWN};

/// A limit. All times are judged by their ratio to a floor of the same run, so that it does not matter how fast the machine is.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// At most so many times this floor.
    Times(f64, &'static str),
    AtMost(f64),
    AtLeast(f64),
    /// No more than without what the line of this name has.
    Noise(&'static str),
}

/// The limit of a row. The numbers of nanoseconds that the targets were given in belong to x = 2.4 ns.
pub fn of(row: &str) -> Option<Limit> {
    let nanoseconds = |limit: f64| Limit::Times(limit / 2.4, UNIT);
    Some(match row {
        COUNTER => Limit::Times(0.65, UNIT),
        ENUMS => Limit::Times(0.9, UNIT),
        DYNAMIC | KEPT => Limit::Times(2.6, HASH),
        GAUGE => Limit::Times(1.1, STORE),
        UP_DOWN => Limit::Times(1.4, UNIT),
        FLOAT => Limit::Times(1.3, PLAIN_F64),
        HISTOGRAM => Limit::Times(2.1, UNIT),
        NATIVE | BUSY => Limit::Times(2.5, UNIT),
        "new series, 100,000 counters, ns" => nanoseconds(300.0),
        "text 0.0.4, 100,000 counters, ns a series" => nanoseconds(50.0),
        "OpenMetrics 1.0, 100,000 counters, ns a series" => nanoseconds(60.0),
        "protobuf, 100,000 counters, ns a series" => nanoseconds(70.0),
        "text 0.0.4, 1,000,000 counters, ns a series" => nanoseconds(60.0),
        "text 0.0.4, 1,000,000 counters, extra memory, KiB" => Limit::AtMost(1024.0),
        "text 0.0.4, 10,000 histograms of 12 buckets, ns a series" => nanoseconds(600.0),
        "protobuf, 10,000 histograms of 12 buckets, ns a series" => nanoseconds(200.0),
        "resident, label text included, 1,000,000 counters, bytes a series" => Limit::AtMost(64.0),
        "worst new series during scrapes, µs" => Limit::Noise("worst new series without scrapes, µs"),
        "worst recording operation during scrapes, µs" => {
            Limit::Noise("worst recording operation without scrapes, µs")
        }
        row if row.starts_with("HTTP layer over") => nanoseconds(130.0),
        row if row.starts_with("HTTP layer, allocations") => Limit::AtMost(0.0),
        row if row.starts_with("service throughput, with / without") => Limit::AtLeast(0.99),
        _ => return None,
    })
}

/// The limit in words, and whether the line keeps to it with every number of threads.
pub fn verdict(line: &Line, all: &[Line]) -> String {
    let Some(limit) = of(&line.row) else { return "|".to_owned() };
    let floor = |name: &str, threads: usize| {
        let floor = all.iter().find(|other| other.role == Role::Floor && other.library == name)?;
        Some(floor.values.get(threads)?.median)
    };
    let medians: Vec<f64> = line.values.iter().map(|value| value.median).collect();
    let (told, numbers, met): (String, Vec<f64>, fn(f64, f64) -> bool) = match limit {
        Limit::Times(times, name) => {
            let measured = line.ratios.iter().find(|(to, _)| *to == name).map(|(_, ratios)| ratios.clone());
            let computed =
                || medians.iter().enumerate().filter_map(|(at, median)| Some(median / floor(name, at)?)).collect();
            let unit = if name == UNIT { "x" } else { name };
            (format!("≤ {times:.3} × {unit}"), measured.unwrap_or_else(computed), |number, limit| number <= limit)
        }
        Limit::AtMost(most) => (format!("≤ {most}"), medians, |number, limit| number <= limit),
        Limit::AtLeast(least) => (format!("≥ {least}"), medians, |number, limit| number >= limit),
        Limit::Noise(without) => return noise(line, without, all),
    };
    let limit = match limit {
        Limit::Times(limit, _) | Limit::AtMost(limit) | Limit::AtLeast(limit) => limit,
        Limit::Noise(_) => f64::NAN,
    };
    let numbers_told: Vec<String> = numbers.iter().map(|number| format!("{number:.2}")).collect();
    let verdict =
        if !numbers.is_empty() && numbers.iter().all(|number| met(*number, limit)) { "met" } else { "**missed**" };
    format!("{told} | {verdict}: {}", numbers_told.join(" / "))
}

/// Whether the quartiles of two lines touch.
fn noise(line: &Line, without: &str, all: &[Line]) -> String {
    let other = all.iter().find(|other| other.row == without && other.library == line.library);
    let Some((with, without)) = line.values.first().zip(other.and_then(|other| other.values.first())) else {
        return "|".to_owned();
    };
    let verdict = if with.low <= without.high { "met" } else { "**missed**" };
    format!("as without scrapes: quartiles touch | {verdict}")
}
