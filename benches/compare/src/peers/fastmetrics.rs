//! `fastmetrics`: handles, and families of typed labels under a closure. Its label sets own their texts, which a caller with
//! borrowed ones has to copy.

use std::hint::black_box;
use std::sync::Arc;

use benches::labels::{RequestLabels, orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, rotate};
use fastmetrics::derive::LabelSet;
use fastmetrics::format::prost::{self, ProtobufProfile};
use fastmetrics::format::text::{self, TextProfile};
use fastmetrics::metrics::counter::Counter;
use fastmetrics::metrics::family::Family;
use fastmetrics::metrics::gauge::Gauge;
use fastmetrics::metrics::histogram::Histogram;
use fastmetrics::registry::Registry;

use super::{Library, balanced, observing, setting, timing};
use crate::service::{Buffers, HISTOGRAMS, Service, Sink, Wire, observation};
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM, KEPT, TIMER, UP_DOWN};

pub fn library() -> Library {
    Library {
        name: "fastmetrics",
        rows,
        wires: &Wire::ALL,
        counters: Some(counters),
        histograms: Some(histograms),
        register: Some(register),
        seconds: 1.0,
        program: "size_fastmetrics",
    }
}

#[derive(Clone, PartialEq, Eq, Hash, LabelSet)]
struct Request {
    method: String,
    route: String,
    code: String,
}

impl Request {
    fn copied(labels: &RequestLabels<'_>) -> Self {
        let [method, route, code] = [labels.method, labels.route, labels.code].map(str::to_owned);
        Self { method, route, code }
    }
}

fn rows() -> Vec<(&'static str, Row)> {
    let enums = orders().map(|order| (order.payment as u8, order.outcome as u8));
    let dynamic = requests().map(|[method, route, code]| Request { method, route, code });
    vec![
        (COUNTER, counter()),
        (ENUMS, family(enums)),
        (DYNAMIC, borrowed()),
        (KEPT, family(dynamic)),
        (GAUGE, gauge()),
        (UP_DOWN, up_down()),
        (FLOAT, float()),
        (HISTOGRAM, observing(twelve(), Histogram::observe, count)),
        (TIMER, timing(twelve(), Histogram::observe, count)),
    ]
}

fn counter() -> Row {
    let all: [Counter; HANDLES] = std::array::from_fn(|_| Counter::default());
    let read = all.clone();
    let total = move || read.iter().map(|counter| counter.total()).sum();
    Row::new("", move |n| rotate(&all, n, |counter| counter.inc()), total)
}

fn family<L: Clone + Eq + std::hash::Hash + Send + Sync + 'static>(labels: [L; HANDLES]) -> Row {
    let family = Family::<L, Counter>::default();
    let (read, known) = (family.clone(), labels.clone());
    let work = move |n| rotate(&labels, n, |labels| family.with_or_new(labels, |counter| counter.inc()));
    let total = move || known.iter().filter_map(|labels| read.with(labels, |counter| counter.total())).sum();
    Row::new("", work, total)
}

fn borrowed() -> Row {
    let (texts, known) = (requests(), requests());
    let family = Family::<Request, Counter>::default();
    let read = family.clone();
    let work = move |n| {
        rotate(&texts, n, |texts| family.with_or_new(&Request::copied(&texts.into()), |counter| counter.inc()));
    };
    let value =
        move |texts: &[String; 3]| read.with(&Request::copied(&RequestLabels::from(texts)), |counter| counter.total());
    Row::new("", work, move || known.iter().filter_map(&value).sum())
}

fn gauge() -> Row {
    let all: [Gauge; HANDLES] = std::array::from_fn(|_| Gauge::default());
    let read = all.clone();
    let is_set = move || read.iter().all(|gauge| gauge.get() == 5);
    setting(move |n| rotate(&all, n, |gauge| gauge.set(black_box(5))), is_set)
}

fn up_down() -> Row {
    let all: [Gauge; HANDLES] = std::array::from_fn(|_| Gauge::default());
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
    let all: [Counter<f64>; HANDLES] = std::array::from_fn(|_| Counter::default());
    let read = all.clone();
    let total = move || read.iter().map(|counter| counter.total()).sum::<f64>() as u64;
    Row::new("", move |n| rotate(&all, n, |counter| counter.inc_by(black_box(1.0))), total)
}

fn twelve() -> Arc<[Histogram; HANDLES]> {
    Arc::new(std::array::from_fn(|_| Histogram::new(BOUNDS)))
}

fn count(all: &[Histogram; HANDLES]) -> u64 {
    all.iter().map(|histogram| histogram.with_snapshot(|snapshot| snapshot.count())).sum()
}

struct Counters(Registry, Family<Request, Counter>);
struct Histograms(Registry, Family<Request, Histogram>);

fn counters(_: usize) -> Box<dyn Service> {
    let (mut registry, family) = (Registry::default(), Family::default());
    // It appends `_total`.
    registry.register("requests", "Requests", family.clone()).expect("it is new");
    Box::new(Counters(registry, family))
}

fn histograms(_: usize) -> Box<dyn Service> {
    let mut registry = Registry::default();
    let family = Family::new(|| Histogram::new(BOUNDS));
    registry.register(HISTOGRAMS, "Durations", family.clone()).expect("it is new");
    Box::new(Histograms(registry, family))
}

fn encode(registry: &Registry, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
    let profile = match wire {
        Wire::Text => TextProfile::PrometheusV0_0_4,
        Wire::OpenMetrics => TextProfile::default(),
        Wire::Protobuf => {
            buffers.bytes.clear();
            prost::encode(&mut buffers.bytes, registry, ProtobufProfile::Prometheus).expect("it can be written");
            return sink(&buffers.bytes);
        }
    };
    buffers.text.clear();
    text::encode(&mut buffers.text, registry, profile).expect("it can be written");
    sink(buffers.text.as_bytes());
}

impl Service for Counters {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.1.with_or_new(&Request::copied(labels), |counter| counter.inc_by(amount));
    }

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        encode(&self.0, wire, buffers, sink);
    }
}

impl Service for Histograms {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.1.with_or_new(&Request::copied(labels), |histogram| histogram.observe(observation(amount)));
    }

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        encode(&self.0, wire, buffers, sink);
    }
}

fn register(names: &'static [String]) -> Box<dyn std::any::Any> {
    let mut registry = Registry::default();
    let register = |name: &'static String| {
        let counter = Counter::<u64>::default();
        registry.register(name.as_str(), "A counter", counter.clone()).expect("it is new");
        counter
    };
    let counters: Vec<Counter> = names.iter().map(register).collect();
    Box::new((registry, counters))
}
