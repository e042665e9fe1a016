//! Which encoder writes a format?

use super::format::{ContentType, Format};
use super::number::{write_canonical_float, write_float};
use super::{Encoder, OpenMetricsEncoder, ProtobufEncoder, TextEncoder};

/// The encoder of a format; `writes_created` is about OpenMetrics 1.0, where it costs a sample a row.
pub(crate) fn encoder_for(content_type: ContentType, writes_created: bool) -> Box<dyn Encoder + Send> {
    let ContentType { format, escaping } = content_type;
    match format {
        Format::OpenMetrics => Box::new(OpenMetricsEncoder::new(escaping, writes_created)),
        #[cfg(feature = "openmetrics-2")]
        Format::OpenMetrics2 => Box::new(super::OpenMetrics2Encoder::new(escaping)),
        Format::Protobuf => Box::new(ProtobufEncoder::new(escaping)),
        Format::Text | Format::TextUtf8 => Box::new(TextEncoder::new(escaping)),
    }
}

/// How a bucket's bound may be spelled: as in text, and as in OpenMetrics.
pub(crate) fn bucket_labels(bound: f64) -> Vec<String> {
    let spelled = |write: fn(&mut Vec<u8>, f64)| {
        let mut text = Vec::new();
        write(&mut text, bound);
        String::from_utf8_lossy(&text).into_owned()
    };
    let mut labels = vec![spelled(write_float), spelled(write_canonical_float)];
    labels.dedup();
    labels
}
