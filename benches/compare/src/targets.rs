//! What must this library reach, and does it?

use crate::floors::{HASH, PLAIN_F64, STORE, UNIT};
use crate::lines::{Line, Role, spread};
use crate::many::one;
use crate::{BUSY, COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM, KEPT, NATIVE, UP_DOWN};
use benches::measure::Spread;

/// Under the layer: two readings of the clock, and a histogram.
const REQUEST: &str = "two clock readings, one bare histogram of atomics a thread";

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
        row if row.starts_with("HTTP layer over") => Limit::Times(130.0 / 96.0, REQUEST),
        row if row.starts_with("HTTP layer, allocations") => Limit::AtMost(0.0),
        row if row.starts_with("service throughput, with / without") => Limit::AtLeast(0.99),
        _ => return None,
    })
}

/// At most so many times the best peer, with one thread and with more: what was to be reached over what the best peer took in
/// the run that the targets were made in. An atomic operation is no measure of work that has none.
fn of_best(row: &str) -> Option<[f64; 2]> {
    Some(match row {
        COUNTER => [1.5 / 2.4, 1.6 / 3.1],
        ENUMS => [2.0 / 2.4, 2.2 / 4.7],
        DYNAMIC => [20.0 / 55.0, 22.0 / 106.0],
        GAUGE => [1.1, 1.1],
        UP_DOWN => [1.6 / 2.3, 1.8 / 13.0],
        // The floor of that run is 0.8.
        FLOAT => [1.3 * 0.8 / 4.8, 1.3 * 0.8 / 36.0],
        HISTOGRAM => [5.0 / 11.0, 5.5 / 35.0],
        NATIVE => [6.0 / 31.0, 6.5 / 83.0],
        "new series, 100,000 counters, ns" => [300.0 / 382.0; 2],
        "text 0.0.4, 100,000 counters, ns a series" => [50.0 / 166.0; 2],
        "OpenMetrics 1.0, 100,000 counters, ns a series" => [60.0 / 192.0; 2],
        "protobuf, 100,000 counters, ns a series" => [70.0 / 254.0; 2],
        "text 0.0.4, 1,000,000 counters, ns a series" => [60.0 / 167.0; 2],
        "text 0.0.4, 1,000,000 counters, extra memory, KiB" => [1.0 / 84.0; 2],
        "text 0.0.4, 10,000 histograms of 12 buckets, ns a series" => [600.0 / 1834.0; 2],
        "protobuf, 10,000 histograms of 12 buckets, ns a series" => [200.0 / 375.0; 2],
        "resident, label text included, 1,000,000 counters, bytes a series" => [64.0 / 70.0; 2],
        row if row.starts_with("HTTP layer over") => [0.25; 2],
        _ => return None,
    })
}

/// Whether the line keeps to the limits of its row with every number of threads: to the one by a floor, and to the one by the
/// best peer; in words, and empty where there is no such limit.
pub fn verdicts(line: &Line, all: &[Line]) -> [String; 2] {
    [of(&line.row).map_or(String::new(), |limit| by_floor(line, limit, all)), by_best(line, all)]
}

fn by_floor(line: &Line, limit: Limit, all: &[Line]) -> String {
    match limit {
        Limit::Times(times, name) => {
            let floors = || all.iter().filter(|other| other.role == Role::Floor && other.library == name);
            let floor = floors().find(|floor| floor.row == line.row).or_else(|| floors().next());
            // The same floor stands in several rows: what was measured is in the line of this one.
            let within = line.ratios.iter().find(|(to, _)| to == name).map(|(_, ratios)| ratios.clone());
            let computed =
                || (0..line.values.len()).filter_map(|threads| line.in_times(floor?, threads)).collect::<Vec<_>>();
            let judged = judge(&within.unwrap_or_else(computed), |_| times, false);
            format!("≤ {times:.2} × {}{judged}", if name == UNIT { "x" } else { name })
        }
        Limit::AtMost(most) => format!("≤ {most}{}", judge(&line.values, |_| most, false)),
        Limit::AtLeast(least) => format!("≥ {least}{}", judge(&line.values, |_| least, true)),
        Limit::Noise(without) => noise(line, without, all),
    }
}

