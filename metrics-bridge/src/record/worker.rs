//! How is a line recorded, fast?

use std::hash::BuildHasher;
use std::sync::atomic::Ordering;

use super::stats::Alert;
use super::two_generations::TwoGenerations;
use super::{Bridge, Refusal, Resolved, Scale, Series};
use crate::line::{Kind, Line, LineError, Sample, ServiceCheck, Tags, Value, parse};
use crate::map::{Mapping, NegativeGauges, Plan, Source, clean_labels};

/// How many series are kept resolved.
const CACHED_SERIES: usize = 16_384;
/// How many names are kept mapped.
const CACHED_PLANS: usize = 4_096;
/// Longer ones are resolved every time, so that nobody can fill the memory with few lines.
const MAX_CACHED_KEY_BYTES: usize = 1_024;
/// How many observations a line may stand for.
const MAX_OBSERVATIONS: f64 = 100_000.0;

/// Records lines into a bridge. Each thread that records has its own; what it has resolved it keeps, in bounded memory.
///
/// ```
/// use metrics_bridge::map::Mapper;
/// use metrics_bridge::record::{Bridge, BridgeOptions};
/// use metrics_core::Registry;
///
/// let registry = Registry::new();
/// let bridge = Bridge::new(&registry, Mapper::default(), BridgeOptions::default())?;
/// let mut worker = bridge.worker();
/// worker.line(b"shop.orders:1|c|@0.1|#payment:card")?;
/// assert_eq!(registry.sample("shop_orders_total", &[("payment", "card")]), Some(10.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Worker {
    bridge: Bridge,
    series: TwoGenerations<Box<[u8]>, Cached>,
    plans: TwoGenerations<Box<[u8]>, Planned>,
    /// The bridge's generation when the caches were last emptied.
    generation: u64,
    /// When the current batch began, in milliseconds since the bridge was made.
    pub(super) now: u64,
    key: Vec<u8>,
    /// What was resolved last for a key that is too long to be kept.
    passing: Option<Cached>,
    /// When the bridge was ticked last.
    ticked: u64,
    hasher: foldhash::quality::FixedState,
}

/// A resolved series with what its records need.
struct Cached {
    resolved: Resolved,
    scale: Scale,
    /// What sample rates have left over of whole observations.
    carry: f64,
}

#[derive(Clone)]
enum Planned {
    Dropped,
    Nameless,
    Recorded(std::sync::Arc<Plan>),
}

impl Bridge {
    /// What one thread records with.
    pub fn worker(&self) -> Worker {
        Worker {
            bridge: self.clone(),
            series: TwoGenerations::new(CACHED_SERIES),
            plans: TwoGenerations::new(CACHED_PLANS),
            generation: self.inner().generation(),
            now: self.inner().now().as_millis() as u64,
            key: Vec::new(),
            passing: None,
            ticked: 0,
            hasher: foldhash::quality::FixedState::default(),
        }
    }
}

impl Worker {
    /// Records the lines of a datagram; empty ones are none. What is wrong with a line is counted and costs only that
    /// line.
    pub fn datagram(&mut self, lines: &[u8]) {
        self.tick();
        self.lines(lines);
    }

