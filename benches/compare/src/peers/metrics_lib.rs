//! `metrics-lib`: sharded counters where a handle is kept, label sets where it is looked up.

use std::hint::black_box;
use std::sync::Arc;

use benches::labels::{orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, latencies, rotate};
use benches::series::Texts;
use metrics_core::LabelValue;
use metrics_lib::exporters::prometheus;
use metrics_lib::{Gauge, Histogram, LabelSet, MetricsConfig, MetricsCore, ShardedCounter};

use super::{setting, sum_in};
use crate::encoding::Encode;
use crate::{COUNTER, DYNAMIC, ENUMS, GAUGE, HISTOGRAM};

pub const NAME: &str = "metrics-lib";

pub fn rows() -> Vec<(&'static str, Row)> {
    vec![(COUNTER, counter()), (ENUMS, enums()), (DYNAMIC, dynamic()), (GAUGE, gauge()), (HISTOGRAM, histogram())]
}

fn core(series: usize) -> Arc<MetricsCore> {
    let config = MetricsConfig::default().with_max_series(series);
    Arc::new(MetricsCore::with_config(config).expect("the configuration is right"))
}

fn counter() -> Row {
    let all: Arc<[ShardedCounter; HANDLES]> = Arc::new(std::array::from_fn(|_| ShardedCounter::new()));
    let read = all.clone();
    Row::new(NAME, move |n| rotate(&all, n, ShardedCounter::inc), move || read.iter().map(ShardedCounter::get).sum())
}

fn enums() -> Row {
    let core = core(1000);
    let (labels, read) = (orders(), core.clone());
    let work = move |n| {
        rotate(&labels, n, |labels| {
            let set = LabelSet::from([("payment", labels.payment.text()), ("outcome", labels.outcome.text())]);
            core.counter_with("d", &set).inc();
        });
    };
    Row::new(NAME, work, move || sum_in(&prometheus::render(read.registry()), "d"))
}

fn dynamic() -> Row {
    let core = core(1000);
    let (texts, read) = (requests(), core.clone());
    let work = move |n| {
        rotate(&texts, n, |[method, route, code]| {
            let set = [("method", method.clone()), ("route", route.clone()), ("code", code.clone())];
            core.counter_with("s", &LabelSet::from(set)).inc();
        });
    };
    Row::new(NAME, work, move || sum_in(&prometheus::render(read.registry()), "s"))
}

fn gauge() -> Row {
    let all: Arc<[Gauge; HANDLES]> = Arc::new(std::array::from_fn(|_| Gauge::new()));
    let read = all.clone();
    let is_set = move || read.iter().all(|gauge| gauge.get() == 5.0);
    setting(NAME, move |n| rotate(&all, n, |gauge| gauge.set(black_box(5.0))), is_set)
}

fn histogram() -> Row {
    let all: Arc<[Histogram; HANDLES]> = Arc::new(std::array::from_fn(|_| Histogram::with_buckets(BOUNDS)));
    let (read, values) = (all.clone(), latencies());
    let work = move |n| {
        let mut at = 0;
        rotate(&all, n, |histogram| {
            histogram.observe(values[at % values.len()]);
            at += 1;
        });
    };
    Row::new(NAME, work, move || read.iter().map(Histogram::count).sum())
}

pub fn fill(texts: &Texts, series: usize) -> Encode {
    let core = core(series + 1);
    for at in 0..series {
        let labels = texts.labels(at);
        let set = [("method", labels.method), ("route", labels.route), ("code", labels.code)];
        let set = LabelSet::from(set.map(|(name, value)| (name, value.to_owned())));
        core.counter_with("requests_total", &set).add(at as u64 * 7);
    }
    let mut text = String::new();
    Box::new(move || {
        text.clear();
        prometheus::render_into(&mut text, core.registry());
        text.len()
    })
}
