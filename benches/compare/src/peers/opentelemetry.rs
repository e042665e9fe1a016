//! OpenTelemetry's SDK with its exporter for Prometheus.

use benches::labels::{orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, latencies, rotate};
use benches::series::Texts;
use metrics_core::LabelValue;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider};
use opentelemetry_sdk::metrics::{Instrument, SdkMeterProvider, Stream};
use prometheus::{Registry, TextEncoder};

use super::sum_in;
use crate::encoding::Encode;
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, HISTOGRAM};

pub const NAME: &str = "opentelemetry";

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
        let exporter = exporter.without_scope_info().without_target_info().build().expect("it can be made");
        let limit = move |_: &Instrument| Stream::builder().with_cardinality_limit(series).build().ok();
        let provider = SdkMeterProvider::builder().with_reader(exporter).with_view(limit).build();
        let meter = provider.meter("compare");
        Self { registry, _provider: provider, meter }
    }

    fn text(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).expect("it can be written")
    }
}

pub fn rows() -> Vec<(&'static str, Row)> {
    vec![(COUNTER, counter()), (ENUMS, enums()), (DYNAMIC, dynamic()), (FLOAT, float()), (HISTOGRAM, histogram())]
}

fn counter() -> Row {
    let pipeline = Pipeline::new(2000);
    let all: [Counter<u64>; HANDLES] = std::array::from_fn(|at| pipeline.meter.u64_counter(format!("c{at}")).build());
    let work = move |n| rotate(&all, n, |counter| counter.add(1, &[]));
    Row::new(NAME, work, move || {
        let text = pipeline.text();
        (0..HANDLES).map(|at| sum_in(&text, &format!("c{at}_total"))).sum()
    })
}

fn enums() -> Row {
    let pipeline = Pipeline::new(2000);
    let (labels, family) = (orders(), pipeline.meter.u64_counter("d").build());
    let work = move |n| {
        rotate(&labels, n, |labels| {
            let payment = KeyValue::new("payment", labels.payment.text());
            family.add(1, &[payment, KeyValue::new("outcome", labels.outcome.text())]);
        });
    };
    Row::new(NAME, work, move || sum_in(&pipeline.text(), "d_total"))
}

fn key_values([method, route, code]: [&str; 3]) -> [KeyValue; 3] {
    [("method", method), ("route", route), ("code", code)].map(|(name, value)| KeyValue::new(name, value.to_owned()))
}

fn dynamic() -> Row {
    let pipeline = Pipeline::new(2000);
    let (texts, family) = (requests(), pipeline.meter.u64_counter("s").build());
    let work = move |n| rotate(&texts, n, |texts| family.add(1, &key_values(texts.each_ref().map(String::as_str))));
    Row::new(NAME, work, move || sum_in(&pipeline.text(), "s_total"))
}

fn float() -> Row {
    let pipeline = Pipeline::new(2000);
    let all: [Counter<f64>; HANDLES] = std::array::from_fn(|at| pipeline.meter.f64_counter(format!("f{at}")).build());
    let work = move |n| rotate(&all, n, |counter| counter.add(1.0, &[]));
    Row::new(NAME, work, move || {
        let text = pipeline.text();
        (0..HANDLES).map(|at| sum_in(&text, &format!("f{at}_total"))).sum()
    })
}

fn histogram() -> Row {
    let pipeline = Pipeline::new(2000);
    let build = |at| pipeline.meter.f64_histogram(format!("h{at}")).with_boundaries(BOUNDS.into()).build();
    let all: [Histogram<f64>; HANDLES] = std::array::from_fn(build);
    let values = latencies();
    let work = move |n| {
        let mut at = 0;
        rotate(&all, n, |histogram| {
            histogram.record(values[at % values.len()], &[]);
            at += 1;
        });
    };
    Row::new(NAME, work, move || {
        let text = pipeline.text();
        (0..HANDLES).map(|at| sum_in(&text, &format!("h{at}_count"))).sum()
    })
}

pub fn fill(texts: &Texts, series: usize) -> Encode {
    let pipeline = Pipeline::new(series + 1);
    let family = pipeline.meter.u64_counter("requests").build();
    for at in 0..series {
        let labels = texts.labels(at);
        family.add(at as u64 * 7, &key_values([labels.method, labels.route, labels.code]));
    }
    Box::new(move || pipeline.text().len())
}
