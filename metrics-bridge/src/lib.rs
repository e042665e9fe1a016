//! Services that are instrumented for Datadog or for the `metrics` facade, recorded here without changing their code.
//!
//! | what the service uses | what it changes | feature |
//! | --- | --- | --- |
//! | the `metrics` facade | the recorder that `main` installs | `facade` |
//! | a `cadence` client | the sink that it is made with | `cadence` |
//! | any DogStatsD client, in any language | the address, or nothing | `dogstatsd` |
//!
//! Names and labels are given by one mapper ([`map`]), whose rules are read from statsd_exporter's mapping files. The feature
//! `translate` turns Datadog queries and monitors into PromQL and alert rules.
#![forbid(unsafe_code)]

#[cfg(feature = "cadence")]
pub mod cadence;
#[cfg(feature = "facade")]
pub mod facade;
pub mod line;
#[cfg(feature = "dogstatsd")]
pub mod listen;
pub mod map;
#[cfg(any(feature = "facade", feature = "cadence", feature = "dogstatsd"))]
pub mod record;
#[cfg(feature = "translate")]
pub mod translate;

/// The guide's code, compiled.
#[cfg(all(doctest, feature = "facade", feature = "cadence"))]
#[doc = include_str!("../../docs/leaving-datadog.md")]
mod guide {}
