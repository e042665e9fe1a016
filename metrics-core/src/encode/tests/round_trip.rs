//! Is whatever a registry holds read back from every format?

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

use super::super::Format;
use super::super::protobuf::schema::{self, Metric};
use super::super::protobuf::tests::buckets;
use super::parse::{Parsed, Sample, Told, parse, unescape};
use super::{exposed_families, exposed_text};
use crate::descriptor::NativeDeclaration;
use crate::encode::{Exemplar, Timestamp};
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
    pub(super) infos: BTreeSet<Labels>,
    /// What the exemplars of records lead to, where they have one: see [`Content::told`].
    traces: Vec<Option<Trace>>,
}

/// Labels and time of an exemplar.
type Trace = (BTreeMap<String, String>, (u64, u32));

fn text() -> impl Strategy<Value = String> {
    "([a-c]|[\"\\\\\n{},= ]|\\PC|\u{0}|\r){0,12}"
}

fn labels() -> impl Strategy<Value = Labels> {
    (text(), text())
}

/// A constant label has a text.
fn constant_labels() -> impl Strategy<Value = Labels> {
    labels().prop_map(|(a, b)| (format!("a{a}"), format!("b{b}")))
}

fn any_float() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), any::<u64>().prop_map(f64::from_bits), (-1000..1000_i32).prop_map(f64::from)]
}

fn bound() -> impl Strategy<Value = f64> {
    any_float().prop_filter_map("a bound is finite", |bound| bound.is_finite().then_some(bound + 0.0))
}

