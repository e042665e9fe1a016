//! `prometheus`: handles and vectors of label values, and `prometheus-static-metric` where all values are known.

use std::hint::black_box;
use std::sync::Arc;

use benches::labels::{RequestLabels, orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, rotate};
use metrics_core::LabelValue;
use prometheus::{
    Counter, Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts,
    ProtobufEncoder, Registry, TextEncoder,
};
use prometheus_static_metric::make_static_metric;

use super::{Library, balanced, observing, setting};
use crate::service::{Buffers, COUNTERS, HISTOGRAMS, Service, Sink, Wire, observation};
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM, TIMER, UP_DOWN};

const LABELS: [&str; 3] = ["method", "route", "code"];

pub fn library() -> Library {
    Library {
        name: "prometheus",
        rows,
        wires: &[Wire::Text, Wire::Protobuf],
        counters: Some(counters),
        histograms: Some(histograms),
        register: Some(register),
        seconds: 1.0,
        program: "size_prometheus",
    }
}

fn rows() -> Vec<(&'static str, Row)> {
    vec![
        (COUNTER, counter()),
        (ENUMS, enums()),
        (DYNAMIC, dynamic()),
        (GAUGE, gauge()),
        (UP_DOWN, up_down()),
        (FLOAT, float()),
        (HISTOGRAM, observing(twelve(), Histogram::observe, count)),
        (TIMER, timer()),
    ]
}

fn counter() -> Row {
    let all: [IntCounter; HANDLES] = std::array::from_fn(|_| IntCounter::new("c", "C.").expect("it is right"));
    let read = all.clone();
    Row::new("", move |n| rotate(&all, n, |counter| counter.inc()), move || read.iter().map(IntCounter::get).sum())
}

make_static_metric! {
    pub label_enum Payment { card, transfer, cash, voucher, invoice, wallet, crypto, free }
    pub label_enum Outcome { paid, declined, expired, refunded, disputed, cancelled, failed, pending }
    pub struct Orders: IntCounter { "payment" => Payment, "outcome" => Outcome }
}

const PAYMENTS: [Payment; 8] = [
    Payment::card,
    Payment::transfer,
    Payment::cash,
    Payment::voucher,
    Payment::invoice,
    Payment::wallet,
    Payment::crypto,
    Payment::free,
];
const OUTCOMES: [Outcome; 8] = [
    Outcome::paid,
    Outcome::declined,
    Outcome::expired,
    Outcome::refunded,
    Outcome::disputed,
    Outcome::cancelled,
    Outcome::failed,
    Outcome::pending,
];

/// Values that are all known beforehand are for `prometheus-static-metric`, as the documentation says.
fn enums() -> Row {
    let family = IntCounterVec::new(Opts::new("d", "D."), &["payment", "outcome"]).expect("it is right");
    let (labels, all) = (orders(), Arc::new(Orders::from(&family)));
    let numbers = labels.map(|labels| (PAYMENTS[labels.payment as usize], OUTCOMES[labels.outcome as usize]));
    let read = family;
    let work = move |n| rotate(&numbers, n, |(payment, outcome)| all.get(*payment).get(*outcome).inc());
    let total = move || {
        labels.iter().map(|labels| read.with_label_values(&[labels.payment.text(), labels.outcome.text()]).get()).sum()
    };
    Row::new("", work, total)
}

fn dynamic() -> Row {
    let family = IntCounterVec::new(Opts::new("s", "S."), &LABELS).expect("it is right");
    let (texts, read, known) = (requests(), family.clone(), requests());
    let work = move |n| {
        rotate(&texts, n, |[method, route, code]| {
            family.with_label_values(&[method.as_str(), route, code]).inc();
        });
    };
    let total = move || {
        known.iter().map(|[method, route, code]| read.with_label_values(&[method.as_str(), route, code]).get()).sum()
    };
    Row::new("", work, total)
}

fn gauges() -> [IntGauge; HANDLES] {
    std::array::from_fn(|_| IntGauge::new("g", "G.").expect("it is right"))
}

fn gauge() -> Row {
    let all = gauges();
    let read = all.clone();
    let is_set = move || read.iter().all(|gauge| gauge.get() == 5);
    setting(move |n| rotate(&all, n, |gauge| gauge.set(black_box(5))), is_set)
}

fn up_down() -> Row {
    let all = gauges();
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
    let all: [Counter; HANDLES] = std::array::from_fn(|_| Counter::new("f", "F.").expect("it is right"));
    let read = all.clone();
    let total = move || read.iter().map(Counter::get).sum::<f64>() as u64;
    Row::new("", move |n| rotate(&all, n, |counter| counter.inc_by(black_box(1.0))), total)
}

fn twelve() -> Arc<[Histogram; HANDLES]> {
    let options = || HistogramOpts::new("h", "H.").buckets(BOUNDS.into());
    Arc::new(std::array::from_fn(|_| Histogram::with_opts(options()).expect("it is right")))
}

fn count(all: &[Histogram; HANDLES]) -> u64 {
    all.iter().map(Histogram::get_sample_count).sum()
}

fn timer() -> Row {
    let all = twelve();
    let read = all.clone();
    Row::new("", move |n| rotate(&all, n, |histogram| drop(histogram.start_timer())), move || count(&read))
}

struct Counters(Registry, IntCounterVec);
struct Histograms(Registry, HistogramVec);

fn counters(_: usize) -> Box<dyn Service> {
    let registry = Registry::new();
    let family = IntCounterVec::new(Opts::new(COUNTERS, "Requests."), &LABELS).expect("it is right");
    registry.register(Box::new(family.clone())).expect("it is new");
    Box::new(Counters(registry, family))
}

fn histograms(_: usize) -> Box<dyn Service> {
    let registry = Registry::new();
    let options = HistogramOpts::new(HISTOGRAMS, "Durations.").buckets(BOUNDS.into());
    let family = HistogramVec::new(options, &LABELS).expect("it is right");
    registry.register(Box::new(family.clone())).expect("it is new");
    Box::new(Histograms(registry, family))
}

fn encode(registry: &Registry, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
    if wire == Wire::Protobuf {
        buffers.bytes.clear();
        ProtobufEncoder::new().encode(&registry.gather(), &mut buffers.bytes).expect("it can be written");
        return sink(&buffers.bytes);
    }
    buffers.text.clear();
    TextEncoder::new().encode_utf8(&registry.gather(), &mut buffers.text).expect("it can be written");
    sink(buffers.text.as_bytes());
}

impl Service for Counters {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.1.with_label_values(&[labels.method, labels.route, labels.code]).inc_by(amount);
    }

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        encode(&self.0, wire, buffers, sink);
    }
}

impl Service for Histograms {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.1.with_label_values(&[labels.method, labels.route, labels.code]).observe(observation(amount));
    }

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        encode(&self.0, wire, buffers, sink);
    }
}

fn register(names: &'static [String]) -> Box<dyn std::any::Any> {
    let registry = Registry::new();
    let register = |name: &'static String| {
        let counter = IntCounter::new(name, "A counter.").expect("it is right");
        registry.register(Box::new(counter.clone())).expect("it is new");
        counter
    };
    let counters: Vec<IntCounter> = names.iter().map(register).collect();
    Box::new((registry, counters))
}
