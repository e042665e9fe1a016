//! The objects that are written, as small types of our own.

pub(crate) mod adapter;
pub(crate) mod autoscaling;
pub(crate) mod keda;
pub(crate) mod meta;
pub(crate) mod network;
pub(crate) mod rules;
pub(crate) mod scrape;
