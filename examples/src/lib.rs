//! What several example programs share.
#![forbid(unsafe_code)]

pub mod catalogue;
pub mod client;
