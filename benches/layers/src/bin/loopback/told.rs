//! How are results told? As ratios within a round, and their spread over the rounds.

use std::fmt::Write;
use std::time::Duration;

use crate::client::Load;

/// What a service did in one round.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Round {
    per_second: f64,
    p99_microseconds: f64,
    processor_nanoseconds: f64,
}

impl Round {
    pub(crate) fn of(mut latencies: Vec<Duration>, elapsed: Duration, processor: Duration) -> Self {
        latencies.sort();
        let requests = latencies.len();
        let p99 = latencies.get(requests * 99 / 100).copied().unwrap_or_default();
        Self {
            per_second: requests as f64 / elapsed.as_secs_f64(),
            p99_microseconds: p99.as_secs_f64() * 1e6,
            processor_nanoseconds: processor.as_nanos() as f64 / requests as f64,
        }
    }
}

/// What is told of a round.
type Telling = fn(&Round) -> f64;

const ROWS: [(&str, Telling); 3] = [
    ("requests a second", |round| round.per_second),
    ("99th percentile, µs", |round| round.p99_microseconds),
    ("server's processor time a request, ns", |round| round.processor_nanoseconds),
];

/// The ratios for `compare --add`.
pub(crate) fn json(rounds: &[[Round; 4]], items: usize) -> String {
    let answer = if items == 0 { String::new() } else { format!(", {items} items an answer") };
    let rows = [
        "service throughput, with / without the layer",
        "service's 99th percentile, with / without the layer",
        "service's processor time, with / without the layer",
    ];
    let services = [("no layer, an equal service", 1), ("no-op layer", 2), ("ours", 3)];
    let mut all = Vec::new();
    let rows = rows.map(|row| format!("{row}{answer}"));
    for (row, (_, told)) in rows.iter().zip(ROWS) {
        for (library, at) in services {
            let [low, median, high] = spread(rounds.iter().map(|round| told(&round[at]) / told(&round[0])));
            let value = benches::measure::Spread { low, median, high };
            all.push(benches::report::Told { row, library, threads: 1, value, ratios: Vec::new() });
        }
    }
    benches::report::json(&all, &[])
}

/// The first service of a round is the base, the second its equal, the third has a layer that does nothing, the last ours.
pub(crate) fn table(rounds: &[[Round; 4]], load: Load, items: usize) -> String {
    let Load { requests, connections } = load;
    let mut table = format!(
        "Medians (quartiles) of {} rounds of {requests} requests over {connections} connections, {items} items an answer.\n\n\
         | | without a layer | equal service ÷ it | with a no-op layer ÷ it | with HttpMetricsLayer ÷ it | the same ÷ no-op |\n\
         |---|---:|---:|---:|---:|---:|\n",
        rounds.len()
    );
    for (name, told) in ROWS {
        let base = spread(rounds.iter().map(|round| told(&round[0])));
        let ratio = |(at, to): (usize, usize)| {
            let [low, median, high] = spread(rounds.iter().map(|round| told(&round[at]) / told(&round[to])));
            format!("{median:.3} ({low:.3} – {high:.3})")
        };
        let ratios = [(1, 0), (2, 0), (3, 0), (3, 2)].map(ratio);
        let _ = writeln!(table, "| {name} | {:.0} | {} |", base[1], ratios.join(" | "));
    }
    table
}

fn spread(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarters| values.get(values.len() * quarters / 4).copied().unwrap_or(f64::NAN))
}
