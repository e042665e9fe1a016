//! Does a sparse family do what a naive one does, in whatever order series come and go?

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::descriptor;
use crate::{Counter, DynamicFamily, Registry};

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

const KEYS: usize = 16;
const CAP: usize = 5;

/// Some short, some long, some left out, so that every way of keeping a text is used.
fn labels(key: usize) -> [Option<&'static str>; 2] {
    const LONG: &str =
        "a text that is so long that a piece has no room for it, neither alone nor beside others, of whatever length";
    const TEXTS: [Option<&str>; 4] = [None, Some("ab"), Some("a text of some length"), Some(LONG)];
    [TEXTS[key % 4], TEXTS[key / 4]]
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
    fn a_sparse_family_does_what_a_naive_one_does(
        actions in prop::collection::vec(action(), 1..60),
        many_labels in any::<bool>(),
    ) {
        let registry = Registry::new();
        let mut descriptor = descriptor(CAP as u32);
        if many_labels {
            // Too many for pieces: all labels are compared one by one.
            for at in 0..9 {
                descriptor.add_label(format!("more{at}"));
            }
        }
        let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor).unwrap();
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
