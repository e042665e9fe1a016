//! What several example programs share.
#![forbid(unsafe_code)]

pub mod client;
