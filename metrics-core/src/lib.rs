//! Counters, gauges and histograms that cost what a plain variable costs, and their exposition to Prometheus.

pub mod descriptor;
pub mod encode;
mod error;
mod family;
mod label;
pub mod metric;
mod registry;

pub use descriptor::{Declaration, Descriptor, LabelDeclaration, LabelValues, MetricType};
pub use encode::{Format, Number};
pub use error::Error;
pub use family::Family;
pub use label::{LabelSet, LabelValue, LabelVisitor, NoLabels};
pub use metric::{
    BusyGuard, BusyTime, Counter, Gauge, Histogram, HistogramSnapshot, Metric, SeriesMetric, Timer, UpDownGauge,
    UpDownGuard, buckets,
};
#[cfg(feature = "derive")]
pub use metrics_derive::{LabelSet, LabelValue, Metrics};
pub use registry::{Exposition, Metrics, Registry};

/// What the expansions of the derive macros name. Not part of the public interface.
#[doc(hidden)]
pub mod __private {}
