//! What do new series and a scrape cost, in time and in memory? `scrape [SERIES]`, 100,000 unless told otherwise.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use benches::labels::RequestLabels;
use benches::measure::processor_time;
use benches::memory::{peak, resident};
use benches::series::{MOST, Texts};
use metrics_core::{Counter, Declaration, Descriptor, Family, Format, Histogram, MetricType, Registry};

const ROUNDS: usize = 21;
/// Twelve buckets and `+Inf`.
const BOUNDS: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

fn main() -> ExitCode {
    let series = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse());
    let Some(series) = series.ok().filter(|series| (1..=MOST).contains(series)) else {
        eprintln!("usage: scrape [SERIES]; up to {MOST} series");
        return ExitCode::FAILURE;
    };
    println!("| {series} series with 3 labels | |\n|---|---:|");
    let texts = Texts::new();
    let counters = counters(&texts, series);
    for (name, format) in
        [("text 0.0.4", Format::Text), ("OpenMetrics 1.0", Format::OpenMetrics), ("protobuf", Format::Protobuf)]
    {
        encode(name, &counters, format, series);
    }
    drop(counters);
    let histograms = histograms(&texts, series / 10);
    for (name, format) in [("text 0.0.4", Format::Text), ("protobuf", Format::Protobuf)] {
        encode(&format!("12-bucket histograms, {name}"), &histograms, format, series / 10);
    }
    ExitCode::SUCCESS
}

fn family_of<M: metrics_core::SeriesMetric>(
    registry: &Registry,
    declaration: Declaration,
    series: usize,
) -> Family<RequestLabels<'static>, M> {
    let mut descriptor = Descriptor::from(declaration);
    descriptor.max_series = Some(series as u32);
    registry.register(descriptor).expect("the declaration is right")
}

/// Counters that were each recorded to, and what making them cost.
fn counters(texts: &Texts, series: usize) -> Registry {
    let registry = Registry::new();
    let declaration = Declaration::new(MetricType::Counter, "requests_total", "Requests by route.");
    let family: Family<_, Counter> = family_of(&registry, declaration, series);
    let (before, started) = (resident(), processor_time());
    for at in 0..series {
        family.with(&texts.labels(at)).add(at as u64 * 7);
    }
    let each = (processor_time() - started).as_nanos() as f64 / series as f64;
    println!("| new series, first record included | {each:.0} ns |");
    if let (Some(before), Some(after)) = (before, resident()) {
        println!("| resident, label text included | {:.1} B a series |", (after - before) as f64 / series as f64);
    }
    assert_eq!(family.len(), series, "every label set is a series");
    registry
}

fn histograms(texts: &Texts, series: usize) -> Registry {
    let registry = Registry::new();
    let declaration = Declaration::new(MetricType::Histogram, "duration_seconds", "Durations.").with_unit("seconds");
    let family: Family<_, Histogram> = family_of(&registry, declaration.with_buckets(&BOUNDS), series);
    for at in 0..series * 4 {
        family.with(&texts.labels(at % series)).observe(0.0007 * (at % 9000) as f64);
    }
    registry
}

/// The median over the rounds, as a scrape does it: piece by piece, into one buffer that is emptied.
fn encode(name: &str, registry: &Registry, format: Format, series: usize) {
    let before = peak();
    let (mut bytes, mut buffer) = (0, Vec::new());
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            bytes = 0;
            let (mut exposition, started) = (registry.exposition(format), processor_time());
            loop {
                buffer.clear();
                let more = exposition.next_piece(&mut buffer);
                bytes += buffer.len();
                if !more {
                    return (processor_time() - started).as_nanos() as f64 / series as f64;
                }
            }
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let extra = before.zip(peak()).map_or("?".to_owned(), |(before, after)| format!("{} KiB", (after - before) / 1024));
    println!(
        "| {name} | {:.1} ns a series (quartiles {:.1} – {:.1}), {} B a series, {extra} more memory |",
        times[ROUNDS / 2],
        times[ROUNDS / 4],
        times[ROUNDS * 3 / 4],
        bytes / series
    );
}
