//! Services that are instrumented for Datadog or for the `metrics` facade, recorded here without changing their code.
#![forbid(unsafe_code)]

pub mod line;
pub mod map;
#[cfg(feature = "translate")]
pub mod translate;
