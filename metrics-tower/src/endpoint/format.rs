//! In which format is a scrape answered?

use http::HeaderMap;
use metrics_core::Format;

/// The best format that the `Accept` lines allow.
pub(crate) fn negotiate(_headers: &HeaderMap) -> Format {
    Format::Text
}
