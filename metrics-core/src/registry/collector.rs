//! How are families exposed whose series somebody else keeps?

use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::descriptor::{Descriptor, MetricType};
use crate::encode::{Encoder, HistogramValue, Number, RowError, SummaryValue};
use crate::family::{Pass, Progress, Source};
use crate::sync::{AtomicU64, Ordering};

/// Something that knows values which are not recorded through this library: a pool, a runtime, the process.
///
/// It declares its families when it is registered. In every scrape [`Self::collect`] is called once, without any lock
/// held; a panic in it loses its families, is counted, and harms nothing else. The scrape takes as long as it takes.
///
/// ```
/// use metrics_core::{Collector, Descriptor, MetricType, Registry, Samples};
///
/// struct Disks;
///
/// impl Collector for Disks {
///     fn describe(&self) -> Vec<Descriptor> {
///         let mut free = Descriptor::new(MetricType::Gauge, "disk_free_bytes", "Free space.");
///         free.unit = Some("bytes".into());
///         free.add_label("device");
///         vec![free]
///     }
///
///     fn collect(&self, samples: &mut Samples<'_>) {
///         samples.add("disk_free_bytes", &[Some("sda")], 5e9);
///     }
/// }
///
/// let registry = Registry::new();
/// registry.register_collector(Disks)?;
/// assert_eq!(registry.sample("disk_free_bytes", &[("device", "sda")]), Some(5e9));
/// # Ok::<(), metrics_core::Error>(())
/// ```
pub trait Collector: Send + Sync + 'static {
    /// The families, in any order. Asked for once, at registration.
    fn describe(&self) -> Vec<Descriptor>;

    /// Tells all samples.
    fn collect(&self, samples: &mut Samples<'_>);
}

/// Takes the samples of a collector.
pub struct Samples<'a> {
    entry: &'a CollectorEntry,
    rows: &'a mut Vec<Row>,
    refused: u64,
}

impl Samples<'_> {
    /// A sample of the family that was declared under this name, with one value a label in the order in which they were
    /// declared; `None` leaves a label out. A sample of a family that was not declared, or with too many values, is left
    /// out and counted, and so is one of a series that has been told already: a scraper refuses a series that comes twice.
    pub fn add(&mut self, name: &str, values: &[Option<&str>], value: f64) {
        self.add_number(name, values, Number::Float(value));
    }

    /// The same for a number that is to stay an integer.
    pub fn add_number(&mut self, name: &str, values: &[Option<&str>], value: Number) {
        self.push(name, values, Value::Number(value));
    }

    /// A summary: quantiles in \[0, 1\] with their values, ascending, or none; the sum and the number of observations.
    pub fn add_summary(&mut self, name: &str, values: &[Option<&str>], quantiles: &[(f64, f64)], sum: f64, count: u64) {
        self.push(name, values, Value::Summary { quantiles: quantiles.into(), sum, count });
    }

    /// A histogram: upper bounds, ascending and finite, so without `+Inf`; the observations in each bucket, not cumulative,
    /// one more than bounds; and their sum. One that is not so is left out and counted.
    pub fn add_histogram(&mut self, name: &str, values: &[Option<&str>], bounds: &[f64], counts: &[u64], sum: f64) {
        self.push(name, values, Value::Histogram { bounds: bounds.into(), counts: counts.into(), sum });
    }

    fn push(&mut self, name: &str, values: &[Option<&str>], value: Value) {
        let families = &self.entry.families;
        match families.iter().position(|family| family.name == name && values.len() <= family.labels) {
            Some(family) => {
                // An empty value is no label; and equal series have equal values here.
                let told = values.iter().map(|value| value.filter(|value| !value.is_empty()).map(Into::into));
                let values = told.chain(std::iter::repeat(None)).take(families[family].labels).collect();
                self.rows.push(Row { family, values, value });
            }
            None => self.refused += 1,
        }
    }
}

enum Value {
    Number(Number),
    Summary { quantiles: Box<[(f64, f64)]>, sum: f64, count: u64 },
    Histogram { bounds: Box<[f64]>, counts: Box<[u64]>, sum: f64 },
}

/// One sample.
pub(crate) struct Row {
    family: usize,
    values: Vec<Option<Box<str>>>,
    value: Value,
}

/// What the collectors told in one scrape, by the address of their entry, which the scrape keeps alive.
pub(crate) type Collected = BTreeMap<usize, Vec<Row>>;

struct Family {
    /// As the collector calls it, without the registry's prefix.
    name: String,
    kind: MetricType,
    labels: usize,
}

