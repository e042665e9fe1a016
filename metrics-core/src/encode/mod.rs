//! Formats: from descriptors and values to bytes.
//!
//! | [`Format`] | what it tells beyond names, help and values |
//! |---|---|
//! | [`Format::Text`] | nothing: read by everything and everybody |
//! | [`Format::TextUtf8`] | UTF-8 names |
//! | [`Format::OpenMetrics`] | units, exemplars; since when a row has counted, if [asked for](crate::Exposition::with_created_samples) |
//! | `Format::OpenMetrics2` (feature `openmetrics-2`) | the same, and native histograms |
//! | [`Format::Protobuf`] | the same |
//!
//! [`ContentType::negotiate`] finds out from `Accept` header lines which one a reader wants, and with which
//! [`Escaping`] for names that it may not know. A native histogram without classic buckets is in text a histogram with the
//! one bucket `+Inf`: rates and means work, quantiles do not. Bounds made up from its native buckets would change with its
//! resolution, and every change would break the series.
//!
//! Exemplars go with OpenMetrics and protobuf. Of a native histogram without classic buckets OpenMetrics 1.0 has room for one,
//! protobuf for all ten that it keeps; Prometheus 2.42 reads only those of classic buckets there, 3.14 reads them all.
//!
//! ```
//! use metrics_core::encode::ContentType;
//! use metrics_core::{Counter, Declaration, MetricType, Registry};
//!
//! let registry = Registry::new();
//! registry.register::<Counter>(Declaration::new(MetricType::Counter, "jobs_total", "Jobs done."))?.inc();
//!
//! let content_type = ContentType::negotiate(["application/openmetrics-text;version=1.0.0,*/*;q=0.1"]);
//! let mut exposition = registry.exposition(content_type);
//! let mut body = Vec::new();
//! while exposition.next_piece(&mut body) {}
//! assert_eq!(body, b"# TYPE jobs counter\n# HELP jobs Jobs done.\njobs_total 1\n# EOF\n");
//! assert_eq!(content_type.as_str(), "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores");
//! # Ok::<(), metrics_core::Error>(())
//! ```
//!
//! # For maintainers
//!
//! A walker (`registry/exposition`) drives an encoder (`encoder`), one object a scrape. What all rows of a family share is
//! rendered when the family begins: its head, the start of each label, the labels of the buckets. A row is then a few
//! copies and a number, appended to the walker's buffer; nothing is allocated once the encoder's own buffers have grown.
//! An encoder keeps no more than one row, so that a scrape's memory does not depend on the number of series.
//!
//! | file | question |
//! |---|---|
//! | `text`, `openmetrics`, `openmetrics2`, `protobuf` | how does the format look? |
//! | `head`, `row`, `stage`, `bounds`, `pending`, `metadata` | what do several of them share? |
//! | `number`, `time`, `escape`, `name`, `native` | how is one thing spelled? |
//! | `format`, `negotiate`, `choose` | which format, which encoder? |

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
mod stage;
#[cfg(test)]
mod tests;
mod text;
mod time;

pub(crate) use choose::{bucket_labels, encoder_for};
pub use encoder::Number;
pub(crate) use encoder::{Encoder, HistogramValue, RowError, SummaryValue};
pub(crate) use exemplar::WORDS as EXEMPLAR_WORDS;
pub use exemplar::{Exemplar, MAX_CODE_POINTS, MAX_LABELS};
pub use format::{ContentType, Format};
pub use name::Escaping;
pub(crate) use name::{NameKind, escape_name};
pub(crate) use native::NativeValue;
pub(crate) use openmetrics::OpenMetricsEncoder;
#[cfg(feature = "openmetrics-2")]
pub(crate) use openmetrics2::OpenMetrics2Encoder;
pub(crate) use protobuf::ProtobufEncoder;
pub(crate) use text::TextEncoder;
pub use time::Timestamp;
