//! Is whatever a registry holds read back from every format?

use std::collections::BTreeMap;

use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

use super::super::Format;
use super::super::protobuf::schema::Metric;
use super::super::protobuf::tests::buckets;
use super::parse::{Parsed, parse, unescape};
use super::{exposed_families, exposed_text};
use crate::descriptor::NativeDeclaration;
use crate::metric::native::bucket_index;
use crate::{
    Counter, Descriptor, DynamicFamily, Gauge, Histogram, Metric as _, MetricType, Registry, SeriesMetric, StateSet,
};

pub(super) type Labels = (String, String);

/// What was recorded: a family of each type, each with the labels `a` and `b`.
#[derive(Clone, Debug)]
pub(super) struct Content {
    help: String,
    constant: String,
    pub(super) counters: BTreeMap<Labels, f64>,
    integers: BTreeMap<Labels, u64>,
    gauges: BTreeMap<Labels, f64>,
    /// Of a family whose name not all readers know.
    states: BTreeMap<Labels, bool>,
    pub(super) bounds: Vec<f64>,
    pub(super) histograms: BTreeMap<Labels, Vec<f64>>,
    pub(super) natives: BTreeMap<Labels, Vec<f64>>,
}

fn text() -> impl Strategy<Value = String> {
    "([a-c]|[\"\\\\\n{},= ]|\\PC|\u{0}|\r){0,12}"
}

fn labels() -> impl Strategy<Value = Labels> {
    (text(), text())
}

fn any_float() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), any::<u64>().prop_map(f64::from_bits), (-1000..1000_i32).prop_map(f64::from)]
}

fn bound() -> impl Strategy<Value = f64> {
    any_float().prop_filter_map("a bound is finite", |bound| bound.is_finite().then_some(bound + 0.0))
}

pub(super) fn content() -> impl Strategy<Value = Content> {
    (
        text().prop_map(|help| format!("H{help}")),
        text().prop_map(|constant| format!("c{constant}")),
        btree_map(labels(), 0.0..1e300_f64, 0..6),
        btree_map(labels(), 0..u64::MAX, 0..6),
        btree_map(labels(), any_float(), 0..6),
        btree_map(labels(), any::<bool>(), 0..4),
        btree_set(bound().prop_map(OrderedBits), 1..6),
        btree_map(labels(), vec(-1e6..1e6_f64, 0..8), 0..4),
        btree_map(labels(), vec(prop_oneof![Just(0.0), -1e6..1e6_f64, 1e-50..1e-3_f64], 0..8), 0..4),
    )
        .prop_map(|(help, constant, counters, integers, gauges, states, bounds, histograms, natives)| {
            let bounds = bounds.into_iter().map(|bound| bound.0).collect();
            Content { help, constant, counters, integers, gauges, states, bounds, histograms, natives }
        })
}

/// A finite float by size.
#[derive(Clone, Copy, Debug, PartialEq)]
struct OrderedBits(f64);

impl Eq for OrderedBits {}

impl PartialOrd for OrderedBits {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OrderedBits {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

fn register<M: SeriesMetric>(content: &Content, registry: &Registry, name: &str) -> DynamicFamily<M> {
    let mut descriptor = Descriptor::new(M::TYPE, name, content.help.clone());
    if name == "n" {
        (descriptor.native, descriptor.classic) = (Some(NativeDeclaration::DEFAULT), false);
    } else if M::TYPE == MetricType::Histogram {
        descriptor.buckets = Some(content.bounds.clone().into());
    }
    descriptor.add_label("a").add_label("b");
    registry.with_utf8_names().with_label("constant", &content.constant).register_dynamic(descriptor).unwrap()
}

pub(super) fn record(content: &Content) -> Registry {
    let registry = Registry::new();
    let counters = register::<Counter<f64>>(content, &registry, "c_total");
    let integers = register::<Counter>(content, &registry, "i_total");
    let gauges = register::<Gauge<f64>>(content, &registry, "g");
    let states = register::<StateSet<bool>>(content, &registry, "s.t");
    let histograms = register::<Histogram>(content, &registry, "h");
    let natives = register::<Histogram>(content, &registry, "n");
    for ((a, b), value) in &content.counters {
        counters.with(&[Some(a), Some(b)]).add(*value);
    }
    for ((a, b), value) in &content.integers {
        integers.with(&[Some(a), Some(b)]).add(*value);
    }
    for ((a, b), value) in &content.gauges {
        gauges.with(&[Some(a), Some(b)]).set(*value);
    }
    for ((a, b), state) in &content.states {
        states.with(&[Some(a), Some(b)]).set(*state);
    }
    for (family, rows) in [(histograms, &content.histograms), (natives, &content.natives)] {
        for ((a, b), values) in rows {
            let histogram = family.with(&[Some(a), Some(b)]);
            values.iter().for_each(|value| histogram.observe(*value));
        }
    }
    registry
}

impl Content {
    /// The labels of a row as a reader sees them: an empty value is no label.
    pub(super) fn row(&self, (a, b): &Labels) -> BTreeMap<String, String> {
        let labels = [("constant", &self.constant), ("a", a), ("b", b)];
        let present = labels.into_iter().filter(|(_, value)| !value.is_empty());
        present.map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }

