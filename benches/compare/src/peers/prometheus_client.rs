//! `prometheus-client`: handles, and families of typed labels. Its label sets own their texts: they are made beforehand,
//! which a real caller with borrowed texts cannot do.

use std::hint::black_box;
use std::sync::atomic::AtomicU64;

use benches::labels::{orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, latencies, rotate};
use benches::series::Texts;
use metrics_core::LabelValue;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::{setting, sum_in};
use crate::encoding::Encode;
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM};

pub const NAME: &str = "prometheus-client";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Order {
    payment: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: String,
    route: String,
    code: String,
}

pub fn rows() -> Vec<(&'static str, Row)> {
    vec![
        (COUNTER, counter()),
        (ENUMS, enums()),
        (DYNAMIC, dynamic()),
        (GAUGE, gauge()),
        (FLOAT, float()),
        (HISTOGRAM, histogram()),
    ]
}

fn counter() -> Row {
    let all: [Counter; HANDLES] = std::array::from_fn(|_| Counter::default());
    let read = all.clone();
    let work = move |n| {
        rotate(&all, n, |counter| {
            counter.inc();
        });
    };
    Row::new(NAME, work, move || read.iter().map(Counter::get).sum())
}

fn enums() -> Row {
    let labels = orders().map(|order| Order { payment: order.payment.text(), outcome: order.outcome.text() });
    let family = Family::<Order, Counter>::default();
    let (read, known) = (family.clone(), labels.clone());
    let work = move |n| {
        rotate(&labels, n, |labels| {
            family.get_or_create(labels).inc();
        });
    };
    Row::new(NAME, work, move || known.iter().map(|labels| read.get_or_create(labels).get()).sum())
}

fn dynamic() -> Row {
    let labels = requests().map(|[method, route, code]| Request { method, route, code });
    let family = Family::<Request, Counter>::default();
    let (read, known) = (family.clone(), labels.clone());
    let work = move |n| {
        rotate(&labels, n, |labels| {
            family.get_or_create(labels).inc();
        });
    };
    Row::new(NAME, work, move || known.iter().map(|labels| read.get_or_create(labels).get()).sum())
}

fn gauge() -> Row {
    let all: [Gauge; HANDLES] = std::array::from_fn(|_| Gauge::default());
    let read = all.clone();
    let work = move |n| {
        rotate(&all, n, |gauge| {
            gauge.set(black_box(5));
        });
    };
    setting(NAME, work, move || read.iter().all(|gauge| gauge.get() == 5))
}

fn float() -> Row {
    let all: [Counter<f64, AtomicU64>; HANDLES] = std::array::from_fn(|_| Counter::default());
    let read = all.clone();
    let work = move |n| {
        rotate(&all, n, |counter| {
            counter.inc_by(black_box(1.0));
        });
    };
    Row::new(NAME, work, move || read.iter().map(Counter::get).sum::<f64>() as u64)
}

fn histogram() -> Row {
    let mut registry = Registry::default();
    let all: [Histogram; HANDLES] = std::array::from_fn(|at| {
        let histogram = Histogram::new(BOUNDS);
        registry.register(format!("h{at}"), "H", histogram.clone());
        histogram
    });
    let values = latencies();
    let work = move |n| {
        let mut at = 0;
        rotate(&all, n, |histogram| {
            histogram.observe(values[at % values.len()]);
            at += 1;
        });
    };
    let total = move || {
        let mut text = String::new();
        encode(&mut text, &registry).expect("it can be written");
        (0..HANDLES).map(|at| sum_in(&text, &format!("h{at}_count"))).sum()
    };
    Row::new(NAME, work, total)
}

pub fn fill(texts: &Texts, series: usize) -> Encode {
    let mut registry = Registry::default();
    let family = Family::<Request, Counter>::default();
    registry.register("requests", "Requests", family.clone());
    for at in 0..series {
        let labels = texts.labels(at);
        let [method, route, code] = [labels.method, labels.route, labels.code].map(str::to_owned);
        family.get_or_create(&Request { method, route, code }).inc_by(at as u64 * 7);
    }
    let mut text = String::new();
    Box::new(move || {
        text.clear();
        encode(&mut text, &registry).expect("it can be written");
        text.len()
    })
}