pub(crate) struct CollectorEntry {
    collector: Box<dyn Collector>,
    families: Vec<Family>,
    /// How long it took the last time, in nanoseconds.
    took: AtomicU64,
}

impl CollectorEntry {
    pub(crate) fn new(collector: impl Collector, descriptors: &[Descriptor], prefix: &str) -> Self {
        let family = |descriptor: &Descriptor| Family {
            name: descriptor.name.strip_prefix(prefix).unwrap_or(&descriptor.name).to_owned(),
            kind: descriptor.kind,
            labels: descriptor.labels.len(),
        };
        Self {
            collector: Box::new(collector),
            families: descriptors.iter().map(family).collect(),
            took: AtomicU64::new(0),
        }
    }

    pub(crate) fn family(self: Arc<Self>, family: usize) -> Arc<CollectorFamily> {
        Arc::new(CollectorFamily { entry: self, family })
    }

    /// Runs the collector. Rows that it could not tell are added to `left_out`, and how long it took to `took`.
    fn collect(&self, left_out: &mut u64, took: &mut Duration) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut samples = Samples { entry: self, rows: &mut rows, refused: 0 };
        // What the collector leaves broken is its owner's: of ours it has only the rows, which are dropped.
        let started = Instant::now();
        let finished = catch_unwind(AssertUnwindSafe(|| self.collector.collect(&mut samples))).is_ok();
        let elapsed = started.elapsed();
        *took += elapsed;
        self.took.store(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        *left_out += samples.refused;
        if !finished {
            *left_out += self.families.len() as u64;
            rows.clear();
        }
        *left_out += drop_repeated(&mut rows);
        rows
    }
}

/// One family of a collector.
pub(crate) struct CollectorFamily {
    entry: Arc<CollectorEntry>,
    family: usize,
}

impl Source for CollectorFamily {
    fn write(&self, progress: &mut Progress, pass: &mut Pass<'_>) -> bool {
        let address = Arc::as_ptr(&self.entry).addr();
        let (left_out, took) = (&mut pass.left_out, &mut pass.elsewhere);
        let rows = pass.collected.entry(address).or_insert_with(|| self.entry.collect(left_out, took));
        while let Some(row) = rows.get(progress.next) {
            if pass.out.len() >= pass.limit {
                return false;
            }
            if row.family == self.family {
                let written = write_row(self.entry.families[row.family].kind, row, pass.encoder, pass.out);
                pass.left_out += u64::from(written.is_err());
            }
            progress.next += 1;
        }
        true
    }

    fn len(&self) -> usize {
        0
    }

    fn collected_in(&self) -> Option<Duration> {
        (self.family == 0).then(|| Duration::from_nanos(self.entry.took.load(Ordering::Relaxed)))
    }
}

/// Keeps the first of the rows that are one series; how many others there were.
fn drop_repeated(rows: &mut Vec<Row>) -> u64 {
    let mut seen = HashSet::with_capacity(rows.len());
    let first: Vec<bool> = rows.iter().map(|row| seen.insert((row.family, &row.values))).collect();
    let before = rows.len();
    let mut first = first.into_iter();
    rows.retain(|_| first.next().unwrap_or(true));
    (before - rows.len()) as u64
}

fn write_row(kind: MetricType, row: &Row, encoder: &mut dyn Encoder, out: &mut Vec<u8>) -> Result<(), RowError> {
    encoder.start_row();
    for (at, value) in row.values.iter().enumerate() {
        if let Some(value) = value.as_deref() {
            encoder.label(at, value.as_bytes());
        }
    }
    match (kind, &row.value) {
        (MetricType::Counter, Value::Number(value)) if value.as_f64() >= 0.0 => encoder.counter(out, *value),
        (MetricType::Gauge | MetricType::Unknown, Value::Number(value)) => encoder.gauge(out, *value),
        (MetricType::Info, Value::Number(_)) => encoder.info(out),
        (MetricType::Summary, Value::Summary { quantiles, sum, count }) => {
            encoder.summary(out, &SummaryValue { quantiles, sum: *sum, count: *count })
        }
        (MetricType::Histogram, Value::Histogram { bounds, counts, sum })
            if counts.len() == bounds.len() + 1 && are_bounds(bounds) =>
        {
            encoder.histogram(out, &HistogramValue { bounds, counts, sum: *sum, native: None })
        }
        // Not what was declared, or a total that would make the whole scrape invalid in OpenMetrics.
        _ => Err(RowError),
    }
}

/// Whether no two buckets would be one, the last, which has no bound, included.
fn are_bounds(bounds: &[f64]) -> bool {
    bounds.iter().all(|bound| bound.is_finite()) && bounds.is_sorted_by(|lower, upper| lower < upper)
}
