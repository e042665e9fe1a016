//! What does a look-up cost by the number of labels?

use std::sync::Arc;
use std::time::Duration;

use benches::measure::{Plan, measure, wrong_totals};
use benches::rows::{HANDLES, Row, rotate};
use fast_telemetry::DynamicCounter;
use metrics_core::{
    Counter, Declaration, Family, LabelDeclaration, LabelSet, LabelValues, LabelVisitor, MetricType, Registry,
};
use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{IntCounterVec, Opts};

use super::{Curve, Picture, Point, by_time};
use crate::peers::OURS;
use crate::written::sum_in;

/// As many as the longest set has.
const NAMES: [&str; 8] = ["method", "route", "code", "tenant", "region", "version", "protocol", "cache"];
const DECLARED: [LabelDeclaration; 8] = {
    let mut declared = [LabelDeclaration::new(NAMES[0], LabelValues::Dynamic); 8];
    let mut at = 0;
    while at < NAMES.len() {
        declared[at] = LabelDeclaration::new(NAMES[at], LabelValues::Dynamic);
        at += 1;
    }
    declared
};

/// So many borrowed texts.
#[derive(Clone, Copy)]
struct Labels<'a, const N: usize>([&'a str; N]);

impl<const N: usize> LabelSet for Labels<'_, N> {
    type Schema = Labels<'static, N>;
    const LABELS: &'static [LabelDeclaration] = DECLARED.split_at(N).0;

    #[inline]
    fn index(&self) -> usize {
        0
    }

    #[inline]
    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        self.0.iter().for_each(|text| visitor.text(text));
    }
}

pub(super) fn pictures(rounds: usize) -> Result<Vec<Picture>, String> {
    let by_number =
        [rows::<1>(), rows::<2>(), rows::<3>(), rows::<4>(), rows::<5>(), rows::<6>(), rows::<7>(), rows::<8>()];
    let names: Vec<&'static str> = by_number[0].iter().map(|row| row.name).collect();
    let rows: Vec<Row> = by_number.into_iter().flatten().collect();
    let plan = Plan { rounds, slice: Duration::from_millis(1), threads: vec![1] };
    let times = measure(&rows, &plan);
    let wrong = wrong_totals(&rows, &times);
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    let curve = |(at, name): (usize, &&str)| {
        let point = |number: usize| Point::timed(number as f64 + 1.0, &times, number * names.len() + at, 0);
        Curve { name: (*name).to_owned(), points: (0..NAMES.len()).map(point).collect() }
    };
    Ok(vec![Picture {
        file: "labels",
        title: "Adding to a known series, looked up by borrowed texts; 64 series".to_owned(),
        x: "labels",
        y: "ns an operation",
        by_ten: (false, true),
        curves: names.iter().enumerate().map(curve).collect(),
        notes: vec![by_time(&plan, &times)],
    }])
}

fn rows<const N: usize>() -> Vec<Row> {
    vec![
        ours::<N>(),
        prometheus_row::<N>(),
        prometheus_client_row::<N>(),
        metrics_row::<N>(),
        fastmetrics_row::<N>(),
        foundations_row::<N>(),
        fast_telemetry_row::<N>(),
        metrics_lib_row::<N>(),
        opentelemetry_row::<N>(),
    ]
}

/// 64 sets that differ in their first text, as routes do.
fn texts<const N: usize>() -> [[String; N]; HANDLES] {
    std::array::from_fn(|at| {
        std::array::from_fn(|label| if label == 0 { format!("/api/v1/items/{at}") } else { format!("value-{label}") })
    })
}

fn ours<const N: usize>() -> Row {
    let declaration = Declaration::new(MetricType::Counter, "c_total", "C.");
    let family: Family<Labels<'static, N>, Counter> = Registry::new().register(declaration).expect("it is right");
    let (texts, known, read) = (texts::<N>(), texts::<N>(), family.clone());
    let work = move |operations| {
        let sets: [Labels<'_, N>; HANDLES] = std::array::from_fn(|at| Labels(texts[at].each_ref().map(String::as_str)));
        rotate(&sets, operations, |labels| family.with(labels).inc());
    };
    let value = move |texts: &[String; N]| read.with(&Labels(texts.each_ref().map(String::as_str))).value();
    Row::new(OURS, work, move || known.iter().map(&value).sum())
}

fn prometheus_row<const N: usize>() -> Row {
    let family = IntCounterVec::new(Opts::new("c_total", "C."), &NAMES[..N]).expect("it is right");
    let (texts, known, read) = (texts::<N>(), texts::<N>(), family.clone());
    let work = move |operations| {
        rotate(&texts, operations, |texts| family.with_label_values(&texts.each_ref().map(String::as_str)).inc());
    };
    let value = move |texts: &[String; N]| read.with_label_values(&texts.each_ref().map(String::as_str)).get();
    Row::new("prometheus", work, move || known.iter().map(&value).sum())
}

fn fast_telemetry_row<const N: usize>() -> Row {
    let family = Arc::new(DynamicCounter::new(benches::measure::cores()));
    let (texts, read) = (texts::<N>(), family.clone());
    let work = move |operations| {
        rotate(&texts, operations, |texts| {
            let labels: [(&str, &str); N] = std::array::from_fn(|label| (NAMES[label], texts[label].as_str()));
            family.inc(&labels);
        });
    };
    Row::new("fast-telemetry", work, move || read.sum_all() as u64)
}

/// Of a library whose label sets own their texts: whoever has borrowed ones copies them.
fn copying<F: Send + Sync + 'static, const N: usize>(
    name: &'static str,
    family: F,
    add: impl Fn(&F, &[String; N]) + Send + Sync + 'static,
    value: impl Fn(&F, &[String; N]) -> u64 + Send + Sync + 'static,
) -> Row {
    let (texts, known, family) = (texts::<N>(), texts::<N>(), Arc::new(family));
    let read = family.clone();
    let work = move |operations| rotate(&texts, operations, |texts| add(&family, &texts.clone()));
    Row::new(name, work, move || known.iter().map(|texts| value(&read, texts)).sum())
}

