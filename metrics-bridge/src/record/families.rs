//! Which families are there, and which series do they have?

use std::collections::HashMap;
use std::time::Duration;

use metrics_core::Registry;
use parking_lot::Mutex;

use super::family::{Family, Resolved, Room};
use super::{BridgeOptions, Refusal};
use crate::map::Plan;

/// The families by name. Its lock is taken only where a series is resolved or forgotten, never to record.
pub(crate) struct Families {
    registry: Registry,
    options: BridgeOptions,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    families: HashMap<String, Family>,
    /// When the current window of the sets began.
    window: Duration,
    /// How many series and sketches there are in all families.
    size: Size,
}

/// What all families are bounded by together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) series: usize,
    pub(super) sketches: usize,
}

impl Size {
    fn plus(self, other: Self) -> Self {
        Self { series: self.series + other.series, sketches: self.sketches + other.sketches }
    }
}

impl Families {
    pub(super) fn new(registry: Registry, options: BridgeOptions) -> Self {
        Self { registry, options, table: Mutex::default() }
    }

    #[cfg(feature = "dogstatsd")]
    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(super) fn len(&self) -> usize {
        self.table.lock().families.len()
    }

    pub(super) fn resolve(
        &self,
        plan: &Plan,
        help: &str,
        labels: &[(String, String)],
        now: Duration,
    ) -> Result<Resolved, Refusal> {
        let mut guard = self.table.lock();
        let table = &mut *guard;
        let room = Room {
            series: table.size.series < self.options.max_total_series,
            sketches: table.size.sketches < self.options.max_set_series,
        };
        if let Some(family) = table.families.get_mut(&plan.name) {
            let before = family.size();
            let resolved = family.resolve(plan, labels, now, room, &self.registry);
            let after = family.size();
            table.size.series += after.series - before.series;
            table.size.sketches += after.sketches - before.sketches;
            return resolved;
        }
        if table.families.len() >= self.options.max_metrics {
            return Err(Refusal::TooManyMetrics);
        }
        let mut family = Family::new(plan, help, self.options.max_series);
        let resolved = family.resolve(plan, labels, now, room, &self.registry)?;
        table.size = table.size.plus(family.size());
        table.families.insert(plan.name.clone(), family);
        Ok(resolved)
    }

    /// True if series were forgotten.
    pub(super) fn expire(&self, now: Duration, set_window: Duration) -> bool {
        let mut table = self.table.lock();
        if now.saturating_sub(table.window) >= set_window {
            table.window = now;
            table.families.values().for_each(Family::turn_sets);
        }
        let mut forgotten = false;
        let registry = &self.registry;
        table.families.retain(|_, family| {
            forgotten |= family.expire(now);
            let keep = !family.is_forgotten();
            if !keep {
                family.unregister(registry);
            }
            keep
        });
        if forgotten {
            table.size = table.families.values().map(Family::size).fold(Size::default(), Size::plus);
        }
        forgotten
    }
}
