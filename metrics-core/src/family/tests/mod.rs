//! Are families right where hashes collide, caps are reached, and labels are not what they should be?

mod model;
mod strangers;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::mpsc;
use std::time::Duration;

use super::sparse::Sparse;
use super::{DynamicFamily, Values};
use crate::cell::local;
use crate::descriptor::{Descriptor, LabelDescriptor, LabelValues};
use crate::metric::ignored_total;
use crate::{Counter, Gauge, LabelDeclaration, LabelSet, LabelVisitor, MetricType, NoLabels, Registry};

const LABELS: [LabelDescriptor; 2] = [dynamic("a"), dynamic("b")];

const fn dynamic(name: &'static str) -> LabelDescriptor {
    LabelDescriptor { name: Cow::Borrowed(name), values: LabelValues::Dynamic, optional: true }
}

fn values<'a>(values: &'a [Option<&'a str>]) -> Values<'a> {
    Values { values, labels: const { &LABELS } }
}

fn descriptor(max_series: u32) -> Descriptor {
    let mut descriptor = Descriptor::new(MetricType::Counter, "sparse_total", "For a test.");
    descriptor.add_label("a").add_label("b");
    descriptor.max_series = Some(max_series);
    descriptor
}

/// `count` texts whose label sets have the same bits of the hash where `mask` has ones.
fn colliding(family: &Sparse<Counter>, mask: u32, count: usize) -> Vec<String> {
    let mut seen: HashMap<u32, Vec<String>> = HashMap::new();
    for n in 0_u64.. {
        let text = format!("value-{n}");
        let same = seen.entry(family.hash(&values(&[Some(&text), None])) & mask).or_default();
        same.push(text);
        if same.len() == count {
            return std::mem::take(same);
        }
    }
    unreachable!("there are only so many hashes")
}

#[test]
fn two_label_sets_with_the_same_hash_are_two_series() {
    let family = Sparse::<Counter>::new((), &descriptor(10));
    let texts = colliding(&family, u32::MAX, 2);
    let places = [0, 1].map(|at: usize| family.find_or_make(&values(&[Some(&texts[at]), None])).place());
    assert_ne!(places[0], places[1]);
    assert_eq!(family.len(), 2);
    assert!(family.remove(&values(&[Some(&texts[0]), None])));
    assert_eq!(family.find_or_make(&values(&[Some(&texts[1]), None])).place(), places[1]);
    assert_ne!(family.find_or_make(&values(&[Some(&texts[0]), None])).place(), places[0], "it begins anew");
}

#[test]
fn series_of_one_bucket_are_found_however_many_there_are() {
    let family = Sparse::<Counter>::new((), &descriptor(1000));
    let texts = colliding(&family, 0xfff, 150);
    let place = |text: &String| family.find_or_make(&values(&[Some(text), None])).place();
    let places: Vec<_> = texts.iter().map(place).collect();
    assert_eq!(family.len(), 150);
    assert!(texts.iter().map(place).eq(places.iter().copied()));
    assert!(texts.iter().all(|text| family.remove(&values(&[Some(text), None]))));
    assert_eq!(family.len(), 0);
}

#[test]
fn series_are_found_however_many_there_are() {
    let registry = Registry::new();
    let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor(10_000)).unwrap();
    // Far more than there are near records, and buckets to begin with.
    let texts: Vec<String> = (0..6000).map(|at| format!("value number {at}")).collect();
    for round in 1..=2 {
        texts.iter().for_each(|text| family.with(&[Some(text), Some("x")]).inc());
        assert_eq!(family.len(), 6000, "in round {round}");
    }
    assert!(texts.iter().step_by(2).all(|text| family.remove(&[Some(text), Some("x")])));
    texts.iter().for_each(|text| family.with(&[Some(text), Some("x")]).inc());
    for (at, text) in texts.iter().enumerate() {
        assert_eq!(family.with(&[Some(text), Some("x")]).value(), if at % 2 == 0 { 1 } else { 3 });
    }
}

#[test]
fn an_empty_label_and_one_that_is_left_out_are_one_series() {
    let registry = Registry::new();
    let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor(10)).unwrap();
    family.with(&[Some("x"), None]).inc();
    family.with(&[Some("x"), Some("")]).inc();
    family.with(&[Some("x")]).inc();
    family.with(&[Some("x"), None, Some("one too many")]).inc();
    assert_eq!(family.len(), 1);
    assert_eq!(registry.sample("sparse_total", &[("a", "x")]), Some(4.0));
}

