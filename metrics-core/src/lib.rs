//! Counters, gauges and histograms that cost what a plain variable costs, and their exposition to Prometheus.

// A model is built of the cells alone, which offer more than one model uses.
#![cfg_attr(metrics_loom, allow(dead_code, unused_imports))]

#[cfg(not(metrics_loom))]
pub mod catalogue;
mod cell;
#[cfg(not(metrics_loom))]
pub mod descriptor;
#[cfg(not(metrics_loom))]
pub mod encode;
#[cfg(not(metrics_loom))]
mod error;
#[cfg(not(metrics_loom))]
mod family;
#[cfg(not(metrics_loom))]
mod label;
#[cfg(not(metrics_loom))]
pub mod metric;
#[cfg(not(metrics_loom))]
mod registry;
#[cfg(all(feature = "tracing", not(metrics_loom)))]
pub mod span;
mod sync;

#[cfg(not(metrics_loom))]
pub use self::public::*;

/// The public interface; a module of its own, because a model is built without it.
#[cfg(not(metrics_loom))]
mod public {
    pub use crate::descriptor::{Declaration, Descriptor, LabelDeclaration, LabelValues, MetricType};
    pub use crate::encode::{Format, Number};
    pub use crate::error::Error;
    pub use crate::family::{DynamicFamily, Family};
    pub use crate::label::{LabelSet, LabelValue, LabelVisitor, NoLabels};
    pub use crate::metric::{
        BusyGuard, BusyTime, Counter, Gauge, Histogram, HistogramSnapshot, Metric, NativeSnapshot, SeriesMetric,
        StateSet, Timer, UpDownGauge, UpDownGuard, buckets,
    };
    pub use crate::registry::{Collector, Exposition, Metrics, Registry, Samples};
    #[cfg(feature = "derive")]
    pub use metrics_derive::{LabelSet, LabelValue, Metrics};
}

#[cfg(not(metrics_loom))]
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
