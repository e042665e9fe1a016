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
mod shape;

pub(crate) use number::Number;

use syn::{Attribute, Path, parse_quote};

use crate::attr::read;
use crate::errors::Errors;

/// The crate to which the expansion refers unless told otherwise.
fn default_crate() -> Path {
    parse_quote!(::metrics_core)
}

/// The crate that an item names, whatever else is wrong with it.
pub(crate) fn crate_of(attributes: &[Attribute], name: &str) -> Path {
    let errors = Errors::new();
    let entry = read(&errors, attributes, name).into_iter().find(|entry| entry.is("crate"));
    let krate = entry.and_then(|entry| entry.path(&errors, CRATE_EXAMPLE));
    // They have been reported where the item was read.
    let _ = errors.finish();
    krate.unwrap_or_else(default_crate)
}

/// How `crate` is given.
const CRATE_EXAMPLE: &str = "`crate = path::to::metrics_core`";

/// A name without `r#`.
fn plain(ident: &proc_macro2::Ident) -> String {
    use syn::ext::IdentExt;
    ident.unraw().to_string()
}