fn prometheus_client_row<const N: usize>() -> Row {
    use prometheus_client::metrics::{counter::Counter, family::Family};
    let add = |family: &Family<[String; N], Counter>, texts: &[String; N]| {
        family.get_or_create(texts).inc();
    };
    copying("prometheus-client", Family::default(), add, |family, texts| family.get_or_create(texts).get())
}

fn fastmetrics_row<const N: usize>() -> Row {
    use fastmetrics::metrics::{counter::Counter, family::Family};
    let add = |family: &Family<[String; N], Counter>, texts: &[String; N]| {
        family.with_or_new(texts, |counter| counter.inc());
    };
    let value = |family: &Family<[String; N], Counter>, texts: &[String; N]| {
        family.with(texts, |counter| counter.total()).unwrap_or(0)
    };
    copying("fastmetrics", Family::default(), add, value)
}

fn foundations_row<const N: usize>() -> Row {
    use foundations_metrics::{Family, ThreadLocalCounter};
    let add = |family: &Family<[String; N], ThreadLocalCounter>, texts: &[String; N]| family.get_or_create(texts).inc();
    copying("foundations-metrics", Family::default(), add, |family, texts| family.get_or_create(texts).get())
}

fn metrics_row<const N: usize>() -> Row {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let (texts, handle) = (texts::<N>(), recorder.handle());
    let work = move |operations| {
        metrics::with_local_recorder(&recorder, || {
            rotate(&texts, operations, |texts| {
                let labels: Vec<metrics::Label> =
                    NAMES.iter().zip(texts).map(|(name, text)| metrics::Label::new(*name, text.clone())).collect();
                metrics::counter!("c", labels).increment(1);
            });
        });
    };
    Row::new("metrics + exporter", work, move || sum_in(&handle.render(), "c"))
}

fn metrics_lib_row<const N: usize>() -> Row {
    use metrics_lib::exporters::prometheus::render;
    let config = metrics_lib::MetricsConfig::default().with_max_series(2 * HANDLES);
    let core = Arc::new(metrics_lib::MetricsCore::with_config(config).expect("the configuration is right"));
    let (texts, read) = (texts::<N>(), core.clone());
    let work = move |operations| {
        rotate(&texts, operations, |texts| {
            let labels: [(&str, String); N] = std::array::from_fn(|label| (NAMES[label], texts[label].clone()));
            core.counter_with("c", &metrics_lib::LabelSet::from(labels)).inc();
        });
    };
    Row::new("metrics-lib", work, move || sum_in(&render(read.registry()), "c"))
}

fn opentelemetry_row<const N: usize>() -> Row {
    let (registry, provider) = pipeline();
    let (texts, counter) = (texts::<N>(), provider.meter("growth").u64_counter("c").build());
    let work = move |operations| {
        rotate(&texts, operations, |texts| {
            let labels: [KeyValue; N] = std::array::from_fn(|label| KeyValue::new(NAMES[label], texts[label].clone()));
            counter.add(1, &labels);
        });
    };
    Row::new("opentelemetry", work, move || {
        // It ends what it provides when it is dropped.
        let _provider = &provider;
        sum_in(&prometheus::TextEncoder::new().encode_to_string(&registry.gather()).expect("it is text"), "c_total")
    })
}

/// Of OpenTelemetry, with an exporter of its own.
pub(super) fn pipeline() -> (prometheus::Registry, SdkMeterProvider) {
    let registry = prometheus::Registry::new();
    let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone());
    let exporter = exporter.scope_info_enabled(false).without_target_info().build().expect("it can be made");
    (registry, SdkMeterProvider::builder().with_reader(exporter).build())
}
