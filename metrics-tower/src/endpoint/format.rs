//! In which format is a scrape answered?

use http::HeaderMap;
use http::header::ACCEPT;
use metrics_core::encode::ContentType;

/// The best format that the `Accept` lines allow.
pub(crate) fn negotiate(headers: &HeaderMap) -> ContentType {
    ContentType::negotiate(headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok()))
}
