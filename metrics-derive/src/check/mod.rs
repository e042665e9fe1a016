//! Which rules can be applied without knowing types? They are reported here, together and each at its token; the rest is
//! left to constants in the expansion.

mod intent;
mod label;
mod metric;
mod metrics;

pub(crate) use label::{label_set, label_value};
pub(crate) use metrics::metrics;
