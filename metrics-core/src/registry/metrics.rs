//! What is a struct of metrics?

use super::Registry;
use crate::Error;
use crate::descriptor::{Declaration, Descriptor};

/// A struct of metrics. Derived with `#[derive(Metrics)]`.
pub trait Metrics: Sized {
    /// The metrics of this struct, its own prefix in their names, without those of nested structs.
    const DECLARATIONS: &'static [Declaration];

    /// Tells all metrics, nested structs included, prefixes applied.
    fn describe(describe: &mut dyn FnMut(Descriptor));

    /// Registers every metric, or none.
    ///
    /// # Errors
    /// If one of the definitions clashes with one that is registered; see [`Registry::register`].
    fn register(registry: &Registry) -> Result<Self, Error>;
}
