//! What is written for an input: its code, or its errors and an implementation that does nothing.

mod declaration;
mod fallback;
mod label_set;
mod label_value;
mod metrics;
#[cfg(test)]
mod tests;

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{DeriveInput, Path};

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

/// A constant that asks metrics-core's validator, and that is an error at this place if it objects.
///
/// The call stands there as a whole, from its first token to its last, or the compiler would point at the derive. It does
/// not stand there as if the user had written it: users' lints leave it alone. Large structs within large structs are many
/// names to compare, which is no endless loop.
fn ask(krate: &Path, place: Span, question: &TokenStream) -> TokenStream {
    let place = Span::mixed_site().located_at(place);
    let mut question = question.clone().into_iter();
    let rule = question.next().map(|rule| quote_spanned!(place=> validate::#rule));
    let arguments = question.map(|mut arguments| {
        arguments.set_span(place);
        arguments
    });
    quote_spanned! {place=>
        #[allow(long_running_const_eval)]
        const _: () = {
            use #krate::__private::validate;
            #rule #(#arguments)*
        };
    }
}