fn by_best(line: &Line, all: &[Line]) -> String {
    let Some(limits) = of_best(&line.row) else { return String::new() };
    let limit = |threads: usize| limits[threads.min(1)];
    let ratio = |threads: usize| line.in_times(best_peer(line, all, threads)?, threads);
    let ratios: Vec<Spread> = (0..line.values.len()).filter_map(ratio).collect();
    let told: Vec<String> = (0..ratios.len()).map(|threads| spread(one(limit(threads)))).collect();
    format!("≤ {}{}", told.join(" / "), judge(&ratios, limit, false))
}

/// The fastest peer of a line's row, or the one that takes least.
pub fn best_peer<'a>(line: &Line, all: &'a [Line], threads: usize) -> Option<&'a Line> {
    let peers = all.iter().filter(|other| other.row == line.row && other.role == Role::Peer);
    let by_median = peers.filter_map(|peer| Some((peer.median(threads)?, peer)));
    by_median.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, peer)| peer)
}

/// Where a quartile is beyond the limit and the other one is not, another run may say otherwise.
fn judge(numbers: &[Spread], limit: impl Fn(usize) -> f64, at_least: bool) -> String {
    let keeps = |number: f64, limit: f64| if at_least { number >= limit } else { number <= limit };
    let both = |(at, number): (usize, &Spread)| [keeps(number.low, limit(at)), keeps(number.high, limit(at))];
    let verdict = match () {
        () if numbers.is_empty() => return String::new(),
        () if numbers.iter().enumerate().map(both).any(|both| both == [false, false]) => "**missed**",
        () if numbers.iter().enumerate().map(both).all(|both| both == [true, true]) => "met",
        () => "within noise",
    };
    let told: Vec<String> = numbers.iter().map(|number| spread(*number)).collect();
    format!(": {verdict}, {}", told.join(" / "))
}

/// Whether the quartiles of two lines touch.
fn noise(line: &Line, without: &str, all: &[Line]) -> String {
    let other = all.iter().find(|other| other.row == without && other.library == line.library);
    let Some((with, without)) = line.values.first().zip(other.and_then(|other| other.values.first())) else {
        return String::new();
    };
    let verdict = if with.low <= without.high { "met" } else { "**missed**" };
    format!("as without scrapes: {verdict}, quartiles {}", if with.low <= without.high { "touch" } else { "apart" })
}

#[cfg(test)]
mod tests {
    use super::{Spread, best_peer, judge, one, verdicts};
    use crate::COUNTER;
    use crate::floors::UNIT;
    use crate::lines::{Line, Role};

    fn between(low: f64, median: f64, high: f64) -> Spread {
        Spread { low, median, high }
    }

    #[test]
    fn a_limit_between_the_quartiles_is_within_noise() {
        let judged = |low, high| judge(&[one(0.1), between(low, 0.5, high)], |_| 0.65, false);
        assert_eq!(judged(0.4, 0.6), ": met, 0.10 / 0.50 (0.40 – 0.60)");
        assert_eq!(judged(0.4, 0.7), ": within noise, 0.10 / 0.50 (0.40 – 0.70)");
        assert_eq!(judge(&[one(0.1), one(0.7)], |_| 0.65, false), ": **missed**, 0.10 / 0.70");
        assert_eq!(judge(&[between(0.97, 0.98, 1.0)], |_| 0.99, true), ": within noise, 0.98 (0.97 – 1.00)");
    }

    #[test]
    fn a_row_is_judged_by_its_floor_and_by_its_best_peer() {
        let mut ours = Line { values: vec![one(1.0), one(2.0)], ..Line::single(COUNTER, "ours", one(0.0)) };
        let peer = |name: &str, values| Line { values, role: Role::Peer, ..Line::single(COUNTER, name, one(0.0)) };
        let floor = Line { values: vec![one(2.0); 2], ..Line::single(COUNTER, UNIT, one(0.0)) };
        let all = [floor, peer("a", vec![one(2.0), one(9.0)]), peer("b", vec![one(3.0), one(4.0)])];
        assert_eq!(best_peer(&ours, &all, 0).map(|peer| &*peer.library), Some("a"));
        let [by_floor, by_best] = verdicts(&ours, &all);
        assert_eq!(by_floor, "≤ 0.65 × x: **missed**, 0.50 / 1.00");
        assert_eq!(by_best, "≤ 0.62 / 0.52: met, 0.50 / 0.50");
        // What was measured within the rounds counts more than what the medians say.
        ours.ratios.push(("b".to_owned(), vec![one(0.3), one(0.6)]));
        assert_eq!(verdicts(&ours, &all)[1], "≤ 0.62 / 0.52: **missed**, 0.50 / 0.60");
    }
}
