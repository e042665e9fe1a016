//! What becomes of labels that are not the family's? They go nowhere, are counted, and harm nobody.

use super::descriptor;
use crate::descriptor::{LabelDescriptor, LabelValues, NativeDeclaration};
use crate::metric::ignored_total;
use crate::{
    BusyTime, Counter, Descriptor, DynamicFamily, Family, Gauge, Histogram, LabelDeclaration, LabelSet, LabelVisitor,
    MetricType, NoLabels, Registry, SeriesMetric, UpDownGauge,
};

#[derive(Clone, Copy)]
enum Told<'a> {
    Index(usize),
    Text(&'a str),
    Number(u64),
    Nothing,
}

/// Labels of any kind, whatever the family's are.
struct Set<'a>(&'a [Told<'a>]);

impl LabelSet for Set<'_> {
    type Schema = NoLabels;
    const LABELS: &'static [LabelDeclaration] = &[];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        for label in self.0 {
            match *label {
                Told::Index(index) => visitor.enumerated(index),
                Told::Text(text) => visitor.text(text),
                Told::Number(number) => visitor.unsigned(number),
                Told::Nothing => visitor.absent(),
            }
        }
    }
}

/// More than fits in one piece.
const LONG: &str =
    "a text that is so long that no piece has room for it, neither alone nor beside others, whatever they are";

/// One enumerated label and one text.
fn mixed(registry: &Registry) -> DynamicFamily<Counter> {
    let mut descriptor = Descriptor::new(MetricType::Counter, "mixed_total", "For a test.");
    let values = LabelValues::Enumerated(&["paid", "failed"]);
    descriptor.labels.push(LabelDescriptor { name: "outcome".into(), values, optional: false });
    descriptor.add_label("queue");
    registry.register_dynamic(descriptor).unwrap()
}

/// That the records of these labels go nowhere, and are counted.
fn are_strangers<'a>(family: &DynamicFamily<Counter>, sets: impl IntoIterator<Item = &'a [Told<'a>]>) {
    let before = family.len();
    for set in sets {
        // Other tests of this process may have records ignored meanwhile: it only rises.
        let ignored = ignored_total();
        family.with_set(&Set(set)).add(1000);
        assert!(ignored_total() > ignored, "it is counted");
        assert!(!family.remove_set(set));
    }
    assert_eq!(family.len(), before);
}

impl DynamicFamily<Counter> {
    fn remove_set(&self, set: &[Told<'_>]) -> bool {
        match &self.core.kind {
            super::super::Kind::Dense(_) => false,
            super::super::Kind::Sparse(sparse) => sparse.remove(&Set(set)),
        }
    }
}

#[test]
fn an_index_is_never_taken_for_the_number_of_a_text() {
    let registry = Registry::new();
    let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor(10)).unwrap();
    let texts = ["a text of some length", "another text of some length", LONG];
    for text in texts {
        family.with(&[Some(text)]).inc();
    }
    // Texts have small numbers: one of them was the word of one of these indices.
    let sets: Vec<[Told<'_>; 1]> = (0..64).map(|index| [Told::Index(index)]).collect();
    are_strangers(&family, sets.iter().map(|set| &set[..]));
    are_strangers(&family, [&[Told::Text(LONG), Told::Index(1)][..]]);
    family.with(&[Some("one more text of some length")]).inc();
    for text in texts {
        assert_eq!(registry.sample("sparse_total", &[("a", text)]), Some(1.0), "its text was not given back");
        assert!(family.remove(&[Some(text)]));
    }
    assert_eq!(family.len(), 1);
}

#[test]
fn labels_of_another_kind_or_too_many_of_them_go_nowhere() {
    let registry = Registry::new();
    let family = mixed(&registry);
    family.with_set(&Set(&[Told::Index(1), Told::Text("mail")])).inc();
    are_strangers(
        &family,
        [
            &[Told::Text("paid"), Told::Text("mail")][..],
            &[Told::Number(1), Told::Text("mail")],
            &[Told::Index(2), Told::Text("mail")],
            &[Told::Index(usize::MAX), Told::Text("mail")],
            &[Told::Index((1 << 32) + 1), Told::Text("mail")],
            &[Told::Index((1 << 32) + 1), Told::Text(LONG)],
            &[Told::Index(1), Told::Index(0)],
            &[Told::Index(1), Told::Text("mail"), Told::Text("more")],
            &[Told::Index(1), Told::Text(LONG), Told::Text(LONG)],
            &[Told::Index(1), Told::Text("mail"), Told::Nothing, Told::Number(7)],
        ],
    );
    family.with_set(&Set(&[Told::Index(1), Told::Text("mail"), Told::Nothing])).inc();
    assert_eq!(registry.sample("mixed_total", &[("outcome", "failed"), ("queue", "mail")]), Some(2.0));
    assert_eq!(family.len(), 1);
}

#[test]
fn labels_that_are_not_told_are_left_out() {
    let registry = Registry::new();
    let mut wide = descriptor(10);
    for at in 0..9 {
        wide.add_label(format!("more{at}"));
    }
    let family: DynamicFamily<Counter> = registry.register_dynamic(wide).unwrap();
    for text in ["short", LONG] {
        for left_out in 0..12 {
            let mut set = vec![Told::Text(text)];
            set.extend(vec![Told::Nothing; left_out]);
            family.with_set(&Set(&set)).inc();
        }
        assert_eq!(registry.sample("sparse_total", &[("a", text)]), Some(12.0));
    }
    family.with_set(&Set(&[Told::Nothing, Told::Text("short")])).inc();
    family.with_set(&Set(&[Told::Nothing, Told::Text(LONG)])).inc();
    assert_eq!(family.len(), 4);
    assert_eq!(registry.sample("sparse_total", &[("b", LONG)]), Some(1.0));
}

#[test]
fn beyond_the_cap_strangers_still_go_nowhere() {
    let registry = Registry::new();
    let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor(1)).unwrap();
    family.with(&[Some("first")]).inc();
    family.with(&[Some("second")]).inc();
    are_strangers(&family, [&[Told::Index(0)][..], &[Told::Text(LONG), Told::Index(0)]]);
    assert_eq!(registry.sample("sparse_total", &[("a", "_overflow"), ("b", "_overflow")]), Some(1.0));
}

