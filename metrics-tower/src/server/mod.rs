//! A small HTTP server for `/metrics` on a port of its own, outside the service's limits and load shedding.
//!
//! A saturated service must still be scraped: that is when an autoscaler needs its numbers.

mod activity;
mod bind;
mod patience;
mod room;
mod serve;

pub use bind::{BindError, MetricsServer};
