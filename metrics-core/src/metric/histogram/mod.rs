//! Histograms.

mod classic;
mod layout;
mod search;
mod snapshot;
mod timer;

pub use classic::Histogram;
pub(crate) use layout::{Layout, Native};
pub use snapshot::{HistogramSnapshot, NativeSnapshot};
pub use timer::Timer;
