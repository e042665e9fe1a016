//! Formats: from descriptors and values to bytes.

mod bounds;
mod choose;
mod encoder;
mod escape;
mod exemplar;
mod format;
mod head;
mod metadata;
mod name;
mod native;
mod negotiate;
mod number;
mod openmetrics;
#[cfg(feature = "openmetrics-2")]
mod openmetrics2;
mod pending;
mod protobuf;
mod row;
#[cfg(test)]
mod tests;
mod text;
mod time;

pub(crate) use choose::{bucket_labels, encoder_for};
pub use encoder::Number;
pub(crate) use encoder::{Encoder, HistogramValue, RowError, SummaryValue};
pub use exemplar::{Exemplar, MAX_CODE_POINTS, MAX_LABELS};
pub use format::{ContentType, Format};
pub use name::Escaping;
pub(crate) use native::NativeValue;
pub(crate) use openmetrics::OpenMetricsEncoder;
#[cfg(feature = "openmetrics-2")]
pub(crate) use openmetrics2::OpenMetrics2Encoder;
pub(crate) use protobuf::ProtobufEncoder;
pub(crate) use text::TextEncoder;
pub use time::Timestamp;
