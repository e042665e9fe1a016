//! HTTP metrics for tower: a layer that records requests, right on every way a request can
//! end, and the `/metrics` endpoint.
//!
//! | module | what it answers |
//! |---|---|
//! | [`http`] | what is recorded of a request, and when has it ended? |
//! | [`endpoint`] | how does a scrape get its answer? |
//! | [`server`] | how is `/metrics` served on a port of its own? (feature `server`) |
//! | [`limit`] | how full is the service? (feature `tower`) |
#![forbid(unsafe_code)]

pub mod endpoint;
pub mod http;
#[cfg(feature = "tower")]
pub mod limit;
#[cfg(feature = "server")]
pub mod server;

pub use endpoint::MetricsEndpoint;
pub use http::{HttpMetrics, HttpMetricsLayer, HttpMetricsService};
