//! `fast-telemetry`: sharded counters, as many shards as there are processors; its histograms take integers.

use std::sync::Arc;

use benches::labels::requests;
use benches::rows::{BOUNDS, HANDLES, Row, latencies, rotate};
use benches::series::Texts;
use fast_telemetry::{Counter, DynamicCounter, Histogram, PrometheusExport};

use crate::encoding::Encode;
use crate::{COUNTER, DYNAMIC, HISTOGRAM};

pub const NAME: &str = "fast-telemetry";

fn shards() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

pub fn rows() -> Vec<(&'static str, Row)> {
    vec![(COUNTER, counter()), (DYNAMIC, dynamic()), (HISTOGRAM, histogram())]
}

fn counter() -> Row {
    let all: Arc<[Counter; HANDLES]> = Arc::new(std::array::from_fn(|_| Counter::new(shards())));
    let read = all.clone();
    Row::new(NAME, move |n| rotate(&all, n, Counter::inc), move || read.iter().map(|all| all.sum() as u64).sum())
}

fn dynamic() -> Row {
    let family = Arc::new(DynamicCounter::new(shards()));
    let (texts, read) = (requests(), family.clone());
    let work = move |n| {
        rotate(&texts, n, |[method, route, code]| {
            family.inc(&[("method", method), ("route", route), ("code", code)]);
        });
    };
    Row::new(NAME, work, move || read.sum_all() as u64)
}

fn histogram() -> Row {
    let nanoseconds = |seconds: f64| (seconds * 1e9) as u64;
    let bounds = BOUNDS.map(nanoseconds);
    let all: Arc<[Histogram; HANDLES]> = Arc::new(std::array::from_fn(|_| Histogram::new(&bounds, shards())));
    let (read, values) = (all.clone(), latencies().map(nanoseconds));
    let work = move |n| {
        let mut at = 0;
        rotate(&all, n, |histogram| {
            histogram.record(values[at % values.len()]);
            at += 1;
        });
    };
    Row::new(NAME, work, move || read.iter().map(Histogram::count).sum())
}

pub fn fill(texts: &Texts, series: usize) -> Encode {
    let family = DynamicCounter::with_max_series(shards(), series + 1);
    for at in 0..series {
        let labels = texts.labels(at);
        family.add(&[("method", labels.method), ("route", labels.route), ("code", labels.code)], at as isize * 7);
    }
    let mut text = String::new();
    Box::new(move || {
        text.clear();
        family.export_prometheus(&mut text, "requests_total", "Requests.");
        text.len()
    })
}
