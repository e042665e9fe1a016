//! The derive macros of `metrics-core`, where they are documented and through which they are used.
//!
//! The way of an input: `attr` reads attributes, `model` makes a model of the item, `check` applies the rules that
//! can be applied without knowing types (`rules` are the very functions of metrics-core), `expand` writes the code,
//! with constants that apply the rest. `errors` collects what is wrong on the way, so that all of it is reported.

#![forbid(unsafe_code)]

mod attr;
mod check;
mod errors;
mod expand;
mod model;
mod rules;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

#[doc = include_str!("../docs/metrics.md")]
#[proc_macro_derive(Metrics, attributes(metrics, metric))]
pub fn derive_metrics(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::metrics(&input).into()
}

#[doc = include_str!("../docs/label_set.md")]
#[proc_macro_derive(LabelSet, attributes(label))]
pub fn derive_label_set(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::label_set(&input).into()
}

#[doc = include_str!("../docs/label_value.md")]
#[proc_macro_derive(LabelValue, attributes(label))]
pub fn derive_label_value(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::label_value(&input).into()
}