fn trace() -> impl Strategy<Value = Trace> {
    (btree_map("[a-z_][a-z0-9_]{0,5}", text(), 0..4), (0..4_000_000_000_u64, 0..1_000_000_000_u32))
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
        (btree_set(constant_labels(), 0..4), vec(proptest::option::of(trace()), 1..9)),
    )
        .prop_map(|(help, constant, counters, integers, gauges, states, bounds, histograms, natives, others)| {
            let bounds = bounds.into_iter().map(|bound| bound.0).collect();
            let (infos, traces) = others;
            Content { help, constant, counters, integers, gauges, states, bounds, histograms, natives, infos, traces }
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
    for (row, ((a, b), value)) in content.counters.iter().enumerate() {
        let counter = counters.with(&[Some(a), Some(b)]);
        match content.told(row, 0, *value) {
            Some(told) => counter.add_with_exemplar(*value, &exemplar(&told)),
            None => counter.add(*value),
        }
    }
    for ((a, b), value) in &content.integers {
        integers.with(&[Some(a), Some(b)]).add(*value);
    }
    for (a, b) in &content.infos {
        let info = Descriptor::new(MetricType::Info, "x_info", content.help.clone());
        let registry = registry.with_label("constant", &content.constant);
        registry.register_info(info, &[("a", a), ("b", b)]).unwrap();
    }
    for ((a, b), value) in &content.gauges {
        gauges.with(&[Some(a), Some(b)]).set(*value);
    }
    for ((a, b), state) in &content.states {
        states.with(&[Some(a), Some(b)]).set(*state);
    }
    for (family, rows) in [(histograms, &content.histograms), (natives, &content.natives)] {
        for (row, ((a, b), values)) in rows.iter().enumerate() {
            let histogram = family.with(&[Some(a), Some(b)]);
            for (at, value) in values.iter().enumerate() {
                match content.told(row, at, *value) {
                    Some(told) => histogram.observe_with_exemplar(*value, &exemplar(&told)),
                    None => histogram.observe(*value),
                }
            }
        }
    }
    registry
}

/// What is recorded so that a reader is told this.
fn exemplar(told: &Told) -> Exemplar {
    let mut exemplar = Exemplar::new(told.value, Timestamp::from_epoch(Duration::new(told.at.0, told.at.1)));
    for (name, value) in &told.labels {
        assert!(exemplar.push_label(name, value), "{name} has room");
    }
    exemplar
}

impl Content {
    /// The labels of a row as a reader sees them: an empty value is no label.
    pub(super) fn row(&self, (a, b): &Labels) -> BTreeMap<String, String> {
        let labels = [("constant", &self.constant), ("a", a), ("b", b)];
        let present = labels.into_iter().filter(|(_, value)| !value.is_empty());
        present.map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }

    /// The exemplar of a record of this value, the so-manyth of its row, if it has one.
    fn told(&self, row: usize, at: usize, value: f64) -> Option<Told> {
        let (labels, at) = self.traces[(row + at) % self.traces.len()].clone()?;
        Some(Told { labels, value, at })
    }

    pub(super) fn counter_told(&self, row: usize, value: f64) -> Vec<Told> {
        self.told(row, 0, value).into_iter().collect()
    }

    /// All exemplars of a row of observations.
    pub(super) fn all_told(&self, row: usize, values: &[f64]) -> Vec<Told> {
        values.iter().enumerate().filter_map(|(at, value)| self.told(row, at, *value)).collect()
    }

    /// The last exemplar of each classic bucket, `+Inf` included.
    pub(super) fn told_by_bucket(&self, row: usize, values: &[f64]) -> Vec<Option<Told>> {
        let mut last = vec![None; self.bounds.len() + 1];
        for told in self.all_told(row, values) {
            let bucket = self.bounds.iter().take_while(|bound| **bound < told.value).count();
            last[bucket] = Some(told);
        }
        last
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

    /// The exemplars of the sample with this name and these labels.
    fn exemplars(&self, name: &str, labels: &BTreeMap<String, String>) -> &[Told] {
        let found = self.0.samples.iter().find(|sample| sample.name == name && sample.labels == *labels);
        &found.expect("it is there").exemplars
    }

    fn of(&self, start: &str) -> usize {
        self.0.samples.iter().filter(|sample| sample.name.starts_with(start)).count()
    }
}

fn assert_text(content: &Content, format: Format) {
    let text = exposed_text(&record(content), format);
    let samples = Samples(parse(&text));
    assert_eq!(samples.of("c_"), content.counters.len(), "{text}");
    for (row, (labels, expected)) in content.counters.iter().enumerate() {
        assert!(same(samples.value("c_total", &content.row(labels)).unwrap(), *expected), "{labels:?} in {text}");
        if format == Format::OpenMetrics {
            let told = samples.exemplars("c_total", &content.row(labels));
            assert_eq!(told, content.counter_told(row, *expected), "{labels:?} in {text}");
        }
    }
    if format != Format::OpenMetrics {
        assert!(samples.0.samples.iter().all(|sample| sample.exemplars.is_empty()), "no exemplars in {text}");
    }
    assert_eq!(samples.of("x_"), content.infos.len(), "{text}");
    for labels in &content.infos {
        assert_eq!(samples.value("x_info", &content.row(labels)), Some(1.0), "{labels:?} in {text}");
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
    for (number, (labels, values)) in content.histograms.iter().enumerate() {
        assert_histogram(content, &samples, &content.row(labels), values, format);
        if format == Format::OpenMetrics {
            assert_buckets_tell(content, &samples, &content.row(labels), content.told_by_bucket(number, values));
        }
    }
    for (number, (labels, values)) in content.natives.iter().enumerate() {
        let row = content.row(labels);
        let mut only = row.clone();
        only.insert("le".into(), "+Inf".into());
        assert_eq!(samples.value("n_bucket", &only), Some(values.len() as f64));
        if format == Format::OpenMetrics {
            let told = samples.exemplars("n_bucket", &only);
            assert!(told.len() <= 1, "one bucket, one exemplar in {text}");
            assert_some_of(told, &content.all_told(number, values));
        }
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

/// Each bucket has the exemplar that was recorded last in it.
fn assert_buckets_tell(
    content: &Content,
    samples: &Samples,
    row: &BTreeMap<String, String>,
    expected: Vec<Option<Told>>,
) {
    let of_bucket = |bound: f64| {
        let is_it = |sample: &&Sample| {
            let mut labels = sample.labels.clone();
            let at = labels.remove("le").map(|le| number(&le));
            sample.name == "h_bucket" && at == Some(bound) && labels == *row
        };
        samples.0.samples.iter().find(is_it).unwrap().exemplars.clone()
    };
    let bounds = content.bounds.iter().copied().chain([f64::INFINITY]);
    let told: Vec<_> = bounds.map(of_bucket).collect();
    assert_eq!(told, expected.into_iter().map(Vec::from_iter).collect::<Vec<_>>());
}

/// What is told was recorded, each at most once; and something is, if there is something to tell.
pub(super) fn assert_some_of(told: &[Told], recorded: &[Told]) {
    assert_eq!(told.is_empty(), recorded.is_empty());
    let mut left = recorded.to_vec();
    for one in told {
        let at = left.iter().position(|recorded| recorded == one);
        left.remove(at.unwrap_or_else(|| panic!("{one:?} was not recorded, or comes twice: {recorded:?}")));
    }
}

/// An exemplar as a decoder of protobuf reads it.
fn decoded(exemplar: &schema::Exemplar) -> Told {
    let label = |label: &schema::LabelPair| (label.name().to_owned(), label.value().to_owned());
    let at = exemplar.timestamp.unwrap();
    let at = (at.seconds.try_into().unwrap(), at.nanos.try_into().unwrap());
    let labels: BTreeMap<_, _> = exemplar.label.iter().map(label).collect();
    assert_eq!(labels.len(), exemplar.label.len(), "a label comes once");
    Told { labels, value: exemplar.value(), at }
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
    for (row, (labels, expected)) in content.counters.iter().enumerate() {
        let counter = find("c_total", labels).counter.unwrap();
        assert!(same(counter.value(), *expected));
        let told: Vec<_> = counter.exemplar.iter().map(decoded).collect();
        assert_eq!(told, content.counter_told(row, *expected));
    }
    for (labels, expected) in &content.integers {
        let counter = find("i_total", labels).counter.unwrap();
        assert!(same(counter.value(), *expected as f64) && counter.exemplar.is_none());
    }
    assert_eq!(rows("x_info").len(), content.infos.len());
    for labels in &content.infos {
        assert_eq!(find("x_info", labels).gauge.unwrap().value(), 1.0);
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
    for (row, (labels, values)) in content.histograms.iter().enumerate() {
        let histogram = find("h", labels).histogram.unwrap();
        let told = content.told_by_bucket(row, values);
        let read: Vec<_> = histogram
            .bucket
            .iter()
            .map(|bucket| (bucket.upper_bound(), bucket.cumulative_count(), bucket.exemplar.as_ref().map(decoded)))
            .collect();
        let bounds = content.bounds.iter().copied().chain([f64::INFINITY]);
        let cumulative = bounds.zip(content.cumulative(values));
        let expected = cumulative.zip(told).map(|((bound, count), told)| (bound, count, told));
        // Readers add the last bucket: it is written for its exemplar only.
        let written = |(bound, _, told): &(f64, u64, Option<Told>)| bound.is_finite() || told.is_some();
        assert_eq!(read, expected.filter(written).collect::<Vec<_>>());
        assert!(histogram.exemplars.is_empty(), "they are at their buckets");
        assert_eq!(histogram.sample_count(), values.len() as u64);
        assert!(same(histogram.sample_sum(), values.iter().sum()));
    }
    for (row, (labels, values)) in content.natives.iter().enumerate() {
        let histogram = find("n", labels).histogram.unwrap();
        let told: Vec<_> = histogram.exemplars.iter().map(decoded).collect();
        assert_some_of(&told, &content.all_told(row, values));
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
