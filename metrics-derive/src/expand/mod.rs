//! What is written for an input: its code, or its errors and an implementation that does nothing.

mod declaration;
mod fallback;
mod label_set;
mod label_value;
mod metrics;

use proc_macro2::{Span, TokenStream};
use syn::DeriveInput;

use crate::errors::Errors;
use crate::{check, model};

pub(crate) fn metrics(input: &DeriveInput) -> TokenStream {
    run(input, model::metrics::Metrics::read, check::metrics, metrics::expand)
        .unwrap_or_else(|error| fallback::metrics(input, &error))
}

pub(crate) fn label_set(input: &DeriveInput) -> TokenStream {
    run(input, model::label_set::LabelSet::read, check::label_set, label_set::expand)
        .unwrap_or_else(|error| fallback::label_set(input, &error))
}

pub(crate) fn label_value(input: &DeriveInput) -> TokenStream {
    run(input, model::label_value::LabelValue::read, check::label_value, label_value::expand)
        .unwrap_or_else(|error| fallback::label_value(input, &error))
}

fn run<M>(
    input: &DeriveInput,
    read: fn(&Errors, &DeriveInput) -> Option<M>,
    check: fn(&Errors, &M),
    expand: fn(&M) -> TokenStream,
) -> syn::Result<TokenStream> {
    let errors = Errors::new();
    let model = read(&errors, input);
    if let Some(model) = &model {
        check(&errors, model);
    }
    errors.finish()?;
    Ok(model.as_ref().map(expand).unwrap_or_default())
}

/// The place of a token, but not as if the user had written what is there: users' lints leave it alone.
fn place(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}
