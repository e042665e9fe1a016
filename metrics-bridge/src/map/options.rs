//! What can be chosen about a mapper?

use std::sync::Arc;

use metrics_core::descriptor::NativeDeclaration;

use super::PlannedMetric;
use crate::line::Kind;

/// How metrics without a rule are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Naming {
    /// By Prometheus' conventions: `_total`, base units as suffix.
    #[default]
    Prometheus,
    /// The name as it is sent, only cleaned, as statsd_exporter does it; but counters end in `_total`, because OpenMetrics has
    /// no others. Values still become base units.
    Plain,
}

/// What a gauge's value with a minus sign means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NegativeGauges {
    /// A change, as in StatsD and statsd_exporter; `+3` is one too.
    #[default]
    Change,
    /// The value, as Datadog's agent takes it: DogStatsD knows no gauge deltas. A `+` is read as a plain sign.
    Value,
}

/// How observed metrics are kept unless a rule says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramShape {
    /// The upper bounds of the classic buckets without `+Inf`, rising.
    pub buckets: Arc<[f64]>,
    /// Whether there are classic buckets.
    pub classic: bool,
    /// Whether it is a native histogram, and how.
    pub native: Option<NativeDeclaration>,
}

impl Default for HistogramShape {
    fn default() -> Self {
        Self { buckets: Arc::from(metrics_core::buckets::DEFAULT), classic: true, native: None }
    }
}

impl HistogramShape {
    pub(super) fn planned(&self, kind: Kind) -> PlannedMetric {
        match kind {
            Kind::Count => PlannedMetric::Counter,
            Kind::Gauge | Kind::Set => PlannedMetric::Gauge,
            Kind::Timer | Kind::Histogram | Kind::Distribution => PlannedMetric::Histogram {
                buckets: Arc::clone(&self.buckets),
                classic: self.classic,
                native: self.native,
            },
        }
    }
}

/// What can be chosen about a mapper.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapperOptions {
    /// How metrics without a rule are named.
    pub naming: Naming,
    /// Put before the name of every metric without a rule.
    pub prefix: String,
    /// What a gauge's value with a minus sign means.
    pub negative_gauges: NegativeGauges,
    /// How observed metrics are kept.
    pub histogram: HistogramShape,
}
