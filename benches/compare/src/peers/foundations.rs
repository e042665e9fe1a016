//! `foundations-metrics`: counters a thread, families by number where all values are known, and families with a lock whose
//! label sets own their texts, which a caller with borrowed ones has to copy. Its registry is the process's.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;

use benches::labels::values::{Outcome, Payment};
use benches::labels::{OrderLabels, RequestLabels, orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, rotate};
use foundations_metrics::{
    CollectionOptions, Counter, EncodeMetric, EncodeMetricValue, Family, Gauge, HistogramBuilder, LowCardinalityFamily,
    LowCardinalityLabel, MetricFamily, NamedMetric, NativeHistogram, NativeHistogramBuilder, RegistrationMetadata,
    ServiceNameFormat, ThreadLocalCounter, TimeHistogram, collect, encode_to_protobuf, encode_to_text,
};
use foundations_metrics::{Histogram, MetricConstructor, register as register_metric};
use serde::Serialize;

use super::{Library, balanced, observing, setting};
use crate::service::{Buffers, COUNTERS, HISTOGRAMS, Service, Sink, Wire, observation};
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM, KEPT, NATIVE, TIMER, UP_DOWN};

pub fn library() -> Library {
    Library {
        name: "foundations-metrics",
        rows,
        wires: &[Wire::OpenMetrics, Wire::Protobuf],
        counters: Some(counters),
        histograms: Some(histograms),
        register: Some(register),
        seconds: 1.0,
        program: "size_foundations",
    }
}

#[derive(Clone, Copy)]
struct Order(OrderLabels);

impl PartialEq for Order {
    fn eq(&self, other: &Self) -> bool {
        self.index() == other.index()
    }
}

impl LowCardinalityLabel for Order {
    const CARDINALITY: NonZeroUsize =
        NonZeroUsize::new(Payment::ALL.len() * Outcome::ALL.len()).expect("there are some");