#[test]
fn overflow_series_keep_enumerated_labels_also_where_labels_are_long() {
    let registry = Registry::new();
    let mut wide =
        Descriptor { max_series: Some(1), ..Descriptor::new(MetricType::Counter, "wide_total", "For a test.") };
    let values = LabelValues::Enumerated(&["paid", "failed"]);
    wide.labels.push(LabelDescriptor { name: "outcome".into(), values, optional: false });
    for at in 0..9 {
        wide.add_label(format!("more{at}"));
    }
    let family: DynamicFamily<Counter> = registry.register_dynamic(wide).unwrap();
    for (text, index) in [("first", 0), ("second", 1), (LONG, 1), ("third", 0)] {
        family.with_set(&Set(&[Told::Index(index), Told::Text(text)])).inc();
    }
    let names: Vec<String> = (0..9).map(|at| format!("more{at}")).collect();
    let sample = |outcome| {
        let mut labels = vec![("outcome", outcome)];
        labels.extend(names.iter().map(|name| (name.as_str(), "_overflow")));
        registry.sample("wide_total", &labels)
    };
    assert_eq!((sample("failed"), sample("paid")), (Some(2.0), Some(1.0)));
}

#[test]
fn texts_find_the_values_that_a_descriptor_enumerates() {
    let registry = Registry::new();
    let family = mixed(&registry);
    family.with(&[Some("failed"), Some("mail")]).inc();
    family.with_set(&Set(&[Told::Index(1), Told::Text("mail")])).inc();
    assert_eq!(registry.sample("mixed_total", &[("outcome", "failed"), ("queue", "mail")]), Some(2.0));
    let ignored = ignored_total();
    family.with(&[Some("lost"), Some("mail")]).inc();
    assert!(ignored_total() > ignored);
    assert_eq!(family.len(), 1);
}

#[test]
fn a_dense_family_whose_labels_are_told_finds_them_one_by_one() {
    for zero_init in [true, false] {
        let registry = Registry::new();
        let mut descriptor =
            Descriptor { zero_init, ..Descriptor::new(MetricType::Counter, "dense_total", "For a test.") };
        let label = |name: &'static str, values, optional| LabelDescriptor {
            name: name.into(),
            values: LabelValues::Enumerated(values),
            optional,
        };
        descriptor.labels = vec![label("kind", &["a", "b"], true), label("code", &["200", "500"], false)];
        let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor).unwrap();
        family.with(&[Some("b"), Some("500")]).inc();
        family.with_set(&Set(&[Told::Index(1), Told::Number(500)])).inc();
        family.with_set(&Set(&[Told::Text("b"), Told::Index(1), Told::Nothing])).inc();
        family.with(&[None, Some("200")]).inc();
        let count = family.len();
        are_strangers(
            &family,
            [
                &[Told::Index(2), Told::Index(0)][..],
                &[Told::Index(0), Told::Index(2)],
                &[Told::Text("c"), Told::Index(0)],
                &[Told::Index(0)],
                &[Told::Index(0), Told::Index(0), Told::Index(0)],
                &[],
            ],
        );
        assert_eq!(registry.sample("dense_total", &[("kind", "b"), ("code", "500")]), Some(3.0));
        assert_eq!(registry.sample("dense_total", &[("code", "200")]), Some(1.0));
        assert_eq!(count, if zero_init { 6 } else { 2 });
    }
}

