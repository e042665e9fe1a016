//! Which formats are there, and what is each called?

use std::fmt;

use super::name::Escaping;

/// An exposition format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Prometheus text 0.0.4: what a person, `curl` and every scraper can read.
    Text,
    /// Prometheus text 1.0.0: 0.0.4 with UTF-8 names in quotes.
    TextUtf8,
    /// OpenMetrics 1.0: text with units and exemplars.
    OpenMetrics,
    /// The release candidate of OpenMetrics 2.0: text with native histograms. It may still change.
    #[cfg(feature = "openmetrics-2")]
    OpenMetrics2,
    /// Prometheus' protobuf, delimited: native histograms, exemplars, created timestamps.
    Protobuf,
}

impl Format {
    /// The content type of this format with the escaping scheme that it has unless negotiated otherwise.
    ///
    /// ```
    /// use metrics_core::Format;
    ///
    /// assert_eq!(Format::Text.content_type(), "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
    /// ```
    pub fn content_type(self) -> &'static str {
        ContentType::from(self).as_str()
    }

    /// This format with this escaping scheme.
    pub const fn with_escaping(self, escaping: Escaping) -> ContentType {
        ContentType { format: self, escaping }
    }
}

/// A format, and what becomes of names that its reader may not know.
///
/// Prints as what belongs in a `Content-Type` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentType {
    /// The format.
    pub format: Format,
    /// What becomes of UTF-8 names.
    pub escaping: Escaping,
}

impl Default for ContentType {
    /// Text 0.0.4.
    fn default() -> Self {
        Format::Text.into()
    }
}

impl From<Format> for ContentType {
    fn from(format: Format) -> Self {
        let escaping = match format {
            Format::TextUtf8 => Escaping::AllowUtf8,
            _ => Escaping::Underscores,
        };
        Self { format, escaping }
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The four spellings of a content type, by escaping scheme.
macro_rules! spell {
    ($escaping:expr, $start:literal) => {
        match $escaping {
            Escaping::AllowUtf8 => concat!($start, "; escaping=allow-utf-8"),
            Escaping::Underscores => concat!($start, "; escaping=underscores"),
            Escaping::Dots => concat!($start, "; escaping=dots"),
            Escaping::Values => concat!($start, "; escaping=values"),
        }
    };
}

impl ContentType {
    /// What belongs in a `Content-Type` header, spelled as Prometheus' own libraries spell it.
    pub const fn as_str(self) -> &'static str {
        let escaping = self.escaping;
        match self.format {
            Format::Text => spell!(escaping, "text/plain; version=0.0.4; charset=utf-8"),
            Format::TextUtf8 => spell!(escaping, "text/plain; version=1.0.0; charset=utf-8"),
            Format::OpenMetrics => spell!(escaping, "application/openmetrics-text; version=1.0.0; charset=utf-8"),
            #[cfg(feature = "openmetrics-2")]
            Format::OpenMetrics2 => spell!(escaping, "application/openmetrics-text; version=2.0.0; charset=utf-8"),
            Format::Protobuf => spell!(
                escaping,
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_are_spelled_as_prometheus_spells_them() {
        let goldens = [
            (Format::Text, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"),
            (Format::TextUtf8, "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"),
            (Format::OpenMetrics, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"),
            (
                Format::Protobuf,
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores",
            ),
        ];
        for (format, expected) in goldens {
            assert_eq!(format.content_type(), expected);
        }
        let utf8 = Format::OpenMetrics.with_escaping(Escaping::AllowUtf8);
        assert_eq!(
            utf8.to_string(),
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
        );
    }
}
