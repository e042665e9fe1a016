//! Does a registry do what a map does, whatever is registered, ended and scraped in whatever order?

use std::collections::{BTreeMap, BTreeSet};

use metrics_core::{Counter, Descriptor, Error, Gauge, MetricType, Registry};
use proptest::prelude::*;

/// Some of these clash: with the prefix of another, and by what OpenMetrics calls a counter.
const NAMES: [&str; 5] = ["jobs", "jobs_total", "a_jobs", "other", "other_total"];
const PREFIXES: [&str; 3] = ["", "a", "b"];
/// Of the constant label; none.
const SHARDS: [Option<&str>; 3] = [None, Some("1"), Some("2")];
const HELPS: [&str; 2] = ["One text.", "Another text."];

/// A definition as the registry has to see it.
#[derive(Clone, Debug, PartialEq)]
struct Definition {
    name: String,
    shard: Option<&'static str>,
    counter: bool,
    help: &'static str,
}

#[derive(Clone, Debug)]
enum Action {
    /// Registers it, or is handed it back, and adds.
    Register {
        definition: Definition,
        prefix: &'static str,
        add: u64,
    },
    /// Adds through a handle that was got some time before.
    Add {
        handle: usize,
        add: u64,
    },
    Unregister {
        name: &'static str,
        prefix: &'static str,
    },
    Scrape,
}

fn action() -> impl Strategy<Value = Action> {
    let of = |values: &'static [&'static str]| prop::sample::select(values);
    let definition = (of(&NAMES), prop::sample::select(&SHARDS[..]), any::<bool>(), of(&HELPS)).prop_map(
        |(name, shard, odd, help)| {
            // A name decides the type nearly always, so that most definitions are allowed.
            let counter = name.ends_with("_total");
            Definition { name: name.to_owned(), shard, counter, help: if odd { help } else { HELPS[0] } }
        },
    );
    prop_oneof![
        6 => (definition, of(&PREFIXES), 0..10_u64)
            .prop_map(|(definition, prefix, add)| Action::Register { definition, prefix, add }),
        3 => (0..20_usize, 0..10_u64).prop_map(|(handle, add)| Action::Add { handle, add }),
        2 => (of(&NAMES), of(&PREFIXES)).prop_map(|(name, prefix)| Action::Unregister { name, prefix }),
        2 => Just(Action::Scrape),
    ]
}

fn prefixed(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}_{name}") }
}

/// What a scrape calls the family's samples, and its head in either format.
fn samples(name: &str, counter: bool) -> Vec<String> {
    if counter {
        let base = name.strip_suffix("_total").unwrap();
        vec![base.to_owned(), name.to_owned(), format!("{base}_created")]
    } else {
        vec![name.to_owned()]
    }
}

#[derive(Debug, PartialEq)]
enum Refused {
    /// The same name means something else.
    Differs,
    /// Another name would be exposed as the same.
    Clashes,
}

/// The naive registry: by name and constant label, the definition, a number that no other registration has, and the value.
#[derive(Default)]
struct Model {
    series: BTreeMap<(String, Option<&'static str>), (Definition, usize, u64)>,
    registrations: usize,
}

impl Model {
    fn register(&mut self, definition: &Definition) -> Result<usize, Refused> {
        let key = (definition.name.clone(), definition.shard);
        let same_name = self.series.values().filter(|(other, ..)| other.name == definition.name);
        for (other, ..) in same_name {
            let label_names_differ = other.shard.is_some() != definition.shard.is_some();
            if other.counter != definition.counter || other.help != definition.help || label_names_differ {
                return Err(Refused::Differs);
            }
        }
        if let Some((_, registration, _)) = self.series.get(&key) {
            return Ok(*registration);
        }
        let taken: BTreeSet<String> = self
            .series
            .values()
            .filter(|(other, ..)| other.name != definition.name)
            .flat_map(|(other, ..)| samples(&other.name, other.counter))
            .collect();
        if samples(&definition.name, definition.counter).iter().any(|sample| taken.contains(sample)) {
            return Err(Refused::Clashes);
        }
        self.registrations += 1;
        self.series.insert(key, (definition.clone(), self.registrations, 0));
        Ok(self.registrations)
    }

