//! Which families are there, and which series do they have?

use std::collections::HashMap;
use std::time::Duration;

use metrics_core::Registry;
use parking_lot::Mutex;

use super::family::{Family, Resolved};
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
        let mut table = self.table.lock();
        if let Some(family) = table.families.get_mut(&plan.name) {
            return family.resolve(plan, labels, now, &self.registry);
        }
        if table.families.len() >= self.options.max_metrics {
            return Err(Refusal::TooManyMetrics);
        }
        let mut family = Family::new(plan, help, self.options.max_series);
        let resolved = family.resolve(plan, labels, now, &self.registry)?;
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
        forgotten
    }
}
