//! How are the events of objectives counted?

use metrics_core::{Counter, Error, Family, Registry};

use super::describe::Descriptors;
use super::labels::SloLabel;
use super::slo::Slo;
use super::values;

/// The events of one objective, and those that miss it.
#[derive(Debug)]
pub(crate) struct SloCounters {
    bound: Option<u64>,
    events: Counter,
    bad: Counter,
}

impl SloCounters {
    pub(crate) fn register(slos: &[Slo], registry: &Registry, descriptors: &Descriptors) -> Result<Vec<Self>, Error> {
        let Some((events, bad)) = &descriptors.slos else { return Ok(Vec::new()) };
        let events: Family<SloLabel<'static>, Counter> = registry.register(events.clone())?;
        let bad: Family<SloLabel<'static>, Counter> = registry.register(bad.clone())?;
        let counters = |slo: &Slo| Self {
            bound: slo.bound.map(|bound| u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX)),
            events: events.with(&SloLabel(slo.name)),
            bad: bad.with(&SloLabel(slo.name)),
        };
        Ok(slos.iter().map(counters).collect())
    }

    pub(crate) fn count(&self, error: Option<u16>, nanoseconds: u64) {
        if error == Some(values::error::CANCELLED) {
            return;
        }
        self.events.inc();
        if error.is_some() || self.bound.is_some_and(|bound| nanoseconds > bound) {
            self.bad.inc();
        }
    }
}
