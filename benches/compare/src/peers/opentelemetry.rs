//! OpenTelemetry's SDK with its exporter for Prometheus; instruments bound to their attributes where they can be kept.

use std::sync::Arc;

use benches::labels::{OrderLabels, RequestLabels, orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, rotate};
use metrics_core::LabelValue;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{
    BoundCounter, BoundGauge, BoundHistogram, BoundUpDownCounter, Counter, Histogram, Meter, MeterProvider,
};
use opentelemetry_sdk::metrics::{Instrument, SdkMeterProvider, Stream};
use prometheus::{Encoder, ProtobufEncoder, Registry, TextEncoder};

use super::{Library, balanced, observing, sum_in, timing};
use crate::service::{Buffers, Service, Sink, Wire, observation};
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM, KEPT, TIMER, UP_DOWN};

pub fn library() -> Library {
    Library {
        name: "opentelemetry",
        rows,
        wires: &[Wire::Text, Wire::Protobuf],
        counters: Some(counters),
        histograms: Some(histograms),
        register: Some(register),
        seconds: 1.0,
        program: "size_opentelemetry",
    }
}

/// A pipeline of its own, for so many series.
struct Pipeline {
    registry: Registry,
    /// Ends the pipeline when it is dropped.
    _provider: SdkMeterProvider,
    meter: Meter,
}

impl Pipeline {
    fn new(series: usize) -> Self {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone());
        let exporter = exporter.scope_info_enabled(false).without_target_info().build().expect("it can be made");
        let limit = move |_: &Instrument| Stream::builder().with_cardinality_limit(series).build().ok();
        let provider = SdkMeterProvider::builder().with_reader(exporter).with_view(limit).build();
        let meter = provider.meter("compare");
        Self { registry, _provider: provider, meter }
    }

    fn text(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).expect("it can be written")
    }

    fn total(&self, sample: impl Fn(usize) -> String) -> u64 {
        let text = self.text();
        (0..HANDLES).map(|at| sum_in(&text, &sample(at))).sum()
    }

    fn histograms(&self) -> Arc<[BoundHistogram<f64>; HANDLES]> {
        let build = |at| self.meter.f64_histogram(format!("h{at}")).with_boundaries(BOUNDS.into()).build();
        Arc::new(std::array::from_fn(|at| build(at).bind(&[])))
    }
}

fn rows() -> Vec<(&'static str, Row)> {
    vec![
        (COUNTER, counter()),
        (ENUMS, kept(orders().map(|order| order_attributes(&order)))),
        (DYNAMIC, dynamic()),
        (KEPT, kept(requests().map(|texts| attributes(&RequestLabels::from(&texts))))),
        (GAUGE, gauge()),
        (UP_DOWN, up_down()),
        (FLOAT, float()),
        (HISTOGRAM, histogram()),
        (TIMER, timer()),
    ]
}

fn counter() -> Row {
    let pipeline = Pipeline::new(2000);
    let build = |at| pipeline.meter.u64_counter(format!("c{at}")).build().bind(&[]);
    let all: [BoundCounter<u64>; HANDLES] = std::array::from_fn(build);
    let work = move |n| rotate(&all, n, |counter| counter.add(1));
    Row::new("", work, move || pipeline.total(|at| format!("c{at}_total")))
}

/// With attributes that the caller has made beforehand.
fn kept<const N: usize>(attributes: [[KeyValue; N]; HANDLES]) -> Row {
    let pipeline = Pipeline::new(2000);
    let family = pipeline.meter.u64_counter("k").build();
    let work = move |n| rotate(&attributes, n, |attributes| family.add(1, attributes));
    Row::new("", work, move || sum_in(&pipeline.text(), "k_total"))
}

fn order_attributes(labels: &OrderLabels) -> [KeyValue; 2] {
    [KeyValue::new("payment", labels.payment.text()), KeyValue::new("outcome", labels.outcome.text())]
}

fn attributes(labels: &RequestLabels<'_>) -> [KeyValue; 3] {
    let labels = [("method", labels.method), ("route", labels.route), ("code", labels.code)];
    labels.map(|(name, value)| KeyValue::new(name, value.to_owned()))
}

