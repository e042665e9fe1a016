//! Which definition of a name takes a label set, and which of its series are still alive?

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use metrics_core::{Counter, Descriptor, DynamicFamily, Gauge, Histogram, MetricType, Registry};

use super::families::Size;
use super::series::{DistinctSeries, Series};
use super::{MAX_DEFINITIONS, MAX_LABELS, Refusal};
use crate::map::{Plan, PlannedMetric};

/// A resolved series, and how to say that it is in use.
#[derive(Clone)]
pub(crate) struct Resolved {
    pub(crate) series: Series,
    /// When it was last recorded into, in milliseconds since the bridge was made; only where series are forgotten.
    pub(crate) used: Option<Arc<AtomicU64>>,
    pub(crate) labels_left_out: u64,
}

/// Whether there may be more, over all families.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) series: bool,
    pub(super) sketches: bool,
}

/// What labels are in the series that stand for those that there is no room for.
const OVERFLOW: &str = "_overflow";

/// All definitions of one name.
pub(super) struct Family {
    template: Descriptor,
    ttl: Option<Duration>,
    max_series: usize,
    definitions: Vec<Definition>,
    /// What the label sets of sets and of series that are forgotten are; bounded by the cap.
    sets: HashMap<Values, Arc<DistinctSeries>>,
    alive: HashMap<(usize, Values), Arc<AtomicU64>>,
}

/// The label values of a series, in the order of its definition.
type Values = Vec<Option<String>>;

struct Definition {
    labels: Vec<String>,
    series: DefinedSeries,
}

enum DefinedSeries {
    Counter(DynamicFamily<Counter<f64>>),
    Gauge(DynamicFamily<Gauge<f64>>),
    Histogram(DynamicFamily<Histogram>),
}

impl Family {
    pub(super) fn new(plan: &Plan, help: &str, max_series: u32) -> Self {
        let help = plan.help.clone().unwrap_or_else(|| help.to_owned());
        let mut template = Descriptor::new(kind(&plan.metric), plan.name.clone(), help);
        template.foreign = true;
        template.max_series = Some(max_series);
        template.unit = plan.unit.map(Into::into);
        if let PlannedMetric::Histogram { buckets, classic, native } = &plan.metric {
            template.buckets = classic.then(|| buckets.to_vec().into());
            template.classic = *classic;
            template.native = *native;
        }
        let max_series = max_series as usize;
        Self {
            template,
            ttl: plan.ttl,
            max_series,
            definitions: Vec::new(),
            sets: HashMap::new(),
            alive: HashMap::new(),
        }
    }

    pub(super) fn resolve(
        &mut self,
        plan: &Plan,
        labels: &[(String, String)],
        now: Duration,
        room: Room,
        registry: &Registry,
    ) -> Result<Resolved, Refusal> {
        if kind(&plan.metric) != self.template.kind {
            return Err(Refusal::Conflict);
        }
        let at = self.definition(labels, registry)?;
        let value = |name: &String| {
            let found = labels.binary_search_by(|(label, _)| label.cmp(name)).ok();
            found.map(|found| labels[found].1.clone())
        };
        let mut values: Values = self.definitions[at].labels.iter().map(value).collect();
        let labels_left_out = (labels.len() - values.iter().flatten().count()) as u64;
        let series = match plan.distinct {
            true => self.distinct(at, &mut values, room),
            false => self.definitions[at].series.within(&mut values, room.series),
        };
        let used = self.ttl.and_then(|_| self.track(at, values, now));
        Ok(Resolved { series, used, labels_left_out })
    }

    /// The first definition with all these labels, or a new one, or the widest.
    fn definition(&mut self, labels: &[(String, String)], registry: &Registry) -> Result<usize, Refusal> {
        let has_all =
            |definition: &Definition| labels.iter().all(|(name, _)| definition.labels.binary_search(name).is_ok());
        if let Some(at) = self.definitions.iter().position(has_all) {
            return Ok(at);
        }
        if self.definitions.len() >= MAX_DEFINITIONS {
            return Ok(self.definitions.len() - 1);
        }
        let mut all = self.definitions.last().map_or_else(Vec::new, |widest| widest.labels.clone());
        for (name, _) in labels {
            if let (Err(at), true) = (all.binary_search(name), all.len() < MAX_LABELS) {
                all.insert(at, name.clone());
            }
        }
        if self.definitions.last().is_some_and(|widest| widest.labels == all) {
            return Ok(self.definitions.len() - 1);
        }
        let series = self.register(&all, registry)?;
        self.definitions.push(Definition { labels: all, series });
        Ok(self.definitions.len() - 1)
    }

