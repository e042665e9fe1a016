//! Which rules does the macro share with the run-time validator? All of them: these are the same files.
//!
//! A macro cannot depend on the crate whose paths it writes, and rules that are written twice drift apart. So the rules
//! are compiled into both crates.

#[path = "../../metrics-core/src/descriptor/rules/mod.rs"]
mod shared;

pub(crate) use shared::*;

/// The types of metrics, as metrics-core has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "the rules know more types than there are metrics to derive")]
pub(crate) enum MetricType {
    Counter,
    Gauge,
    Histogram,
    Info,
    StateSet,
    Summary,
    /// Here: not to be seen in the source, such as an alias.
    Unknown,
}