    pub(super) fn cumulative(&self, values: &[f64]) -> Vec<u64> {
        let below = |bound: f64| values.iter().filter(|value| **value <= bound).count() as u64;
        self.bounds.iter().copied().chain([f64::INFINITY]).map(below).collect()
    }
}

/// Floats as readers compare them: all that are no number are alike, and there is one zero.
pub(super) fn same(left: f64, right: f64) -> bool {
    left == right || (left.is_nan() && right.is_nan())
}

pub(super) fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

struct Samples(Parsed);

impl Samples {
    /// The value of the sample with this name and these labels.
    fn value(&self, name: &str, labels: &BTreeMap<String, String>) -> Option<f64> {
        let mut found = self.0.samples.iter().filter(|sample| sample.name == name && sample.labels == *labels);
        let value = found.next().map(|sample| number(&sample.value));
        assert!(found.next().is_none(), "{name}{labels:?} comes once");
        value
    }

    fn of(&self, start: &str) -> usize {
        self.0.samples.iter().filter(|sample| sample.name.starts_with(start)).count()
    }
}

fn assert_text(content: &Content, format: Format) {
    let text = exposed_text(&record(content), format);
    let samples = Samples(parse(&text));
    assert_eq!(samples.of("c_"), content.counters.len(), "{text}");
    for (labels, expected) in &content.counters {
        assert!(same(samples.value("c_total", &content.row(labels)).unwrap(), *expected), "{labels:?} in {text}");
    }
    for (labels, expected) in &content.integers {
        let row = content.row(labels);
        let sample = samples.0.samples.iter().find(|sample| sample.name == "i_total" && sample.labels == row).unwrap();
        assert_eq!(sample.value, expected.to_string());
    }
    assert_eq!(samples.of("g"), content.gauges.len(), "{text}");
    for (labels, expected) in &content.gauges {
        assert!(same(samples.value("g", &content.row(labels)).unwrap(), *expected), "{labels:?} in {text}");
    }
    let name = if format == Format::TextUtf8 { "s.t" } else { "s_t" };
    assert_eq!(samples.of(name), content.states.len() * 2, "{text}");
    for (labels, expected) in &content.states {
        for state in [false, true] {
            let mut row = content.row(labels);
            row.insert(name.into(), state.to_string());
            assert_eq!(samples.value(name, &row), Some(f64::from(state == *expected)), "{labels:?} in {text}");
        }
    }
    for (labels, values) in &content.histograms {
        assert_histogram(content, &samples, &content.row(labels), values, format);
    }
    for (labels, values) in &content.natives {
        let row = content.row(labels);
        let mut only = row.clone();
        only.insert("le".into(), "+Inf".into());
        assert_eq!(samples.value("n_bucket", &only), Some(values.len() as f64));
        let sum: f64 = values.iter().sum();
        let told = samples.value("n_count", &row).zip(samples.value("n_sum", &row));
        let expected = (format != Format::OpenMetrics || sum >= 0.0).then_some((values.len() as f64, sum));
        assert_eq!(told, expected);
    }
    for (keyword, name, help) in &samples.0.metadata {
        if keyword == "HELP" {
            assert_eq!(unescape(help, format != Format::OpenMetrics), content.help, "help of {name}");
        }
    }
}

fn assert_histogram(
    content: &Content,
    samples: &Samples,
    row: &BTreeMap<String, String>,
    values: &[f64],
    format: Format,
) {
    let buckets: Vec<(f64, u64)> = (samples.0.samples.iter())
        .filter(|sample| sample.name == "h_bucket")
        .filter_map(|sample| {
            let mut labels = sample.labels.clone();
            let bound = number(&labels.remove("le").expect("a bucket has a bound"));
            (labels == *row).then(|| (bound, sample.value.parse().unwrap()))
        })
        .collect();
    let bounds: Vec<f64> = content.bounds.iter().copied().chain([f64::INFINITY]).collect();
    let expected: Vec<(f64, u64)> = bounds.into_iter().zip(content.cumulative(values)).collect();
    assert_eq!(buckets, expected);
    let sum: f64 = values.iter().sum();
    let count = samples.value("h_count", row);
    if format == Format::OpenMetrics && (sum < 0.0 || content.bounds[0] < 0.0) {
        assert_eq!((count, samples.value("h_sum", row)), (None, None));
    } else {
        assert_eq!(count, Some(values.len() as f64));
        assert!(same(samples.value("h_sum", row).unwrap(), sum));
    }
}

fn assert_protobuf(content: &Content) {
    let families = exposed_families(&record(content));
    let labels_of = |row: &Metric| -> BTreeMap<String, String> {
        row.label.iter().map(|label| (label.name().to_owned(), label.value().to_owned())).collect()
    };
    let rows =
        |name: &str| families.iter().find(|family| family.name() == name).map_or(&[][..], |family| &family.metric);
    let find = |name: &str, labels: &Labels| -> Metric {
        let row = content.row(labels);
        rows(name).iter().find(|metric| labels_of(metric) == row).unwrap().clone()
    };
    assert!(families.iter().all(|family| family.help() == content.help));
    assert_eq!(rows("g").len(), content.gauges.len());
    for (labels, expected) in &content.counters {
        assert!(same(find("c_total", labels).counter.unwrap().value(), *expected));
    }
    for (labels, expected) in &content.integers {
        assert!(same(find("i_total", labels).counter.unwrap().value(), *expected as f64));
    }
    for (labels, expected) in &content.gauges {
        assert!(same(find("g", labels).gauge.unwrap().value(), *expected));
    }
    assert_eq!(rows("s_t").len(), content.states.len() * 2);
    for (labels, expected) in &content.states {
        let of = |metric: &&Metric| {
            let mut told = labels_of(metric);
            told.remove("s_t") == Some(expected.to_string()) && told == content.row(labels)
        };
        assert_eq!(rows("s_t").iter().find(of).unwrap().gauge.unwrap().value(), 1.0);
    }
    for (labels, values) in &content.histograms {
        let histogram = find("h", labels).histogram.unwrap();
        let read: Vec<_> =
            histogram.bucket.iter().map(|bucket| (bucket.upper_bound(), bucket.cumulative_count())).collect();
        let expected: Vec<_> = content.bounds.iter().copied().zip(content.cumulative(values)).collect();
        assert_eq!(read, expected);
        assert_eq!(histogram.sample_count(), values.len() as u64);
        assert!(same(histogram.sample_sum(), values.iter().sum()));
    }
    for (labels, values) in &content.natives {
        let histogram = find("n", labels).histogram.unwrap();
        let ([positive, negative], zero) = native_buckets(values, histogram.schema());
        assert_eq!(buckets(&histogram.positive_span, &histogram.positive_delta), positive);
        assert_eq!(buckets(&histogram.negative_span, &histogram.negative_delta), negative);
        assert_eq!((histogram.zero_count(), histogram.sample_count()), (zero, values.len() as u64));
        assert!(same(histogram.sample_sum(), values.iter().sum()));
    }
}

/// Index and count of the occupied buckets, of positive and of negative values, and how many are in the zero bucket.
pub(super) fn native_buckets(values: &[f64], schema: i32) -> ([Vec<(i32, u64)>; 2], u64) {
    let (mut sides, mut zero) = ([BTreeMap::new(), BTreeMap::new()], 0);
    for value in values {
        match bucket_index(*value, schema).filter(|_| value.abs() > NativeDeclaration::DEFAULT.zero_threshold) {
            Some(index) => *sides[usize::from(*value < 0.0)].entry(index).or_insert(0) += 1,
            None => zero += 1,
        }
    }
    (sides.map(|side| side.into_iter().collect()), zero)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_format_tells_what_was_recorded(content in content()) {
        assert_text(&content, Format::Text);
        assert_text(&content, Format::TextUtf8);
        assert_text(&content, Format::OpenMetrics);
        assert_protobuf(&content);
    }
}
