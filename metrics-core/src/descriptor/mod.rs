//! What a metric is, apart from its values: name, type, unit, help, labels, buckets, and what is to be made of it.
//!
//! A [`Declaration`] is the constant form that the derive macro emits and hand-written code may write; a
//! [`Descriptor`] is the owned form that a registry keeps, with prefix and constant labels applied.

mod declaration;
mod owned;
mod rules;
pub mod validate;

pub use declaration::{
    Autoscale, AutoscaleTarget, Combine, Declaration, LabelDeclaration, LabelValues, MetricType, NativeDeclaration,
    Objective, ObjectiveBound,
};
pub use owned::{Descriptor, LabelDescriptor};
