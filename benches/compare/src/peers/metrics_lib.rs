//! `metrics-lib`: sharded counters where a handle is kept, label sets where it is looked up.

use std::hint::black_box;
use std::sync::Arc;

use benches::labels::{OrderLabels, RequestLabels, orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, rotate};
use metrics_core::LabelValue;
use metrics_lib::exporters::{openmetrics, prometheus};
use metrics_lib::{Counter, Gauge, Histogram, LabelSet, MetricsConfig, MetricsCore, ShardedCounter, UpDownCounter};

use super::{Library, balanced, observing, setting, sum_in, timing};
use crate::service::{Buffers, COUNTERS, HISTOGRAMS, Service, Sink, Wire, observation};
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM, KEPT, TIMER, UP_DOWN};

pub fn library() -> Library {
    Library {
        name: "metrics-lib",
        rows,
        wires: &[Wire::Text, Wire::OpenMetrics],
        counters: Some(|series| Box::new(Own { core: core(series + 1), counts: true })),
        histograms: Some(histograms),
        register: Some(register),
        seconds: 1.0,
        program: "size_metrics_lib",
    }
}

fn rows() -> Vec<(&'static str, Row)> {
    vec![
        (COUNTER, counter()),
        (ENUMS, kept(orders().map(|order| order_set(&order)))),
        (DYNAMIC, dynamic()),
        (KEPT, kept(requests().map(|texts| set(&RequestLabels::from(&texts))))),
        (GAUGE, gauge()),
        (UP_DOWN, up_down()),
        (FLOAT, float()),
        (HISTOGRAM, observing(twelve(), Histogram::observe, count)),
        (TIMER, timing(twelve(), Histogram::observe, count)),
    ]
}

fn core(series: usize) -> Arc<MetricsCore> {
    let config = MetricsConfig::default().with_max_series(series);
    Arc::new(MetricsCore::with_config(config).expect("the configuration is right"))
}

fn counter() -> Row {
    let all: Arc<[ShardedCounter; HANDLES]> = Arc::new(std::array::from_fn(|_| ShardedCounter::new()));
    let read = all.clone();
    Row::new("", move |n| rotate(&all, n, ShardedCounter::inc), move || read.iter().map(ShardedCounter::get).sum())
}

/// With label sets that the caller has made beforehand.
fn kept(sets: [LabelSet; HANDLES]) -> Row {
    let core = core(1000);
    let read = core.clone();
    let work = move |n| {
        rotate(&sets, n, |set| {
            core.counter_with("k", set).inc();
        });
    };
    Row::new("", work, move || sum_in(&prometheus::render(read.registry()), "k"))
}

fn order_set(labels: &OrderLabels) -> LabelSet {
    LabelSet::from([("payment", labels.payment.text()), ("outcome", labels.outcome.text())])
}

fn dynamic() -> Row {
    let core = core(1000);
    let (texts, read) = (requests(), core.clone());
    let work = move |n| {
        rotate(&texts, n, |texts| {
            core.counter_with("s", &set(&texts.into())).inc();
        });
    };
    Row::new("", work, move || sum_in(&prometheus::render(read.registry()), "s"))
}

fn set(labels: &RequestLabels<'_>) -> LabelSet {
    let labels = [("method", labels.method), ("route", labels.route), ("code", labels.code)];
    LabelSet::from(labels.map(|(name, value)| (name, value.to_owned())))
}

fn gauges() -> Arc<[Gauge; HANDLES]> {
    Arc::new(std::array::from_fn(|_| Gauge::new()))
}

fn gauge() -> Row {
    let all = gauges();
    let read = all.clone();
    let is_set = move || read.iter().all(|gauge| gauge.get() == 5.0);
    setting(move |n| rotate(&*all, n, |gauge| gauge.set(black_box(5.0))), is_set)
}

fn up_down() -> Row {
    let all: Arc<[UpDownCounter; HANDLES]> = Arc::new(std::array::from_fn(|_| UpDownCounter::default()));
    let read = all.clone();
    let work = move |n| {
        rotate(&all, n, |gauge| {
            gauge.inc();
            gauge.dec();
        });
    };
    balanced(work, move || read.iter().all(|gauge| gauge.get() == 0))
}

fn float() -> Row {
    let all = gauges();
    let read = all.clone();
    let total = move || read.iter().map(Gauge::get).sum::<f64>() as u64;
    Row::new("", move |n| rotate(&all, n, |gauge| gauge.add(black_box(1.0))), total)
}

fn twelve() -> Arc<[Histogram; HANDLES]> {
    Arc::new(std::array::from_fn(|_| Histogram::with_buckets(BOUNDS)))
}

fn count(all: &[Histogram; HANDLES]) -> u64 {
    all.iter().map(Histogram::count).sum()
}

struct Own {
    core: Arc<MetricsCore>,
    counts: bool,
}

fn histograms(series: usize) -> Box<dyn Service> {
    let core = core(series + 1);
    core.registry().configure_histogram(HISTOGRAMS, BOUNDS).expect("they are right");
    Box::new(Own { core, counts: false })
}

impl Service for Own {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        if self.counts {
            self.core.counter_with(COUNTERS, &set(labels)).add(amount);
        } else {
            self.core.histogram_with(HISTOGRAMS, &set(labels)).observe(observation(amount));
        }
    }

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        buffers.text.clear();
        match wire {
            Wire::OpenMetrics => openmetrics::render_into(&mut buffers.text, self.core.registry()),
            _ => prometheus::render_into(&mut buffers.text, self.core.registry()),
        }
        sink(buffers.text.as_bytes());
    }
}

fn register(names: &'static [String]) -> Box<dyn std::any::Any> {
    let core = core(names.len() + 1);
    let counters: Vec<Arc<Counter>> = names.iter().map(|name| core.counter(name)).collect();
    Box::new((core, counters))
}
