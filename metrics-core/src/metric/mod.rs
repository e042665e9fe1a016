//! The metric types.
//!
//! A handle is small, cheap to clone and may be kept anywhere. One that was registered by itself keeps its value alive;
//! one that was looked up in a family does not: after its series is removed, what it records is dropped.

pub mod buckets;
mod busy;
mod counter;
pub(crate) mod exemplars;
mod gauge;
mod histogram;
mod ignored;
mod moment;
pub(crate) mod native;
mod series;
mod shared;
mod state_set;
mod updown;

pub use busy::{BusyGuard, BusyTime};
pub use counter::{Counter, CounterNumber};
pub use gauge::{Gauge, GaugeNumber};
pub use histogram::{Histogram, HistogramSnapshot, NativeSnapshot, Timer};
pub(crate) use histogram::{Layout, Native};
pub(crate) use ignored::{ignored, ignored_total};
pub use moment::Moment;
pub(crate) use series::{Kept, Owner};
pub use series::{Metric, Series, SeriesMetric};
pub use state_set::StateSet;
pub use updown::{UpDownGauge, UpDownGuard};
