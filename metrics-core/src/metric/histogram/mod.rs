//! Histograms.

mod classic;
mod layout;
mod timer;

pub use classic::{Histogram, HistogramSnapshot, NativeSnapshot};
pub(crate) use layout::{Layout, Native};
pub use timer::Timer;