    fn index(&self) -> usize {
        self.0.payment as usize * Outcome::ALL.len() + self.0.outcome as usize
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
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
    vec![
        (COUNTER, counter()),
        (ENUMS, enums()),
        (DYNAMIC, borrowed()),
        (KEPT, kept()),
        (GAUGE, gauge()),
        (UP_DOWN, up_down()),
        (FLOAT, float()),
        (HISTOGRAM, observing(twelve(), |histogram, value| histogram.observe((value * 1e9) as u64), count)),
        (NATIVE, native()),
        (TIMER, timer()),
    ]
}

fn counter() -> Row {
    let all: [ThreadLocalCounter; HANDLES] = std::array::from_fn(|_| ThreadLocalCounter::default());
    let read = all.clone();
    let total = move || read.iter().map(ThreadLocalCounter::get).sum();
    Row::new("", move |n| rotate(&all, n, ThreadLocalCounter::inc), total)
}

fn enums() -> Row {
    let labels = orders().map(Order);
    let family = LowCardinalityFamily::<Order, ThreadLocalCounter>::default();
    let read = family.clone();
    let work = move |n| rotate(&labels, n, |labels| family.get_or_create(labels).inc());
    Row::new("", work, move || labels.iter().map(|labels| read.get_or_create(labels).get()).sum())
}

fn kept() -> Row {
    let labels = requests().map(|[method, route, code]| Request { method, route, code });
    let family = Family::<Request, ThreadLocalCounter>::default();
    let (read, known) = (family.clone(), labels.clone());
    let work = move |n| rotate(&labels, n, |labels| family.get_or_create(labels).inc());
    Row::new("", work, move || known.iter().map(|labels| read.get_or_create(labels).get()).sum())
}

fn borrowed() -> Row {
    let (texts, known) = (requests(), requests());
    let family = Family::<Request, ThreadLocalCounter>::default();
    let read = family.clone();
    let work = move |n| rotate(&texts, n, |texts| family.get_or_create(&Request::copied(&texts.into())).inc());
    let value = move |texts: &[String; 3]| read.get_or_create(&Request::copied(&RequestLabels::from(texts))).get();
    Row::new("", work, move || known.iter().map(&value).sum())
}

fn gauges() -> [Gauge; HANDLES] {
    std::array::from_fn(|_| Gauge::default())
}

fn gauge() -> Row {
    let all = gauges();
    let read = all.clone();
    let work = move |n| {
        rotate(&all, n, |gauge| {
            gauge.set(black_box(5));
        });
    };
    setting(work, move || read.iter().all(|gauge| gauge.get() == 5))
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
    let all: [ThreadLocalCounter<f64>; HANDLES] = std::array::from_fn(|_| ThreadLocalCounter::default());
    let read = all.clone();
    let total = move || read.iter().map(ThreadLocalCounter::get).sum::<f64>() as u64;
    Row::new("", move |n| rotate(&all, n, |counter| counter.inc_by(black_box(1.0))), total)
}

/// The faster of its two histograms, which takes nanoseconds.
fn twelve() -> Arc<[TimeHistogram; HANDLES]> {
    Arc::new(std::array::from_fn(|_| TimeHistogram::new(BOUNDS)))
}

fn count(all: &[TimeHistogram; HANDLES]) -> u64 {
    all.iter().map(|histogram| histogram.snapshot().count()).sum()
}

fn native() -> Row {
    let builder = NativeHistogramBuilder::new(1.1).with_max_buckets(160);
    let all: Arc<[NativeHistogram; HANDLES]> = Arc::new(std::array::from_fn(|_| builder.new_metric()));
    observing(all, NativeHistogram::observe, |all| {
        let families = all.iter().flat_map(|histogram| histogram.encode_metric_value());
        let metrics = families.flat_map(|family| family.metric);
        metrics.filter_map(|metric| metric.histogram?.sample_count).sum()
    })
}

fn timer() -> Row {
    let all = twelve();
    let read = all.clone();
    Row::new("", move |n| rotate(&all, n, |histogram| drop(histogram.start_timer())), move || count(&read))
}

struct Counters(Family<Request, Counter>);
struct Histograms(Family<Request, Histogram, HistogramBuilder>);

fn boxed(metric: impl EncodeMetric) -> Box<dyn EncodeMetric> {
    Box::new(metric)
}

fn counters(_: usize) -> Box<dyn Service> {
    let family = Family::default();
    register_metric(boxed(NamedMetric::new(COUNTERS, "Requests.", family.clone())), RegistrationMetadata::default());
    Box::new(Counters(family))
}

fn histograms(_: usize) -> Box<dyn Service> {
    let family = Family::new_with_constructor(HistogramBuilder { buckets: &BOUNDS });
    register_metric(boxed(NamedMetric::new(HISTOGRAMS, "Durations.", family.clone())), RegistrationMetadata::default());
    Box::new(Histograms(family))
}

fn collected() -> Vec<MetricFamily> {
    collect(CollectionOptions {
        include_optional: false,
        service_name: None,
        service_name_format: ServiceNameFormat::MetricPrefix,
    })
}

fn encode(wire: Wire, sink: Sink<'_>) {
    match wire {
        Wire::Protobuf => sink(&encode_to_protobuf(&collected())),
        _ => sink(encode_to_text(&collected()).as_bytes()),
    }
}

impl Service for Counters {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.0.get_or_create(&Request::copied(labels)).inc_by(amount);
    }

    fn encode(&self, wire: Wire, _: &mut Buffers, sink: Sink<'_>) {
        encode(wire, sink);
    }
}

impl Service for Histograms {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.0.get_or_create(&Request::copied(labels)).observe(observation(amount));
    }

    fn encode(&self, wire: Wire, _: &mut Buffers, sink: Sink<'_>) {
        encode(wire, sink);
    }
}

fn register(names: &'static [String]) -> Box<dyn std::any::Any> {
    let register = |name: &'static String| {
        let counter = Counter::<u64>::default();
        register_metric(boxed(NamedMetric::new(name, "A counter.", counter.clone())), RegistrationMetadata::default());
        counter
    };
    let counters: Vec<Counter> = names.iter().map(register).collect();
    Box::new(counters)
}
