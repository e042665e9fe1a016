//! How do crates record here that are instrumented with the `metrics` facade? Through a recorder that `main` installs.

mod handles;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString};
use parking_lot::{Mutex, RwLock};

use crate::line::Kind;
use crate::map::{Mapping, Plan, Source, Unit, clean_labels};
use crate::record::{Bridge, Refusal, Scale, Series};

/// How many locks the table of handles has.
const SHARDS: usize = 16;
/// How many handles a shard keeps; further keys are resolved every time they are asked for.
const MAX_HANDLES: usize = if cfg!(test) { 512 } else { 8_192 };

/// A recorder for the `metrics` facade.
///
/// A key is resolved once; its handle then costs what ours does and a call through a pointer. A name is described before its
/// first record: its unit decides on the base unit in its name, its description becomes the help text. What cannot be
/// recorded (a name with two types) goes nowhere and is counted in `metrics_bridge_refused_total`. A `ttl` of the mapping
/// is for lines; here the code holds the handles.
///
/// About 130,000 counters, as many gauges and as many histograms are kept. Further ones are resolved each time that they are
/// asked for, and of such a counter nobody knows what it had: `absolute` is refused and counted there, `increment` works.
///
/// ```
/// use metrics_bridge::facade::FacadeRecorder;
/// use metrics_bridge::map::Mapper;
/// use metrics_bridge::record::{Bridge, BridgeOptions};
/// use metrics_core::Registry;
///
/// let registry = Registry::new();
/// let bridge = Bridge::new(&registry, Mapper::default(), BridgeOptions::default())?;
/// let recorder = FacadeRecorder::new(&bridge);
/// // In a program: metrics::set_global_recorder(recorder).
/// metrics::with_local_recorder(&recorder, || {
///     metrics::counter!("shop.orders", "payment" => "card").increment(2);
/// });
/// assert_eq!(registry.sample("shop_orders_total", &[("payment", "card")]), Some(2.0));
/// # Ok::<(), metrics_core::Error>(())
/// ```
pub struct FacadeRecorder {
    bridge: Bridge,
    /// What was said of a name.
    described: Mutex<HashMap<(Kind, String), (Unit, String)>>,
    shards: [Shard; SHARDS],
}

#[derive(Default)]
struct Shard {
    counters: RwLock<HashMap<Key, Counter>>,
    gauges: RwLock<HashMap<Key, Gauge>>,
    histograms: RwLock<HashMap<Key, Histogram>>,
}

impl FacadeRecorder {
    /// A recorder into a bridge.
    pub fn new(bridge: &Bridge) -> Self {
        Self { bridge: bridge.clone(), described: Mutex::default(), shards: std::array::from_fn(|_| Shard::default()) }
    }

    fn describe(&self, kind: Kind, name: &KeyName, unit: Option<metrics::Unit>, description: SharedString) {
        let unit = unit.map_or(Unit::None, unit_of);
        let mut described = self.described.lock();
        // The first description counts: what is recorded by it cannot be renamed.
        let room = described.len() < SHARDS * MAX_HANDLES;
        let key = (kind, name.as_str().to_owned());
        if room {
            described.entry(key).or_insert_with(|| (unit, description.into_owned()));
        }
    }

    /// The handle of a key, from the table or resolved.
    fn handle<H: Clone>(
        &self,
        key: &Key,
        kind: Kind,
        table: fn(&Shard) -> &RwLock<HashMap<Key, H>>,
        make: fn(Series, Scale) -> Option<H>,
        noop: fn() -> H,
        unkept: fn(H, &Bridge) -> H,
    ) -> H {
        let table = table(&self.shards[key.get_hash() as usize % SHARDS]);
        if let Some(handle) = table.read().get(key) {
            return handle.clone();
        }
        let mut table = table.write();
        if let Some(handle) = table.get(key) {
            return handle.clone();
        }
        let resolved = self.resolve(key, kind).map(|resolved| resolved.and_then(|(series, scale)| make(series, scale)));
        let handle = match resolved {
            Ok(Some(handle)) if table.len() >= MAX_HANDLES => return unkept(handle, &self.bridge),
            Ok(handle) => handle.unwrap_or_else(noop),
            Err(refusal) => {
                self.bridge.inner().stats.refuse(refusal);
                noop()
            }
        };
        if table.len() < MAX_HANDLES {
            table.insert(key.to_retained(), handle.clone());
        }
        handle
    }

    /// `None` if a mapping rule drops it.
    fn resolve(&self, key: &Key, kind: Kind) -> Result<Option<(Series, Scale)>, Refusal> {
        let described = self.described.lock().get(&(kind, key.name().to_owned())).cloned();
        let (unit, help) = described.unwrap_or_default();
        let plan = match self.bridge.mapper().map(Source { name: key.name(), kind, unit }) {
            Mapping::Recorded(plan) => Plan { ttl: None, ..plan },
            Mapping::Nameless(_) => return Err(Refusal::Nameless),
            Mapping::Dropped(_) => {
                self.bridge.inner().stats.dropped.inc();
                return Ok(None);
            }
        };
        let help = if help.is_empty() { format!("Recorded as {:?}.", key.name()) } else { help };
        let tags = key.labels().map(|label| (label.key(), Some(label.value())));
        let labels = clean_labels(tags, &plan.labels, plan.honor_labels);
        let resolved = self.bridge.inner().resolve(&plan, &help, &labels)?;
        Ok(Some((resolved.series, Scale::of(plan.scale))))
    }
}

impl Recorder for FacadeRecorder {
    fn describe_counter(&self, key: KeyName, unit: Option<metrics::Unit>, description: SharedString) {
        self.describe(Kind::Count, &key, unit, description);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<metrics::Unit>, description: SharedString) {
        self.describe(Kind::Gauge, &key, unit, description);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<metrics::Unit>, description: SharedString) {
        self.describe(Kind::Histogram, &key, unit, description);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.handle(key, Kind::Count, |shard| &shard.counters, handles::counter, Counter::noop, handles::unkept)
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        self.handle(key, Kind::Gauge, |shard| &shard.gauges, handles::gauge, Gauge::noop, |gauge, _| gauge)
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        self.handle(
            key,
            Kind::Histogram,
            |shard| &shard.histograms,
            handles::histogram,
            Histogram::noop,
            |kept, _| kept,
        )
    }
}

impl std::fmt::Debug for FacadeRecorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FacadeRecorder").field("bridge", &self.bridge).finish_non_exhaustive()
    }
}

fn unit_of(unit: metrics::Unit) -> Unit {
    match unit {
        metrics::Unit::Percent => Unit::Percent,
        metrics::Unit::Seconds => Unit::Seconds,
        metrics::Unit::Milliseconds => Unit::Milliseconds,
        metrics::Unit::Microseconds => Unit::Microseconds,
        metrics::Unit::Nanoseconds => Unit::Nanoseconds,
        metrics::Unit::Tebibytes => Unit::Tebibytes,
        metrics::Unit::Gibibytes => Unit::Gibibytes,
        metrics::Unit::Mebibytes => Unit::Mebibytes,
        metrics::Unit::Kibibytes => Unit::Kibibytes,
        metrics::Unit::Bytes => Unit::Bytes,
        // Counts have no unit, and what is per second is a rate already.
        _ => Unit::None,
    }
}
