//! `fast-telemetry`: sharded counters, as many shards as there are processors; its histograms take integers. It has families
//! of one enumerated label, not of two, and no registry.

use std::hint::black_box;
use std::sync::Arc;

use benches::labels::{RequestLabels, requests};
use benches::measure::cores;
use benches::rows::{BOUNDS, HANDLES, Row, rotate};
use fast_telemetry::{
    Counter, Distribution, DynamicCounter, DynamicHistogram, Gauge, Histogram, PrometheusExport, SampledTimer,
};

use super::{Library, balanced, observing, setting};
use crate::service::{Buffers, COUNTERS, HISTOGRAMS, Service, Sink, Wire, observation};
use crate::{COUNTER, DYNAMIC, GAUGE, HISTOGRAM, NATIVE, TIMER, UP_DOWN};

pub fn library() -> Library {
    Library {
        name: "fast-telemetry",
        rows,
        wires: &[Wire::Text],
        counters: Some(|series| Box::new(Counters(DynamicCounter::with_max_series(cores(), series + 1)))),
        histograms: Some(|series| Box::new(Histograms(DynamicHistogram::with_limits(&bounds(), cores(), series + 1)))),
        register: None,
        seconds: 1e9,
        program: "size_fast_telemetry",
    }
}

fn rows() -> Vec<(&'static str, Row)> {
    vec![
        (COUNTER, counter()),
        (DYNAMIC, dynamic()),
        (GAUGE, gauge()),
        (UP_DOWN, up_down()),
        (HISTOGRAM, observing(twelve(), |histogram, value| histogram.record(nanoseconds(value)), count)),
        (NATIVE, native()),
        (TIMER, timer()),
    ]
}

fn nanoseconds(seconds: f64) -> u64 {
    (seconds * 1e9) as u64
}

fn bounds() -> [u64; 12] {
    BOUNDS.map(nanoseconds)
}

fn counters() -> Arc<[Counter; HANDLES]> {
    Arc::new(std::array::from_fn(|_| Counter::new(cores())))
}

fn counter() -> Row {
    let all = counters();
    let read = all.clone();
    Row::new("", move |n| rotate(&all, n, Counter::inc), move || read.iter().map(|all| all.sum() as u64).sum())
}

fn dynamic() -> Row {
    let family = Arc::new(DynamicCounter::new(cores()));
    let (texts, read) = (requests(), family.clone());
    let work = move |n| {
        rotate(&texts, n, |[method, route, code]| {
            family.inc(&[("method", method), ("route", route), ("code", code)]);
        });
    };
    Row::new("", work, move || read.sum_all() as u64)
}

fn gauge() -> Row {
    let all: Arc<[Gauge; HANDLES]> = Arc::new(std::array::from_fn(|_| Gauge::new()));
    let read = all.clone();
    let is_set = move || read.iter().all(|gauge| gauge.get() == 5);
    setting(move |n| rotate(&*all, n, |gauge| gauge.set(black_box(5))), is_set)
}

/// Its counters take negative amounts, and are sharded as its gauges are not.
fn up_down() -> Row {
    let all = counters();
    let read = all.clone();
    let work = move |n| {
        rotate(&all, n, |counter| {
            counter.add(1);
            counter.add(-1);
        });
    };
    balanced(work, move || read.iter().all(|counter| counter.sum() == 0))
}

fn twelve() -> Arc<[Histogram; HANDLES]> {
    Arc::new(std::array::from_fn(|_| Histogram::new(&bounds(), cores())))
}

fn count(all: &[Histogram; HANDLES]) -> u64 {
    all.iter().map(Histogram::count).sum()
}

/// Its exponential histogram: a bucket an order of two.
fn native() -> Row {
    let all: Arc<[Distribution; HANDLES]> = Arc::new(std::array::from_fn(|_| Distribution::new(cores())));
    let count = |all: &[Distribution; HANDLES]| all.iter().map(Distribution::count).sum();
    observing(all, |distribution, value| distribution.record(nanoseconds(value)), count)
}

/// Each call is timed, none left out.
fn timer() -> Row {
    let all: Arc<[SampledTimer; HANDLES]> = Arc::new(std::array::from_fn(|_| SampledTimer::new(&bounds(), cores(), 1)));
    let read = all.clone();
    let total = move || read.iter().map(SampledTimer::sample_count).sum();
    Row::new("", move |n| rotate(&*all, n, |timer| drop(timer.start())), total)
}

struct Counters(DynamicCounter);
struct Histograms(DynamicHistogram);

impl Service for Counters {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.0.add(&[("method", labels.method), ("route", labels.route), ("code", labels.code)], amount as isize);
    }

    fn encode(&self, _: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        buffers.text.clear();
        self.0.export_prometheus(&mut buffers.text, COUNTERS, "Requests.");
        sink(buffers.text.as_bytes());
    }
}

impl Service for Histograms {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        let labels = [("method", labels.method), ("route", labels.route), ("code", labels.code)];
        self.0.record(&labels, nanoseconds(observation(amount)));
    }

    fn encode(&self, _: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        buffers.text.clear();
        self.0.export_prometheus(&mut buffers.text, HISTOGRAMS, "Durations.");
        sink(buffers.text.as_bytes());
    }
}
