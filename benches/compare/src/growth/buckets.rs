//! What does an observation cost by the number of buckets?

use std::time::Duration;

use benches::measure::{Plan, cores, measure, wrong_totals};
use benches::rows::{HANDLES, Row, latencies, rotate};
use metrics_core::{Declaration, MetricType, Registry};
use opentelemetry::metrics::{BoundHistogram, MeterProvider};

use super::labels::pipeline;
use super::{Curve, Picture, Point, by_time};
use crate::peers::OURS;
use crate::written::sum_in;

const NUMBERS: [usize; 6] = [5, 10, 20, 40, 80, 160];

pub(super) fn pictures(rounds: usize) -> Result<Vec<Picture>, String> {
    let by_number = NUMBERS.map(|buckets| rows(bounds(buckets)));
    let names: Vec<&'static str> = by_number[0].iter().map(|row| row.name).collect();
    let rows: Vec<Row> = by_number.into_iter().flatten().collect();
    let plan = Plan { rounds, slice: Duration::from_millis(1), threads: vec![1] };
    let times = measure(&rows, &plan);
    let wrong = wrong_totals(&rows, &times);
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    let curve = |(at, name): (usize, &&str)| {
        let point = |place: usize| Point::timed(NUMBERS[place] as f64, &times, place * names.len() + at, 0);
        Curve { name: (*name).to_owned(), points: (0..NUMBERS.len()).map(point).collect() }
    };
    Ok(vec![Picture {
        file: "buckets",
        title: "Observing latencies of all orders of magnitude; 64 histograms".to_owned(),
        x: "buckets",
        y: "ns an operation",
        by_ten: (false, true),
        curves: names.iter().enumerate().map(curve).collect(),
        notes: vec![by_time(&plan, &times)],
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
    let nanoseconds = |seconds: f64| (seconds * 1e9) as u64;
    let whole: Vec<u64> = bounds.iter().map(|bound| nanoseconds(*bound)).collect();
    vec![
        row(
            OURS,
            ours,
            metrics_core::Histogram::observe,
            each(|histogram: &metrics_core::Histogram| histogram.snapshot().count()),
        ),
        row(
            "prometheus",
            |_| prometheus::Histogram::with_opts(options()).expect("it is right"),
            prometheus::Histogram::observe,
            each(prometheus::Histogram::get_sample_count),
        ),
        prometheus_client_row(bounds),
        measured_row(bounds),
        row(
            "fastmetrics",
            |_| fastmetrics::metrics::histogram::Histogram::new(bounds.iter().copied()),
            fastmetrics::metrics::histogram::Histogram::observe,
            each(|histogram: &fastmetrics::metrics::histogram::Histogram| {
                histogram.with_snapshot(|snapshot| snapshot.count())
            }),
        ),
        row(
            "foundations-metrics",
            |_| foundations_metrics::Histogram::new(bounds.iter().copied()),
            foundations_metrics::Histogram::observe,
            each(|histogram: &foundations_metrics::Histogram| histogram.snapshot().count()),
        ),
        row(
            "fast-telemetry",
            |_| fast_telemetry::Histogram::new(&whole, cores()),
            move |histogram, seconds| histogram.record(nanoseconds(seconds)),
            each(fast_telemetry::Histogram::count),
        ),
        row(
            "metrics-lib",
            |_| metrics_lib::Histogram::with_buckets(bounds.iter().copied()),
            metrics_lib::Histogram::observe,
            each(metrics_lib::Histogram::count),
        ),
        opentelemetry_row(bounds),
    ]
}

/// Its counts are only told by its registry.
fn prometheus_client_row(bounds: &'static [f64]) -> Row {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::metrics::histogram::Histogram;
    let mut registry = prometheus_client::registry::Registry::default();
    let make = |at: usize| {
        let histogram = Histogram::new(bounds.iter().copied());
        registry.register(format!("h{at}"), "H", histogram.clone());
        histogram
    };
    let all = std::array::from_fn(make);
    let count = move |_: &[Histogram; HANDLES]| {
        let mut text = String::new();
        encode(&mut text, &registry).expect("it is text");
        (0..HANDLES).map(|at| sum_in(&text, &format!("h{at}_count"))).sum()
    };
    of_all("prometheus-client", all, Histogram::observe, count)
}

/// Its bounds are as many as its type says.
fn measured_row(bounds: &'static [f64]) -> Row {
    match bounds.len() {
        5 => of_so_many::<5>(bounds),
        10 => of_so_many::<10>(bounds),
        20 => of_so_many::<20>(bounds),
        40 => of_so_many::<40>(bounds),
        80 => of_so_many::<80>(bounds),
        _ => of_so_many::<160>(bounds),
    }
}

fn of_so_many<const N: usize>(bounds: &'static [f64]) -> Row {
    use measured::Histogram;
    use measured::metric::{MetricFamilyEncoding, histogram::Thresholds, name::MetricName};
    let bounds: [f64; N] = bounds.try_into().expect("there are so many");
    let count = |histogram: &Histogram<N>| {
        let mut encoder = measured::text::BufferedTextEncoder::new();
        let Ok(()) = histogram.collect_family_into(MetricName::from_str("h"), &mut encoder);
        sum_in(&String::from_utf8_lossy(&encoder.finish()), "h_count")
    };
    let make = |_| Histogram::with_metadata(Thresholds::with_buckets(bounds));
    row("measured", make, |histogram, value| histogram.get_metric().observe(value), each(count))
}

fn opentelemetry_row(bounds: &'static [f64]) -> Row {
    let (registry, provider) = pipeline();
    let meter = provider.meter("growth");
    let make = |at| meter.f64_histogram(format!("h{at}")).with_boundaries(bounds.into()).build().bind(&[]);
    let all: [BoundHistogram<f64>; HANDLES] = std::array::from_fn(make);
    let count = move |_: &[BoundHistogram<f64>; HANDLES]| {
        // It ends what it provides when it is dropped.
        let _provider = &provider;
        let text = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).expect("it is text");
        (0..HANDLES).map(|at| sum_in(&text, &format!("h{at}_count"))).sum()
    };
    of_all("opentelemetry", all, BoundHistogram::record, count)
}

fn each<H>(count: impl Fn(&H) -> u64) -> impl Fn(&[H; HANDLES]) -> u64 {
    move |all| all.iter().map(&count).sum()
}

fn row<H: Send + Sync + 'static>(
    name: &'static str,
    make: impl FnMut(usize) -> H,
    observe: impl Fn(&H, f64) + Send + Sync + 'static,
    count: impl Fn(&[H; HANDLES]) -> u64 + Send + Sync + 'static,
) -> Row {
    of_all(name, std::array::from_fn(make), observe, count)
}

fn of_all<H: Send + Sync + 'static>(
    name: &'static str,
    all: [H; HANDLES],
    observe: impl Fn(&H, f64) + Send + Sync + 'static,
    count: impl Fn(&[H; HANDLES]) -> u64 + Send + Sync + 'static,
) -> Row {
    let all = std::sync::Arc::new(all);
    let (read, values) = (all.clone(), latencies());
    let work = move |operations| {
        let mut at = 0;
        rotate(&all, operations, |histogram| {
            observe(histogram, values[at % values.len()]);
            at += 1;
        });
    };
    Row::new(name, work, move || count(&read))
}