    /// Adds to what came of a registration, if it is still there.
    fn add(&mut self, registration: usize, add: u64) {
        if let Some(series) = self.series.values_mut().find(|series| series.1 == registration) {
            series.2 += add;
        }
    }

    fn unregister(&mut self, name: &str) -> bool {
        let before = self.series.len();
        self.series.retain(|(other, _), _| other != name);
        self.series.len() < before
    }

    /// The text that a scrape has to be.
    fn text(&self) -> String {
        let mut text = String::new();
        let mut last = "";
        for ((name, shard), (definition, _, value)) in &self.series {
            if name != last {
                let kind = if definition.counter { "counter" } else { "gauge" };
                text += &format!("# HELP {name} {}\n# TYPE {name} {kind}\n", definition.help);
            }
            let labels = shard.map(|shard| format!("{{shard=\"{shard}\"}}")).unwrap_or_default();
            text += &format!("{name}{labels} {value}\n");
            last = name;
        }
        text
    }
}

#[derive(Clone)]
enum Handle {
    Counter(Counter),
    Gauge(Gauge),
}

impl Handle {
    fn register(registry: &Registry, definition: &Definition, name: &str) -> Result<Self, Error> {
        let registry = match definition.shard {
            Some(shard) => registry.with_label("shard", shard),
            None => registry.clone(),
        };
        let kind = if definition.counter { MetricType::Counter } else { MetricType::Gauge };
        let descriptor = Descriptor::new(kind, name, definition.help);
        if definition.counter {
            registry.register(descriptor).map(Self::Counter)
        } else {
            registry.register(descriptor).map(Self::Gauge)
        }
    }

    fn add(&self, add: u64) {
        match self {
            Self::Counter(counter) => counter.add(add),
            Self::Gauge(gauge) => gauge.add(add as i64),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_registry_does_what_a_map_does(actions in prop::collection::vec(action(), 1..50)) {
        let registry = Registry::new();
        let mut model = Model::default();
        let mut handles: Vec<(Handle, usize)> = Vec::new();
        for action in actions {
            match action {
                Action::Register { definition, prefix, add } => {
                    let scoped = registry.with_prefix(prefix);
                    let full = Definition { name: prefixed(prefix, &definition.name), ..definition.clone() };
                    let handle = Handle::register(&scoped, &full, &definition.name);
                    match (handle, model.register(&full)) {
                        (Ok(handle), Ok(registration)) => {
                            handle.add(add);
                            model.add(registration, add);
                            handles.push((handle, registration));
                        }
                        (Err(error), Err(refused)) => {
                            let told = match refused {
                                Refused::Differs => "is registered already",
                                Refused::Clashes => "would both be exposed as",
                            };
                            prop_assert!(error.to_string().contains(told), "{error}, not {refused:?}");
                        }
                        (handle, expected) => prop_assert!(
                            false,
                            "{full:?}: {:?}, where {expected:?} was expected",
                            handle.map(drop).map_err(|error| error.to_string())
                        ),
                    }
                }
                Action::Add { handle, add } => {
                    if let Some((handle, registration)) = handles.get(handle) {
                        handle.add(add);
                        model.add(*registration, add);
                    }
                }
                Action::Unregister { name, prefix } => {
                    // Whichever handle of the registry it is asked of, it is the full name that counts.
                    let name = prefixed(prefix, name);
                    let unregistered = registry.with_prefix(prefix).unregister(&name);
                    prop_assert_eq!(unregistered, model.unregister(&name), "{}", name);
                }
                Action::Scrape => prop_assert_eq!(registry.encode_text(), model.text()),
            }
            prop_assert_eq!(registry.descriptors().len(), model.series.len());
        }
        prop_assert_eq!(registry.encode_text(), model.text());
    }
}
