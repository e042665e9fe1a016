//! `prometheus`: handles and vectors of label values.

use std::hint::black_box;

use benches::labels::{orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, latencies, rotate};
use benches::series::Texts;
use metrics_core::LabelValue;
use prometheus::{Counter, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

use super::setting;
use crate::encoding::Encode;
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM};

pub const NAME: &str = "prometheus";

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
    let all: [IntCounter; HANDLES] = std::array::from_fn(|_| IntCounter::new("c", "C.").expect("it is right"));
    let read = all.clone();
    Row::new(NAME, move |n| rotate(&all, n, |counter| counter.inc()), move || read.iter().map(IntCounter::get).sum())
}

fn enums() -> Row {
    let family = IntCounterVec::new(Opts::new("d", "D."), &["payment", "outcome"]).expect("it is right");
    let (labels, read) = (orders(), family.clone());
    let work = move |n| {
        rotate(&labels, n, |labels| {
            family.with_label_values(&[labels.payment.text(), labels.outcome.text()]).inc();
        });
    };
    let total = move || {
        labels.iter().map(|labels| read.with_label_values(&[labels.payment.text(), labels.outcome.text()]).get()).sum()
    };
    Row::new(NAME, work, total)
}

fn dynamic() -> Row {
    let family = IntCounterVec::new(Opts::new("s", "S."), &["method", "route", "code"]).expect("it is right");
    let (texts, read, known) = (requests(), family.clone(), requests());
    let work = move |n| {
        rotate(&texts, n, |[method, route, code]| {
            family.with_label_values(&[method.as_str(), route, code]).inc();
        });
    };
    let total = move || {
        known.iter().map(|[method, route, code]| read.with_label_values(&[method.as_str(), route, code]).get()).sum()
    };
    Row::new(NAME, work, total)
}

fn gauge() -> Row {
    let all: [IntGauge; HANDLES] = std::array::from_fn(|_| IntGauge::new("g", "G.").expect("it is right"));
    let read = all.clone();
    let is_set = move || read.iter().all(|gauge| gauge.get() == 5);
    setting(NAME, move |n| rotate(&all, n, |gauge| gauge.set(black_box(5))), is_set)
}

fn float() -> Row {
    let all: [Counter; HANDLES] = std::array::from_fn(|_| Counter::new("f", "F.").expect("it is right"));
    let read = all.clone();
    let total = move || read.iter().map(Counter::get).sum::<f64>() as u64;
    Row::new(NAME, move |n| rotate(&all, n, |counter| counter.inc_by(black_box(1.0))), total)
}

fn histogram() -> Row {
    let options = || HistogramOpts::new("h", "H.").buckets(BOUNDS.into());
    let all: [Histogram; HANDLES] = std::array::from_fn(|_| Histogram::with_opts(options()).expect("it is right"));
    let (read, values) = (all.clone(), latencies());
    let work = move |n| {
        let mut at = 0;
        rotate(&all, n, |histogram| {
            histogram.observe(values[at % values.len()]);
            at += 1;
        });
    };
    Row::new(NAME, work, move || read.iter().map(Histogram::get_sample_count).sum())
}

pub fn fill(texts: &Texts, series: usize) -> Encode {
    let registry = Registry::new();
    let family = IntCounterVec::new(Opts::new("requests_total", "Requests."), &["method", "route", "code"]);
    let family = family.expect("it is right");
    registry.register(Box::new(family.clone())).expect("it is new");
    for at in 0..series {
        let labels = texts.labels(at);
        family.with_label_values(&[labels.method, labels.route, labels.code]).inc_by(at as u64 * 7);
    }
    let mut text = String::new();
    Box::new(move || {
        text.clear();
        TextEncoder::new().encode_utf8(&registry.gather(), &mut text).expect("it can be written");
        text.len()
    })
}
