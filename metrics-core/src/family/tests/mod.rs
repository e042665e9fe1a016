//! Are sparse families right where hashes collide, caps are reached, and series come and go in any order?

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc;
use std::time::Duration;

use proptest::prelude::*;

use super::sparse::Sparse;
use super::{DynamicFamily, Values};
use crate::cell::local;
use crate::descriptor::Descriptor;
use crate::metric::ignored_total;
use crate::{Counter, Gauge, LabelDeclaration, LabelSet, LabelVisitor, MetricType, NoLabels, Registry};

fn values<'a>(values: &'a [Option<&'a str>]) -> Values<'a> {
    Values { values, labels: 2 }
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
    let places = [0, 1].map(|at: usize| family.find_or_make(&values(&[Some(&texts[at]), None])).0);
    assert_ne!(places[0], places[1]);
    assert_eq!(family.len(), 2);
    assert!(family.remove(&values(&[Some(&texts[0]), None])));
    assert_eq!(family.find_or_make(&values(&[Some(&texts[1]), None])).0, places[1]);
    assert_ne!(family.find_or_make(&values(&[Some(&texts[0]), None])).0, places[0], "it begins anew");
}

#[test]
fn series_of_one_bucket_are_found_however_many_there_are() {
    let family = Sparse::<Counter>::new((), &descriptor(1000));
    let texts = colliding(&family, 0xfff, 150);
    let place = |text: &String| family.find_or_make(&values(&[Some(text), None])).0;
    let places: Vec<_> = texts.iter().map(place).collect();
    assert_eq!(family.len(), 150);
    assert!(texts.iter().map(place).eq(places.iter().copied()));
    assert!(texts.iter().all(|text| family.remove(&values(&[Some(text), None]))));
    assert_eq!(family.len(), 0);
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

#[derive(Clone, Debug)]
enum Action {
    /// Looks a series up and counts.
    Count(usize, u64),
    /// Looks a series up and keeps the handle.
    Keep(usize),
    /// Counts through a kept handle.
    CountKept(usize, u64),
    Remove(usize),
    Clear,
    Scrape,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        6 => (0..KEYS, 1..100_u64).prop_map(|(key, amount)| Action::Count(key, amount)),
        2 => (0..KEYS).prop_map(Action::Keep),
        3 => (0..8_usize, 1..100_u64).prop_map(|(kept, amount)| Action::CountKept(kept, amount)),
        3 => (0..KEYS).prop_map(Action::Remove),
        1 => Just(Action::Clear),
        2 => Just(Action::Scrape),
    ]
}

const KEYS: usize = 9;
const CAP: usize = 5;

/// Some short, some long, some left out, so that every way of keeping a text is used.
fn labels(key: usize) -> [Option<&'static str>; 2] {
    const TEXTS: [Option<&str>; 3] = [None, Some("ab"), Some("a text of some length")];
    [TEXTS[key % 3], TEXTS[key / 3]]
}

/// What a naive family would hold.
#[derive(Default)]
struct Model {
    /// Value and birth of each series.
    series: BTreeMap<usize, (u64, u64)>,
    overflow: Option<(u64, u64)>,
    births: u64,
}

impl Model {
    /// The series of a lookup, which makes it; `None` stands for the overflow series.
    fn look_up(&mut self, key: usize) -> Option<usize> {
        self.births += 1;
        if self.series.contains_key(&key) {
            return Some(key);
        }
        if self.series.len() < CAP {
            self.series.insert(key, (0, self.births));
            return Some(key);
        }
        self.overflow.get_or_insert((0, self.births));
        None
    }

    fn get(&mut self, series: Option<usize>) -> Option<&mut (u64, u64)> {
        match series {
            Some(key) => self.series.get_mut(&key),
            None => self.overflow.as_mut(),
        }
    }

    /// Label values and total of each row.
    fn rows(&self) -> Vec<(Vec<String>, u64)> {
        let text = |label: Option<&str>| label.unwrap_or_default().to_owned();
        let own = self.series.iter().map(|(key, (total, _))| (labels(*key).map(text).to_vec(), *total));
        let overflow = self.overflow.iter().map(|(total, _)| (vec!["_overflow".to_owned(); 2], *total));
        let mut rows: Vec<_> = own.chain(overflow).collect();
        rows.sort();
        rows
    }
}

/// The rows of a scrape, sorted.
fn scraped(registry: &Registry) -> Vec<(Vec<String>, u64)> {
    let text = registry.encode_text();
    let value = |row: &str, name: &str| {
        let start = row.find(&format!("{name}=\"")).map(|at| at + name.len() + 2);
        start.map(|start| row[start..].split('"').next().unwrap_or_default().to_owned()).unwrap_or_default()
    };
    let row = |row: &str| (vec![value(row, "a"), value(row, "b")], row.rsplit(' ').next().unwrap().parse().unwrap());
    let mut rows: Vec<_> = text.lines().filter(|row| !row.starts_with('#')).map(row).collect();
    rows.sort();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_sparse_family_does_what_a_naive_one_does(actions in prop::collection::vec(action(), 1..60)) {
        let registry = Registry::new();
        let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor(CAP as u32)).unwrap();
        let mut model = Model::default();
        // Handles with the series that they were made for, and its birth.
        let mut kept: Vec<(Counter, Option<usize>, u64)> = Vec::new();
        for action in actions {
            match action {
                Action::Count(key, amount) => {
                    family.with(&labels(key)).add(amount);
                    let series = model.look_up(key);
                    model.get(series).unwrap().0 += amount;
                }
                Action::Keep(key) => {
                    let series = model.look_up(key);
                    let birth = model.get(series).unwrap().1;
                    kept.push((family.with(&labels(key)), series, birth));
                }
                Action::CountKept(at, amount) => {
                    let Some((handle, series, birth)) = kept.get(at) else { continue };
                    handle.add(amount);
                    if let Some(alive) = model.get(*series).filter(|series| series.1 == *birth) {
                        alive.0 += amount;
                    }
                }
                Action::Remove(key) => {
                    prop_assert_eq!(family.remove(&labels(key)), model.series.remove(&key).is_some());
                }
                Action::Clear => {
                    family.clear();
                    model.series.clear();
                    model.overflow = None;
                }
                Action::Scrape => prop_assert_eq!(scraped(&registry), model.rows()),
            }
            prop_assert_eq!(family.len(), model.series.len() + usize::from(model.overflow.is_some()));
        }
        prop_assert_eq!(scraped(&registry), model.rows());
    }
}