    /// The same without moving the clock on.
    pub(crate) fn lines(&mut self, lines: &[u8]) {
        for line in lines.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                // Counted where it happened.
                let _ = self.line(line);
            }
        }
    }

    /// Moves the clock on, and once a second the bridge's upkeep; [`Self::datagram`] does it by itself.
    pub fn tick(&mut self) {
        self.now = self.bridge.inner().now().as_millis() as u64;
        if self.now.saturating_sub(self.ticked) >= 1_000 {
            self.ticked = self.now;
            self.bridge.tick();
        }
    }

    /// Records one line, without its line break.
    ///
    /// # Errors
    ///
    /// Why it is refused; it is counted, too.
    pub fn line(&mut self, line: &[u8]) -> Result<(), RefusedLine> {
        self.bridge.inner().stats.lines.inc();
        let done = match parse(line) {
            Ok(Line::Sample(sample)) => self.sample(&sample).map_err(RefusedLine::Record),
            Ok(Line::Event(event)) => {
                self.bridge.inner().stats.events.with(&Alert { alert_type: event.alert_type }).inc();
                Ok(())
            }
            Ok(Line::ServiceCheck(check)) => self.service_check(&check).map_err(RefusedLine::Record),
            Err(error) => Err(RefusedLine::Line(error)),
        };
        if let Err(refused) = &done {
            self.bridge.inner().stats.refuse(refused.refusal());
        }
        done
    }

    fn service_check(&mut self, check: &ServiceCheck<'_>) -> Result<(), Refusal> {
        let now = self.now;
        let Some(cached) = self.cached(&check.metric(), Kind::Gauge, check.tags)? else { return Ok(()) };
        cached.use_at(now);
        if let Series::Gauge(gauge) = &cached.resolved.series {
            gauge.set(f64::from(check.status as u8));
        }
        Ok(())
    }

    fn sample(&mut self, sample: &Sample<'_>) -> Result<(), Refusal> {
        if sample.kind == Kind::Count && sample.values.iter().any(|value| value.number < 0.0) {
            return Err(Refusal::NegativeCount);
        }
        let changes = self.bridge.mapper().options().negative_gauges == NegativeGauges::Change;
        let (now, hasher) = (self.now, self.hasher.clone());
        let Some(cached) = self.cached(sample.name, sample.kind, sample.tags)? else { return Ok(()) };
        cached.use_at(now);
        match &cached.resolved.series {
            Series::Counter(counter) => {
                let sum: f64 = sample.values.iter().map(|value| value.number).sum();
                counter.add(cached.scale.apply(sum) / sample.rate);
            }
            Series::Gauge(gauge) => {
                for value in sample.values.iter() {
                    match changes && value.is_signed() {
                        true => gauge.add(cached.scale.apply(value.number)),
                        false => gauge.set(cached.scale.apply(value.number)),
                    }
                }
            }
            Series::Set(set) => sample.values.iter().for_each(|value| set.add(hasher.hash_one(value.text))),
            Series::Histogram(_) => return cached.observe(sample),
        }
        Ok(())
    }

    /// The series of these tags, from the cache or resolved; `None` if a rule drops it.
    fn cached(&mut self, name: &str, kind: Kind, tags: Tags<'_>) -> Result<Option<&mut Cached>, Refusal> {
        let generation = self.bridge.inner().generation();
        if generation != self.generation {
            self.series.clear();
            self.generation = generation;
        }
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        key.extend_from_slice(kind.code().as_bytes());
        key.push(b'|');
        key.extend_from_slice(name.as_bytes());
        let plan_end = key.len();
        // No name has this byte in it: names are UTF-8.
        key.push(0xff);
        key.extend_from_slice(tags.raw().as_bytes());
        let found = self.series.get(&key[..]).is_some();
        let resolved = if found { Ok(true) } else { self.fill(&key, plan_end, name, kind, tags) };
        self.key = key;
        Ok(match resolved? {
            false => None,
            true if self.key.len() > MAX_CACHED_KEY_BYTES => self.passing.as_mut(),
            true => self.series.get(&self.key[..]),
        })
    }

    /// Resolves into the cache; false if a rule drops it.
    fn fill(&mut self, key: &[u8], plan_end: usize, name: &str, kind: Kind, tags: Tags<'_>) -> Result<bool, Refusal> {
        let plan = match self.planned(&key[..plan_end], name, kind) {
            Planned::Recorded(plan) => plan,
            Planned::Nameless => return Err(Refusal::Nameless),
            Planned::Dropped => {
                self.bridge.inner().stats.dropped.inc();
                return Ok(false);
            }
        };
        let tags = tags.iter().map(|tag| (tag.key, tag.value));
        let labels = clean_labels(tags, &plan.labels, plan.honor_labels);
        let help = format!("Recorded as {name:?} ({}).", kind.code());
        let resolved = self.bridge.inner().resolve(&plan, &help, &labels)?;
        let cached = Cached { resolved, scale: Scale::of(plan.scale), carry: 0.0 };
        if key.len() > MAX_CACHED_KEY_BYTES {
            self.passing = Some(cached);
        } else {
            self.series.insert(key.into(), cached);
        }
        Ok(true)
    }

    fn planned(&mut self, key: &[u8], name: &str, kind: Kind) -> Planned {
        if let Some(planned) = self.plans.get(key) {
            return planned.clone();
        }
        let planned = match self.bridge.mapper().map(Source::of_line(name, kind)) {
            Mapping::Dropped(_) => Planned::Dropped,
            Mapping::Nameless(_) => Planned::Nameless,
            Mapping::Recorded(plan) => Planned::Recorded(std::sync::Arc::new(plan)),
        };
        if key.len() <= MAX_CACHED_KEY_BYTES {
            self.plans.insert(key.into(), planned.clone());
        }
        planned
    }
}

