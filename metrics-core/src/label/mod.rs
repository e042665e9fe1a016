//! Label values and label sets.

mod set;
mod value;

pub use set::{LabelSet, LabelVisitor, NoLabels};
pub use value::LabelValue;
