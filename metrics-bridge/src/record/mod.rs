//! How are foreign metrics recorded? Lines and calls become series of the registry.
//!
//! A [`Bridge`] owns the families. The label names of a foreign metric are known only when it is recorded, and may differ
//! from record to record. The rule: a record goes to the first definition of its name that has all its labels; if there
//! is none, a definition with all labels that the name had so far is added beside. A series never changes its labels and
//! a total never moves. There are at most [`MAX_DEFINITIONS`] definitions and [`MAX_LABELS`] labels to a name; a label
//! beyond them is left out and counted.

mod distinct;
mod families;
mod family;
mod scale;
mod series;
mod stats;
#[cfg(test)]
mod tests;
mod two_generations;
mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use metrics_core::{Error, Registry};

pub use stats::Refusal;
pub use worker::{RefusedLine, Worker};

use crate::map::{Mapper, Plan};
use families::Families;
pub(crate) use family::Resolved;
pub(crate) use scale::Scale;
pub(crate) use series::Series;
pub(crate) use stats::Stats;

/// The most definitions with different labels under one name.
pub const MAX_DEFINITIONS: usize = 8;
/// The most labels of one name.
pub const MAX_LABELS: usize = 32;

/// What can be chosen about a bridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BridgeOptions {
    /// The most metric names; records of further ones are refused and counted.
    pub max_metrics: usize,
    /// The most series of a definition; further ones are recorded in its overflow series.
    pub max_series: u32,
    /// The most series of all definitions together; further ones are recorded in overflow series.
    pub max_total_series: usize,
    /// The most series of sets, each of which takes 8 KiB; further ones of a metric share one.
    pub max_set_series: usize,
    /// A set's gauge shows the distinct values of the current window and the one before.
    pub set_window: Duration,
}

impl Default for BridgeOptions {
    fn default() -> Self {
        Self {
            max_metrics: 5_000,
            max_series: 2_000,
            max_total_series: 100_000,
            max_set_series: 2_000,
            set_window: Duration::from_secs(60),
        }
    }
}

/// Where foreign metrics go: a registry, by a mapper. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Bridge {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) mapper: Mapper,
    pub(crate) options: BridgeOptions,
    pub(crate) stats: Stats,
    pub(crate) families: Families,
    #[cfg(feature = "dogstatsd")]
    pub(crate) sockets: parking_lot::Mutex<Option<Arc<crate::listen::Sockets>>>,
    /// Rises when series are forgotten: what was resolved before is to be resolved again.
    generation: AtomicU64,
    started: Instant,
}

impl Bridge {
    /// Registers the bridge's own metrics (`metrics_bridge_*`).
    ///
    /// # Errors
    ///
    /// If the registry has other metrics of these names.
    pub fn new(registry: &Registry, mapper: Mapper, options: BridgeOptions) -> Result<Self, Error> {
        let stats = Stats::register(registry)?;
        let families = Families::new(registry.clone(), options.clone());
        let inner = Inner {
            mapper,
            options,
            stats,
            families,
            #[cfg(feature = "dogstatsd")]
            sockets: parking_lot::Mutex::new(None),
            generation: AtomicU64::new(0),
            started: Instant::now(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The mapper.
    pub fn mapper(&self) -> &Mapper {
        &self.inner.mapper
    }

    /// Forgets the series whose time to live is over, and moves the windows of sets on. To be called about once a second
    /// by whoever listens; without it nothing grows, but nothing is forgotten.
    pub fn tick(&self) {
        let now = self.inner.now();
        if self.inner.families.expire(now, self.inner.options.set_window) {
            // Release: pairs with the Acquire in `generation`: whoever sees the new number sees the series removed.
            self.inner.generation.fetch_add(1, Ordering::Release);
        }
    }

    /// Until now refused records of this kind.
    pub fn refused(&self, refusal: Refusal) -> u64 {
        self.inner.stats.refused.with(&stats::Refused { reason: refusal }).value()
    }
}

impl std::fmt::Debug for Bridge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bridge").field("metrics", &self.inner.families.len()).finish()
    }
}

impl Bridge {
    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }
}

impl Inner {
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Time since the bridge was made.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// The series of a plan with these labels, which are sorted by name.
    pub(crate) fn resolve(&self, plan: &Plan, help: &str, labels: &[(String, String)]) -> Result<Resolved, Refusal> {
        let resolved = self.families.resolve(plan, help, labels, self.now())?;
        if resolved.labels_left_out > 0 {
            self.stats.labels_left_out.add(resolved.labels_left_out);
        }
        Ok(resolved)
    }
}
