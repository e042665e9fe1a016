//! `prometheus-client`: handles, and families of typed labels. Its label sets own their texts, which a caller with borrowed
//! ones has to copy.

use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use benches::labels::values::{Outcome, Payment};
use benches::labels::{RequestLabels, orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, rotate};
use metrics_core::LabelValue;
use prometheus_client::encoding::{
    EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, prometheus_protobuf, prometheus_text, text,
};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, NativeHistogramConfig};
use prometheus_client::registry::Registry;

use super::{Library, balanced, observations_in, observing, setting, timing};
use crate::service::{Buffers, HISTOGRAMS, Service, Sink, Wire, observation};
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM, KEPT, NATIVE, TIMER, UP_DOWN};

pub fn library() -> Library {
    Library {
        name: "prometheus-client",
        rows,
        wires: &Wire::ALL,
        counters: Some(counters),
        histograms: Some(histograms),
        register: Some(register),
        seconds: 1.0,
        program: "size_prometheus_client",
    }
}

/// Its documentation has enumerated types for such labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Order {
    payment: Value<Payment>,
    outcome: Value<Outcome>,
}

/// A value of this library's, known by its number as one that derives everything is.
#[derive(Clone, Copy, Debug)]
struct Value<V>(V);

impl<V: LabelValue> PartialEq for Value<V> {
    fn eq(&self, other: &Self) -> bool {
        self.0.index() == other.0.index()
    }
}

impl<V: LabelValue> Eq for Value<V> {}

impl<V: LabelValue> Hash for Value<V> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0.index() as isize).hash(state);
    }
}

impl<V: LabelValue> EncodeLabelValue for Value<V> {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        encoder.write_str(self.0.text())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
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
    let native = || Histogram::new_native(NativeHistogramConfig::new(1.1).max_buckets(160));
    let (classic, counted) = histogram_handles(|| Histogram::new(BOUNDS));
    let (native, counted_natively) = histogram_handles(native);
    let (timed, counted_too) = histogram_handles(|| Histogram::new(BOUNDS));
    vec![
        (COUNTER, counter()),
        (ENUMS, enums()),
        (DYNAMIC, borrowed()),
        (KEPT, kept()),
        (GAUGE, gauge()),
        (UP_DOWN, up_down()),
        (FLOAT, float()),
        (HISTOGRAM, observing(classic, Histogram::observe, move |_| observations(&counted))),
        (NATIVE, observing(native, Histogram::observe, move |_| observations(&counted_natively))),
        (TIMER, timing(timed, Histogram::observe, move |_| observations(&counted_too))),
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
    Row::new("", work, move || read.iter().map(Counter::get).sum())
}

fn enums() -> Row {
    let labels = orders().map(|order| Order { payment: Value(order.payment), outcome: Value(order.outcome) });
    let family = Family::<Order, Counter>::default();
    let (read, known) = (family.clone(), labels.clone());
    let work = move |n| {
        rotate(&labels, n, |labels| {
            family.get_or_create(labels).inc();
        });
    };
    Row::new("", work, move || known.iter().map(|labels| read.get_or_create(labels).get()).sum())
}

fn kept() -> Row {
    let labels = requests().map(|[method, route, code]| Request { method, route, code });
    let family = Family::<Request, Counter>::default();
    let (read, known) = (family.clone(), labels.clone());
    let work = move |n| {
        rotate(&labels, n, |labels| {
            family.get_or_create(labels).inc();
        });
    };
    Row::new("", work, move || known.iter().map(|labels| read.get_or_create(labels).get()).sum())
}

fn borrowed() -> Row {
    let (texts, known) = (requests(), requests());
    let family = Family::<Request, Counter>::default();
    let read = family.clone();
    let work = move |n| {
        rotate(&texts, n, |texts| {
            family.get_or_create(&Request::copied(&texts.into())).inc();
        });
    };
    let value = move |texts: &[String; 3]| read.get_or_create(&Request::copied(&RequestLabels::from(texts))).get();
    Row::new("", work, move || known.iter().map(&value).sum())
}

fn gauge() -> Row {
    let all: [Gauge; HANDLES] = std::array::from_fn(|_| Gauge::default());
    let read = all.clone();
    let work = move |n| {
        rotate(&all, n, |gauge| {
            gauge.set(black_box(5));
        });
    };
    setting(work, move || read.iter().all(|gauge| gauge.get() == 5))
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
    let all: [Counter<f64, AtomicU64>; HANDLES] = std::array::from_fn(|_| Counter::default());
    let read = all.clone();
    let work = move |n| {
        rotate(&all, n, |counter| {
            counter.inc_by(black_box(1.0));
        });
    };
    Row::new("", work, move || read.iter().map(Counter::get).sum::<f64>() as u64)
}

/// Handles, and the registry that tells how often they have observed.
fn histogram_handles(make: impl Fn() -> Histogram) -> (Arc<[Histogram; HANDLES]>, Registry) {
    let mut registry = Registry::default();
    let all = std::array::from_fn(|at| {
        let histogram = make();
        registry.register(format!("h{at}"), "H", histogram.clone());
        histogram
    });
    (Arc::new(all), registry)
}

fn observations(registry: &Registry) -> u64 {
    observations_in(&prometheus_protobuf::encode_to_vec(registry).expect("it can be written"))
}

struct Counters(Registry, Family<Request, Counter>);
struct Histograms(Registry, Family<Request, Histogram>);

fn counters(_: usize) -> Box<dyn Service> {
    let (mut registry, family) = (Registry::default(), Family::default());
    // It appends `_total`.
    registry.register("requests", "Requests", family.clone());
    Box::new(Counters(registry, family))
}

fn histograms(_: usize) -> Box<dyn Service> {
    let mut registry = Registry::default();
    let family = Family::new_with_constructor((|| Histogram::new(BOUNDS)) as fn() -> Histogram);
    registry.register(HISTOGRAMS, "Durations", family.clone());
    Box::new(Histograms(registry, family))
}

fn encode(registry: &Registry, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
    buffers.text.clear();
    match wire {
        Wire::Text => prometheus_text::encode(&mut buffers.text, registry).expect("it can be written"),
        Wire::OpenMetrics => text::encode(&mut buffers.text, registry).expect("it can be written"),
        Wire::Protobuf => return sink(&prometheus_protobuf::encode_to_vec(registry).expect("it can be written")),
    }
    sink(buffers.text.as_bytes());
}

impl Service for Counters {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.1.get_or_create(&Request::copied(labels)).inc_by(amount);
    }

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        encode(&self.0, wire, buffers, sink);
    }
}

impl Service for Histograms {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.1.get_or_create(&Request::copied(labels)).observe(observation(amount));
    }

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        encode(&self.0, wire, buffers, sink);
    }
}

fn register(names: &'static [String]) -> Box<dyn std::any::Any> {
    let mut registry = Registry::default();
    let register = |name: &'static String| {
        let counter = Counter::<u64>::default();
        registry.register(name.as_str(), "A counter", counter.clone());
        counter
    };
    let counters: Vec<Counter> = names.iter().map(register).collect();
    Box::new((registry, counters))
}
