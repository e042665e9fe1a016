//! Does a registry refuse what breaks a rule, and say why and where?

use std::borrow::Cow;

use super::descriptor;
use crate::descriptor::rules::{self, Place};
use crate::descriptor::{
    Declaration, Descriptor, LabelDescriptor, LabelValues, MetricType, NativeDeclaration, Objective, ObjectiveBound,
};

fn counter(name: &'static str) -> Descriptor {
    Declaration::new(MetricType::Counter, name, "Help.").declared_at("shop.rs", 7).into()
}

fn histogram() -> Descriptor {
    Declaration::new(MetricType::Histogram, "wait_seconds", "Help.").declared_at("shop.rs", 7).into()
}

fn label(name: &'static str, values: &'static [&'static str]) -> LabelDescriptor {
    LabelDescriptor { name: Cow::Borrowed(name), values: LabelValues::Enumerated(values), optional: false }
}

fn refused(subject: &Descriptor) -> String {
    descriptor(subject).expect_err("should be refused").to_string()
}

#[test]
fn a_refusal_says_where_the_metric_is_declared() {
    assert_eq!(
        refused(&counter("orders")),
        "counter `orders` must end with `_total`: name it `orders_total` (declared at shop.rs:7)"
    );
    assert!(descriptor(&counter("orders_total")).is_ok());
}

#[test]
fn a_metric_without_help_is_refused() {
    let subject = Descriptor { help: Cow::Borrowed(" "), ..counter("orders_total") };
    assert_eq!(
        refused(&subject),
        "metric `orders_total` has no help: say in one sentence what it tells, as a doc comment or `help = \"...\"` \
         (declared at shop.rs:7)"
    );
}

#[test]
fn a_constant_label_cannot_repeat_a_label() {
    let subject = Descriptor {
        const_labels: vec![("zone".to_owned(), "a".to_owned())],
        labels: vec![label("zone", &["b"])],
        ..counter("orders_total")
    };
    assert!(refused(&subject).starts_with("label `zone` is there twice: rename one of the two"));
}

#[test]
fn no_label_is_called_like_its_state_set() {
    let of = |name| Descriptor {
        labels: vec![label("phase", &["a"])],
        const_labels: vec![("zone".to_owned(), "z".to_owned())],
        ..Declaration::new(MetricType::StateSet, name, "Help.").into()
    };
    let expected = "label `phase` is called like its state set, and that is the label in which the states are told: rename \
                    one of the two (";
    assert!(refused(&of("phase")).starts_with(expected));
    assert!(refused(&of("zone")).starts_with("label `zone` is called like its state set"));
    assert!(descriptor(&of("order_phase")).is_ok());
    let gauge = Descriptor { kind: MetricType::Gauge, ..of("phase") };
    assert!(descriptor(&gauge).is_ok());
}

#[test]
fn label_values_are_there_once_and_have_text() {
    let with = |values| Descriptor { labels: vec![label("kind", values)], ..counter("orders_total") };
    assert!(refused(&with(&["a", "b", "a"])).starts_with("label value `a` is there twice"));
    assert!(refused(&with(&["a", ""])).starts_with("a label value is empty, which Prometheus takes for no label"));
    assert!(refused(&with(&[])).starts_with("label `kind` has no value at all: give it one"));
}

#[test]
fn many_label_values_are_compared_too() {
    let mut values: Vec<&'static str> = (0..300).map(|value| &*format!("v{value}").leak()).collect();
    values.push("v1");
    let subject = Descriptor { labels: vec![label("kind", values.leak())], ..counter("orders_total") };
    assert!(refused(&subject).starts_with("label value `v1` is there twice"));
}

#[test]
fn a_large_dense_label_space_is_refused() {
    let values: &[&str] = (0..17).map(|value| &*format!("v{value}").leak()).collect::<Vec<_>>().leak();
    let labels = vec![label("a", values), label("b", values), label("c", values)];
    let mut subject = Descriptor { labels, ..counter("orders_total") };
    assert!(refused(&subject).starts_with("the labels have 4913 combinations, and each would be exported"));
    subject.labels[0].values = LabelValues::Dynamic;
    assert!(descriptor(&subject).is_ok());
}

#[test]
fn buckets_belong_to_classic_histograms() {
    let bounds: Cow<'static, [f64]> = Cow::Borrowed(&[0.1, 0.5]);
    let subject = Descriptor { buckets: Some(bounds.clone()), ..counter("orders_total") };
    assert!(refused(&subject).starts_with("`buckets` is for histograms, and `orders_total` is a counter"));
    let native = Some(NativeDeclaration::DEFAULT);
    let subject = Descriptor { buckets: Some(bounds), native, classic: false, ..histogram() };
    assert!(refused(&subject).starts_with("`buckets` are the bounds of classic buckets, which `classic = false`"));
    assert!(refused(&Descriptor { classic: false, ..histogram() }).starts_with("`classic = false` leaves no buckets"));
    assert!(descriptor(&Descriptor { native, classic: false, ..histogram() }).is_ok());
    let subject = Descriptor { native, ..counter("orders_total") };
    assert!(refused(&subject).starts_with("`native` is for histograms, and `orders_total` is a counter"));
}

#[test]
fn an_objective_is_checked_against_buckets_and_labels() {
    let objective = |bound| Cow::Owned(vec![Objective { ratio: 0.99, bound, window_seconds: 60 }]);
    let with = |bound| Descriptor { objectives: objective(ObjectiveBound::AtMost(bound)), ..histogram() };
    assert!(descriptor(&with(0.5)).is_ok());
    assert!(refused(&with(0.3)).starts_with("`at_most` is none of the histogram's bucket bounds"));
    let with = |name, bad| Descriptor {
        objectives: objective(ObjectiveBound::Bad { label: name, bad }),
        labels: vec![label("outcome", &["paid", "failed"])],
        ..counter("orders_total")
    };
    assert!(descriptor(&with("outcome", &["failed"])).is_ok());
    assert!(refused(&with("status", &["failed"])).starts_with("`orders_total` has no label `status`"));
    assert!(refused(&with("outcome", &["lost"])).starts_with("label `outcome` has no value `lost`"));
    assert!(refused(&with("outcome", &["paid", "failed"])).starts_with("every value of `outcome` is bad"));
    assert!(refused(&with("outcome", &[])).starts_with("`bad` names no value"));
}

#[test]
fn constants_and_registries_see_the_same_clashes() {
    use MetricType::{Counter, Gauge, Histogram, Info, StateSet, Summary, Unknown};
    let kinds = [Counter, Gauge, Histogram, Info, StateSet, Summary, Unknown];
    let names = ["x", "x_total", "x_info", "x_created", "x_count", "x_count_total", "x_sum", "x_bucket", "xy_total"];
    let subjects = || kinds.iter().flat_map(|kind| names.map(|name| Descriptor::new(*kind, name, "Help.")));
    for (first, second) in subjects().flat_map(|first| subjects().map(move |second| (first.clone(), second))) {
        let samples = crate::registry::sample_names(&second);
        let shared = crate::registry::sample_names(&first).iter().any(|sample| samples.contains(sample));
        let (one, other) = (Place::new(first.kind, "", &first.name), Place::new(second.kind, "", &second.name));
        assert_eq!(rules::clash(&one, &other).is_some(), shared, "{first:?} {second:?}");
    }
}
