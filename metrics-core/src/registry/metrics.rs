//! What is a struct of metrics?

use super::Registry;
use crate::Error;
use crate::descriptor::{Declaration, Descriptor};

/// A struct of metrics. Derived with `#[derive(Metrics)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no struct of metrics",
    label = "no struct of metrics",
    note = "a struct with `#[derive(Metrics)]` is one; a single metric is a field of one"
)]
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