/// Tells an index where it has declared a text.
struct Liar;

impl LabelSet for Liar {
    type Schema = Self;
    const LABELS: &'static [LabelDeclaration] = &[LabelDeclaration::new("queue", LabelValues::Dynamic)];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        visitor.enumerated(0);
    }
}

#[test]
fn a_set_that_does_not_keep_its_word_goes_nowhere() {
    let registry = Registry::new();
    let descriptor = Descriptor::new(MetricType::Counter, "lies_total", "For a test.");
    let family: Family<Liar, Counter> = registry.register(descriptor).unwrap();
    let ignored = ignored_total();
    family.with(&Liar).inc();
    assert!(ignored_total() > ignored);
    assert!(family.is_empty() && !family.remove(&Liar));
}

/// Declares two values, and has the index of neither.
struct Beyond;

impl LabelSet for Beyond {
    type Schema = Self;
    const LABELS: &'static [LabelDeclaration] =
        &[LabelDeclaration::new("side", LabelValues::Enumerated(&["left", "right"]))];

    fn index(&self) -> usize {
        2
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        visitor.enumerated(2);
    }
}

#[test]
fn an_index_beyond_the_values_goes_nowhere() {
    for zero_init in [true, false] {
        let registry = Registry::new();
        let mut descriptor = Descriptor::new(MetricType::Counter, "beyond_total", "For a test.");
        descriptor.zero_init = zero_init;
        let family: Family<Beyond, Counter> = registry.register(descriptor).unwrap();
        let ignored = ignored_total();
        family.with(&Beyond).inc();
        assert!(ignored_total() > ignored, "zero_init: {zero_init}");
        assert!(!registry.encode_text().contains(" 1\n"));
    }
}

/// What a stranger's handle of any type is.
fn stranger<M: SeriesMetric>(registry: &Registry, descriptor: Descriptor) -> M {
    let mut descriptor = descriptor;
    descriptor.add_label("queue");
    registry.register_dynamic(descriptor).unwrap().with_set(&Set(&[Told::Index(0)]))
}

#[test]
fn records_of_strangers_of_all_types_are_dropped_and_never_meet() {
    let registry = Registry::new();
    let of = |name: &str, kind| Descriptor::new(kind, name, "For a test.");
    let histogram = |name: &str, buckets: &[f64], native: bool| {
        let mut descriptor = of(name, MetricType::Histogram);
        descriptor.buckets = (!buckets.is_empty()).then(|| buckets.to_vec().into());
        if native {
            descriptor.native = Some(NativeDeclaration::DEFAULT);
            descriptor.classic = !buckets.is_empty();
        }
        stranger::<Histogram>(&registry, descriptor)
    };
    let histograms = [
        histogram("native", &[], true),
        histogram("both", &[1.0, 2.0, 3.0], true),
        histogram("classic", &[0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0], false),
    ];
    let counter: Counter = stranger(&registry, of("a_total", MetricType::Counter));
    let amounts: Counter<f64> = stranger(&registry, of("b_total", MetricType::Counter));
    let gauge: Gauge = stranger(&registry, of("c", MetricType::Gauge));
    let updown: UpDownGauge = stranger(&registry, of("d", MetricType::Gauge));
    let busy: BusyTime = stranger(&registry, of("e_total", MetricType::Counter));
    for value in [0.0, 0.3, 1.0, -7.0, 1e-300, 1e300, f64::INFINITY] {
        histograms.iter().for_each(|histogram| histogram.observe(value));
        counter.inc();
        amounts.add(0.5);
        gauge.set(5);
        gauge.inc();
        updown.inc();
        drop(busy.start());
        for histogram in &histograms {
            let seen = histogram.snapshot();
            assert_eq!((seen.count(), seen.sum), (0, 0.0), "{seen:?}");
        }
        assert_eq!((counter.value(), amounts.value(), gauge.value(), updown.value()), (0, 0.0, 0, 0));
        assert_eq!(busy.value(), std::time::Duration::ZERO);
    }
}
