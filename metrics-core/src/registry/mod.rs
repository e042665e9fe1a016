//! Registries. SIGNATURES ONLY FOR NOW.
#![allow(missing_docs, unused, clippy::todo)]
use crate::{
    Error,
    descriptor::*,
    encode::{ContentType, Number},
    metric::Metric,
};
/// Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub struct Registry(());
impl Registry {
    pub fn new() -> Self {
        todo!()
    }
    pub fn global() -> &'static Registry {
        todo!()
    }
    /// The same registry, with a prefix for what is registered through this handle (`prefix_name`).
    pub fn with_prefix(&self, prefix: &str) -> Registry {
        todo!()
    }
    pub fn with_label(&self, name: &str, value: &str) -> Registry {
        todo!()
    }
    pub fn register<M: Metric>(&self, descriptor: impl Into<Descriptor>) -> Result<M, Error> {
        todo!()
    }
    /// Ends a metric (by full name); true if there was one.
    pub fn unregister(&self, name: &str) -> bool {
        todo!()
    }
    /// What is registered, by name.
    pub fn descriptors(&self) -> Vec<Descriptor> {
        todo!()
    }
    /// The value of one series, for tests: `registry.sample("orders_total", &[("payment", "card")])`.
    /// Of a histogram: `name_count`, `name_sum`, `name_bucket` with `le`.
    pub fn sample(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        todo!()
    }
    /// Everything as text 0.0.4.
    pub fn encode_text(&self) -> String {
        todo!()
    }
    /// A scrape in pieces.
    pub fn exposition(&self, format: impl Into<ContentType>) -> Exposition {
        todo!()
    }
    pub fn register_callback_gauge(
        &self,
        descriptor: impl Into<Descriptor>,
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) -> Result<(), Error> {
        todo!()
    }
    pub fn register_callback_counter(
        &self,
        descriptor: impl Into<Descriptor>,
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) -> Result<(), Error> {
        todo!()
    }
}
impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}
/// A scrape under way: owns what it needs, holds no lock, `Send`.
#[derive(Debug)]
pub struct Exposition(());
impl Exposition {
    /// Appends the next piece (at most about 64 KiB and a millisecond of work); false when everything has been written.
    pub fn next_piece(&mut self, out: &mut Vec<u8>) -> bool {
        todo!()
    }
}
/// A struct of metrics. Derived with `#[derive(Metrics)]`.
pub trait Metrics: Sized {
    /// Own metrics of this struct with its own prefix in the names, without those of nested structs.
    const DECLARATIONS: &'static [Declaration];
    /// All metrics, nested structs included, prefixes applied.
    fn describe(describe: &mut dyn FnMut(Descriptor));
    /// Registers every metric, or none.
    fn register(registry: &Registry) -> Result<Self, Error>;
}