fn dynamic() -> Row {
    let pipeline = Pipeline::new(2000);
    let (texts, family) = (requests(), pipeline.meter.u64_counter("s").build());
    let work = move |n| rotate(&texts, n, |texts| family.add(1, &attributes(&texts.into())));
    Row::new("", work, move || sum_in(&pipeline.text(), "s_total"))
}

fn gauge() -> Row {
    let pipeline = Pipeline::new(2000);
    let build = |at| pipeline.meter.u64_gauge(format!("g{at}")).build().bind(&[]);
    let all: [BoundGauge<u64>; HANDLES] = std::array::from_fn(build);
    balanced(
        move |n| rotate(&all, n, |gauge| gauge.record(std::hint::black_box(5))),
        move || pipeline.total(|at| format!("g{at}")) == 5 * HANDLES as u64,
    )
}

fn up_down() -> Row {
    let pipeline = Pipeline::new(2000);
    let build = |at| pipeline.meter.i64_up_down_counter(format!("u{at}")).build().bind(&[]);
    let all: [BoundUpDownCounter<i64>; HANDLES] = std::array::from_fn(build);
    let work = move |n| {
        rotate(&all, n, |counter| {
            counter.add(1);
            counter.add(-1);
        });
    };
    balanced(work, move || pipeline.total(|at| format!("u{at}")) == 0)
}

fn float() -> Row {
    let pipeline = Pipeline::new(2000);
    let build = |at| pipeline.meter.f64_counter(format!("f{at}")).build().bind(&[]);
    let all: [BoundCounter<f64>; HANDLES] = std::array::from_fn(build);
    let work = move |n| rotate(&all, n, |counter| counter.add(1.0));
    Row::new("", work, move || pipeline.total(|at| format!("f{at}_total")))
}

fn histogram() -> Row {
    let pipeline = Pipeline::new(2000);
    observing(pipeline.histograms(), BoundHistogram::record, move |_| pipeline.total(|at| format!("h{at}_count")))
}

fn timer() -> Row {
    let pipeline = Pipeline::new(2000);
    timing(pipeline.histograms(), BoundHistogram::record, move |_| pipeline.total(|at| format!("h{at}_count")))
}

struct Counters(Pipeline, Counter<u64>);
struct Histograms(Pipeline, Histogram<f64>);

fn counters(series: usize) -> Box<dyn Service> {
    let pipeline = Pipeline::new(series + 1);
    // It appends `_total`.
    let family = pipeline.meter.u64_counter("requests").build();
    Box::new(Counters(pipeline, family))
}

fn histograms(series: usize) -> Box<dyn Service> {
    let pipeline = Pipeline::new(series + 1);
    let family = pipeline.meter.f64_histogram("duration").with_unit("s").with_boundaries(BOUNDS.into()).build();
    Box::new(Histograms(pipeline, family))
}

fn encode(pipeline: &Pipeline, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
    if wire == Wire::Protobuf {
        buffers.bytes.clear();
        let encoded = ProtobufEncoder::new().encode(&pipeline.registry.gather(), &mut buffers.bytes);
        encoded.expect("it can be written");
        return sink(&buffers.bytes);
    }
    buffers.text.clear();
    TextEncoder::new().encode_utf8(&pipeline.registry.gather(), &mut buffers.text).expect("it can be written");
    sink(buffers.text.as_bytes());
}

impl Service for Counters {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.1.add(amount, &attributes(labels));
    }

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        encode(&self.0, wire, buffers, sink);
    }
}

impl Service for Histograms {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.1.record(observation(amount), &attributes(labels));
    }

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        encode(&self.0, wire, buffers, sink);
    }
}

fn register(names: &'static [String]) -> Box<dyn std::any::Any> {
    let pipeline = Pipeline::new(2000);
    let build =
        |name: &'static String| pipeline.meter.u64_counter(name.as_str()).with_description("A counter.").build();
    let counters: Vec<Counter<u64>> = names.iter().map(build).collect();
    Box::new((pipeline, counters))
}
