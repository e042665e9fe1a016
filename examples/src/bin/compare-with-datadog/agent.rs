//! What would the Datadog agent have reported?
//!
//! As it documents: values of a context (name, type and tags) are taken together over 10 s; counts are added up with their
//! sample rates, of a gauge the last value counts, a set's different members are counted, observations go into a DDSketch
//! with a relative error of 1 %.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use metrics_bridge::line::{Kind, Line, Sample, parse};
use sketches_ddsketch::{Config, DDSketch};

/// The agent's flush interval.
const BUCKET_SECONDS: u64 = 10;

/// The aggregator.
#[derive(Default)]
pub(crate) struct Agent {
    metrics: BTreeMap<(String, Kind), Metric>,
}

/// All contexts of a metric.
pub(crate) struct Metric {
    /// The sum of each bucket.
    buckets: BTreeMap<u64, f64>,
    /// The last value of each context.
    gauges: BTreeMap<BTreeSet<String>, f64>,
    members: HashSet<String>,
    sketch: DDSketch,
    /// For the bounds of what is compared, not for what the agent reports.
    observed: Vec<f64>,
}

impl Default for Metric {
    fn default() -> Self {
        Self {
            buckets: BTreeMap::new(),
            gauges: BTreeMap::new(),
            members: HashSet::new(),
            sketch: DDSketch::new(Config::defaults()),
            observed: Vec::new(),
        }
    }
}

impl Agent {
    /// Takes a line that arrives at this time.
    pub(crate) fn feed(&mut self, at: Duration, line: &[u8]) {
        let Ok(Line::Sample(sample)) = parse(line) else { return };
        // A total cannot fall: the bridge refuses these, and the report is about the rest.
        if sample.kind == Kind::Count && sample.values.iter().any(|value| value.number < 0.0) {
            return;
        }
        let metric = self.metrics.entry((sample.name.to_owned(), sample.kind)).or_default();
        metric.feed(at.as_secs() / BUCKET_SECONDS, &sample);
    }

    /// Begins anew with what is counted and observed; gauges keep their values.
    pub(crate) fn forget_counts(&mut self) {
        for metric in self.metrics.values_mut() {
            let gauges = std::mem::take(&mut metric.gauges);
            *metric = Metric { gauges, ..Metric::default() };
        }
    }

    /// Every metric, by name.
    pub(crate) fn metrics(&self) -> impl Iterator<Item = (&str, Kind, &Metric)> {
        self.metrics.iter().map(|((name, kind), metric)| (name.as_str(), *kind, metric))
    }
}

impl Metric {
    fn feed(&mut self, bucket: u64, sample: &Sample<'_>) {
        for value in sample.values.iter() {
            let weight = 1.0 / sample.rate;
            match sample.kind {
                Kind::Count => *self.buckets.entry(bucket).or_default() += value.number * weight,
                Kind::Gauge => {
                    let tags = sample.tags.raw().split(',').map(str::to_owned).collect();
                    self.gauges.insert(tags, value.number);
                }
                Kind::Set => drop(self.members.insert(value.text.to_owned())),
                Kind::Timer | Kind::Histogram | Kind::Distribution => {
                    *self.buckets.entry(bucket).or_default() += weight;
                    self.sketch.add_with_count(value.number, weight.round() as u64);
                    self.observed.push(value.number);
                }
            }
        }
    }

    /// The sum of all buckets; of observations their number.
    pub(crate) fn count(&self) -> f64 {
        self.buckets.values().sum()
    }

    /// The mean of the contexts' last values, as `avg:` shows it.
    pub(crate) fn gauge_mean(&self) -> f64 {
        self.gauges.values().sum::<f64>() / self.gauges.len() as f64
    }

    /// How many different members there were.
    pub(crate) fn distinct(&self) -> f64 {
        self.members.len() as f64
    }

    /// The mean of the observations.
    pub(crate) fn mean(&self) -> f64 {
        self.sketch.sum().unwrap_or(f64::NAN) / self.sketch.count() as f64
    }

    /// A percentile by the sketch.
    pub(crate) fn quantile(&self, quantile: f64) -> Option<f64> {
        self.sketch.quantile(quantile).ok().flatten()
    }

    /// How far the observations beside a percentile are apart: so much do definitions of a percentile differ.
    pub(crate) fn spread(&self, quantile: f64) -> f64 {
        let mut sorted = self.observed.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = quantile * sorted.len() as f64;
        let low = (rank.floor() as usize).saturating_sub(2).min(sorted.len() - 1);
        let high = (rank.ceil() as usize + 1).min(sorted.len() - 1);
        sorted[high] - sorted[low]
    }
}
