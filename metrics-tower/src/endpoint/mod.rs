//! The `/metrics` endpoint.
//!
//! [`MetricsEndpoint`] is a tower service that answers GET and HEAD with what a registry holds, in pieces, so that
//! neither a scrape of a million series nor a reader that stops reading costs the service memory or time.

mod body;
mod encoding;
mod format;
mod gzip;
mod own;
mod places;
mod query;
mod respond;
mod service;

pub use body::{MetricsBody, ScrapeError};
pub use service::MetricsEndpoint;