impl Cached {
    /// It lives from now on.
    fn use_at(&self, now: u64) {
        if let Some(used) = &self.resolved.used {
            used.store(now, Ordering::Relaxed);
        }
    }

    /// Each value counts `1 / rate` times; what is over after whole observations is kept for the next line.
    fn observe(&mut self, sample: &Sample<'_>) -> Result<(), Refusal> {
        let Series::Histogram(histogram) = &self.resolved.series else { return Ok(()) };
        if sample.rate == 1.0 {
            sample.values.iter().for_each(|value| histogram.observe(self.scale.apply(value.number)));
            return Ok(());
        }
        let weight = 1.0 / sample.rate;
        let values = sample.values.iter().count() as f64;
        if weight * values > MAX_OBSERVATIONS {
            return Err(Refusal::SampleRateTooSmall);
        }
        for Value { number, .. } in sample.values.iter() {
            let exact = weight + self.carry;
            // 1 / 0.1 + nothing must be ten, whatever the last bits say.
            let whole = (exact + 1e-9).floor();
            self.carry = (exact - whole).max(0.0);
            (0..whole as u64).for_each(|_| histogram.observe(self.scale.apply(number)));
        }
        Ok(())
    }
}

/// Why a line is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedLine {
    /// It is malformed.
    Line(LineError),
    /// It has no place.
    Record(Refusal),
}

impl RefusedLine {
    fn refusal(&self) -> Refusal {
        match self {
            Self::Line(error) => Refusal::Line(error.reason),
            Self::Record(refusal) => *refusal,
        }
    }
}

impl std::fmt::Display for RefusedLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            Self::Line(error) => return error.fmt(f),
            Self::Record(Refusal::NegativeCount) => "a count is negative; a total cannot fall, send a gauge",
            Self::Record(Refusal::SampleRateTooSmall) => {
                "the line would stand for more than 100000 observations; raise the sample rate"
            }
            Self::Record(Refusal::Conflict) => {
                "the metric is registered already with another type or unit; rename one of them by a mapping rule"
            }
            Self::Record(Refusal::TooManyMetrics) => {
                "there are as many metrics as `max_metrics` allows; put what varies into tags, or raise it"
            }
            Self::Record(Refusal::Nameless) => "the mapping rule gives the metric an empty name; correct its `name`",
            Self::Record(Refusal::TooManyHandles) => {
                "there are too many counters to know what this one had before; increment it instead"
            }
            Self::Record(Refusal::Line(reason)) => reason.text(),
        };
        f.write_str(text)
    }
}

impl std::error::Error for RefusedLine {}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("bridge", &self.bridge).finish_non_exhaustive()
    }
}
