//! Formats: from descriptors and values to bytes.

mod encoder;

pub use encoder::Number;
pub(crate) use encoder::{Encoder, HistogramValue, RowError};
