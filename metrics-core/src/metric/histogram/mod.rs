//! Histograms.

mod classic;
mod layout;
mod timer;

pub use classic::{Histogram, HistogramSnapshot};
pub use timer::Timer;