    fn register(&self, labels: &[String], registry: &Registry) -> Result<DefinedSeries, Refusal> {
        let mut descriptor = self.template.clone();
        for label in labels {
            descriptor.add_label(label.clone());
        }
        let registered = match descriptor.kind {
            MetricType::Counter => registry.register_dynamic(descriptor).map(DefinedSeries::Counter),
            MetricType::Gauge => registry.register_dynamic(descriptor).map(DefinedSeries::Gauge),
            _ => registry.register_dynamic(descriptor).map(DefinedSeries::Histogram),
        };
        registered.map_err(|_| Refusal::Conflict)
    }

    /// A set's series with its sketch; those that there is no room for share one.
    fn distinct(&mut self, at: usize, values: &mut Values, room: Room) -> Series {
        let full = !room.series || !room.sketches || self.sets.len() >= self.max_series;
        if full && !self.sets.contains_key(values) {
            values.fill(Some(OVERFLOW.to_owned()));
        }
        let Series::Gauge(gauge) = self.definitions[at].series.within(values, true) else {
            unreachable!("a plan with distinct values is a gauge, as its family is")
        };
        let distinct = self.sets.entry(values.clone()).or_insert_with(|| Arc::new(DistinctSeries::new(gauge)));
        Series::Set(Arc::clone(distinct))
    }

    /// Overflow series are not forgotten.
    fn track(&mut self, at: usize, values: Values, now: Duration) -> Option<Arc<AtomicU64>> {
        let key = (at, values);
        if self.alive.len() >= self.max_series * MAX_DEFINITIONS && !self.alive.contains_key(&key) {
            return None;
        }
        let now = now.as_millis() as u64;
        let used = self.alive.entry(key).or_insert_with(|| Arc::new(AtomicU64::new(now)));
        used.store(now, Ordering::Relaxed);
        Some(Arc::clone(used))
    }

    pub(super) fn size(&self) -> Size {
        Size { series: self.definitions.iter().map(|one| one.series.len()).sum(), sketches: self.sets.len() }
    }

    pub(super) fn turn_sets(&self) {
        self.sets.values().for_each(|set| set.turn());
    }

    /// True if series were forgotten.
    pub(super) fn expire(&mut self, now: Duration) -> bool {
        let Some(ttl) = self.ttl else { return false };
        let now = now.as_millis() as u64;
        let (definitions, sets) = (&self.definitions, &mut self.sets);
        let before = self.alive.len();
        self.alive.retain(|(at, values), used| {
            let keep = u128::from(now.saturating_sub(used.load(Ordering::Relaxed))) < ttl.as_millis();
            if !keep {
                let borrowed: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
                definitions[*at].series.remove(&borrowed);
                sets.remove(values);
            }
            keep
        });
        self.alive.len() < before
    }

    /// Whether nothing of it is alive. A series without labels can only end with its family.
    pub(super) fn is_forgotten(&self) -> bool {
        self.ttl.is_some() && self.alive.is_empty() && !self.definitions.is_empty()
    }

    pub(super) fn unregister(&self, registry: &Registry) {
        registry.unregister(&self.template.name);
    }
}

fn kind(metric: &PlannedMetric) -> MetricType {
    match metric {
        PlannedMetric::Counter => MetricType::Counter,
        PlannedMetric::Gauge => MetricType::Gauge,
        PlannedMetric::Histogram { .. } => MetricType::Histogram,
    }
}

impl DefinedSeries {
    /// The series of these values. If there is no room for a new one, it is the overflow series and these are its values.
    fn within(&self, values: &mut Values, room: bool) -> Series {
        let before = self.len();
        let borrowed: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
        let series = self.with(&borrowed);
        if room || self.len() == before || values.is_empty() {
            return series;
        }
        self.remove(&borrowed);
        values.fill(Some(OVERFLOW.to_owned()));
        self.with(&vec![Some(OVERFLOW); values.len()])
    }

    fn len(&self) -> usize {
        match self {
            Self::Counter(family) => family.len(),
            Self::Gauge(family) => family.len(),
            Self::Histogram(family) => family.len(),
        }
    }

    fn with(&self, values: &[Option<&str>]) -> Series {
        match self {
            Self::Counter(family) => Series::Counter(family.with(values)),
            Self::Gauge(family) => Series::Gauge(family.with(values)),
            Self::Histogram(family) => Series::Histogram(family.with(values)),
        }
    }

    fn remove(&self, values: &[Option<&str>]) {
        match self {
            Self::Counter(family) => family.remove(values),
            Self::Gauge(family) => family.remove(values),
            Self::Histogram(family) => family.remove(values),
        };
    }
}
