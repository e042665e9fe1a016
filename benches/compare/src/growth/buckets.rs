//! What does an observation cost by the number of buckets?

use std::time::Duration;

use benches::measure::{Plan, measure, wrong_totals};
use benches::rows::{HANDLES, Row, latencies, rotate};
use metrics_core::{Declaration, MetricType, Registry};

use super::{Curve, Picture, Point};
use crate::peers::OURS;

const NUMBERS: [usize; 6] = [5, 10, 20, 40, 80, 160];

pub(super) fn pictures(rounds: usize) -> Result<Vec<Picture>, String> {
    let by_number = NUMBERS.map(|buckets| rows(bounds(buckets)));
    let names: Vec<&'static str> = by_number[0].iter().map(|row| row.name).collect();
    let rows: Vec<Row> = by_number.into_iter().flatten().collect();
    let times = measure(&rows, &Plan { rounds, slice: Duration::from_millis(1), threads: vec![1] });
    let wrong = wrong_totals(&rows, &times);
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    let curve = |(at, name): (usize, &&str)| {
        let point = |place: usize| Point::new(NUMBERS[place] as f64, times.of(place * names.len() + at, 0));
        Curve { name: (*name).to_owned(), points: (0..NUMBERS.len()).map(point).collect() }
    };
    Ok(vec![Picture {
        file: "buckets",
        title: "Observing latencies of all orders of magnitude; 64 histograms".to_owned(),
        x: "buckets",
        y: "ns an operation",
        logarithmic: false,
        curves: names.iter().enumerate().map(curve).collect(),
    }])
}

/// Over the range of the latencies, each as much wider than the one before. Kept for ever: declarations are.
fn bounds(buckets: usize) -> &'static [f64] {
    let bound = |at: usize| 0.0005 * 40_000_f64.powf((at + 1) as f64 / (buckets + 1) as f64);
    Vec::leak((0..buckets).map(bound).collect())
}

fn rows(bounds: &'static [f64]) -> Vec<Row> {
    let registry = Registry::new();
    let declaration = Declaration::new(MetricType::Histogram, "h_seconds", "H.").with_unit("seconds");
    let ours = |at: usize| {
        let registry = registry.with_label("shard", &at.to_string());
        registry.register::<metrics_core::Histogram>(declaration.with_buckets(bounds)).expect("it is right")
    };
    let options = || prometheus::HistogramOpts::new("h", "H.").buckets(bounds.into());
    vec![
        row(OURS, ours, metrics_core::Histogram::observe, |histogram| histogram.snapshot().count()),
        row(
            "prometheus",
            |_| prometheus::Histogram::with_opts(options()).expect("it is right"),
            prometheus::Histogram::observe,
            prometheus::Histogram::get_sample_count,
        ),
        row(
            "fastmetrics",
            |_| fastmetrics::metrics::histogram::Histogram::new(bounds.iter().copied()),
            fastmetrics::metrics::histogram::Histogram::observe,
            |histogram| histogram.with_snapshot(|snapshot| snapshot.count()),
        ),
        row(
            "foundations-metrics",
            |_| foundations_metrics::Histogram::new(bounds.iter().copied()),
            foundations_metrics::Histogram::observe,
            |histogram| histogram.snapshot().count(),
        ),
    ]
}

fn row<H: Send + Sync + 'static>(
    name: &'static str,
    make: impl Fn(usize) -> H,
    observe: fn(&H, f64),
    count: fn(&H) -> u64,
) -> Row {
    let all: std::sync::Arc<[H; HANDLES]> = std::sync::Arc::new(std::array::from_fn(make));
    let (read, values) = (all.clone(), latencies());
    let work = move |operations| {
        let mut at = 0;
        rotate(&all, operations, |histogram| {
            observe(histogram, values[at % values.len()]);
            at += 1;
        });
    };
    Row::new(name, work, move || read.iter().map(count).sum())
}