#[test]
fn a_removed_series_makes_room_below_the_cap_also_beside_overflow_series() {
    let registry = Registry::new();
    registry.register_self_metrics().unwrap();
    let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor(2)).unwrap();
    ["a", "b", "c", "d"].iter().for_each(|key| family.with(&[Some(key)]).inc());
    let overflow = [("a", "_overflow"), ("b", "_overflow")];
    assert_eq!(registry.sample("sparse_total", &overflow), Some(2.0));
    assert_eq!(registry.sample("metrics_family_overflowed_total", &[("family", "sparse_total")]), Some(2.0));
    assert!(family.remove(&[Some("a")]));
    family.with(&[Some("c")]).inc();
    assert_eq!(registry.sample("sparse_total", &[("a", "c")]), Some(1.0));
    family.with(&[Some("d")]).inc();
    assert_eq!(registry.sample("sparse_total", &overflow), Some(3.0));
}

#[test]
fn a_label_value_that_is_too_long_goes_to_the_overflow_series() {
    let registry = Registry::new();
    for (name, limit, longest) in [("default_total", None, 1024), ("huge_total", Some(u32::MAX), 65_535)] {
        let mut descriptor = Descriptor { max_value_bytes: limit, ..descriptor(10) };
        descriptor.name = name.to_owned();
        let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor).unwrap();
        family.with(&[Some(&"x".repeat(longest))]).inc();
        family.with(&[Some(&"x".repeat(longest + 1))]).add(5);
        assert_eq!(registry.sample(name, &[("a", &"x".repeat(longest))]), Some(1.0));
        assert_eq!(registry.sample(name, &[("a", "_overflow"), ("b", "_overflow")]), Some(5.0));
    }
}

#[test]
fn setting_an_overflow_gauge_is_ignored_and_adding_to_it_is_not() {
    let registry = Registry::new();
    let mut descriptor = descriptor(1);
    descriptor.name = "levels".to_owned();
    let family: DynamicFamily<Gauge> = registry.register_dynamic(descriptor).unwrap();
    family.with(&[Some("first")]).set(3);
    // Other tests of this process may have records ignored meanwhile: it only rises.
    let before = ignored_total();
    family.with(&[Some("second")]).set(4);
    assert!(ignored_total() > before, "it is counted");
    family.with(&[Some("third")]).add(5);
    assert_eq!(registry.sample("levels", &[("a", "_overflow"), ("b", "_overflow")]), Some(5.0));
}

/// Labels whose code uses their own family in a way that takes its lock.
struct Meddling<'a>(&'a DynamicFamily<Counter>, &'a str);

impl LabelSet for Meddling<'_> {
    type Schema = NoLabels;
    const LABELS: &'static [LabelDeclaration] = &[];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        assert!(!self.0.remove(&[Some("nobody")]));
        visitor.text(self.1);
        visitor.unsigned(7);
    }
}

#[test]
fn labels_may_use_their_own_family_while_they_are_told() {
    let registry = Registry::new();
    let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor(1)).unwrap();
    let (done, waits) = mpsc::channel();
    // In a thread of its own, because the test would never end if this waited for itself.
    std::thread::spawn({
        let family = family.clone();
        move || {
            for key in ["first", "first", "beyond the cap", "beyond the cap too"] {
                family.with_set(&Meddling(&family, key)).inc();
            }
            done.send(()).unwrap();
        }
    });
    waits.recv_timeout(Duration::from_secs(60)).expect("no code of the labels' runs under the family's lock");
    assert_eq!(registry.sample("sparse_total", &[("a", "first"), ("b", "7")]), Some(2.0));
    assert_eq!(registry.sample("sparse_total", &[("a", "_overflow"), ("b", "_overflow")]), Some(2.0));
}

#[test]
fn threads_that_come_and_go_use_the_same_arenas() {
    let registry = Registry::new();
    let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor(10)).unwrap();
    let record = || {
        let family = family.clone();
        std::thread::spawn(move || family.with(&[Some("x")]).inc()).join().unwrap();
    };
    record();
    let before = local::arenas().count();
    (0..500).for_each(|_| record());
    // The other tests of this process run on a handful of threads meanwhile.
    let more = local::arenas().count() - before;
    assert!(more < 64, "{more} arenas more after 500 threads, one at a time");
    assert_eq!(registry.sample("sparse_total", &[("a", "x")]), Some(501.0));
}
