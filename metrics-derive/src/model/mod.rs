//! What does an input say? Models of the three kinds of items, free of the syntax they were written in.

mod case;
mod doc;
mod duration;
mod number;

pub(crate) mod intent;
pub(crate) mod label_set;
pub(crate) mod label_value;
pub(crate) mod metric;
pub(crate) mod metrics;

pub(crate) use number::Number;

use syn::{Path, parse_quote};

/// The crate to which the expansion refers unless told otherwise.
fn default_crate() -> Path {
    parse_quote!(::metrics_core)
}

/// How `crate` is given.
const CRATE_EXAMPLE: &str = "`crate = path::to::metrics_core`";
