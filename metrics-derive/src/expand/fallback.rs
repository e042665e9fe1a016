//! What is written beside errors? An implementation that does nothing, so that the uses of the type do not add theirs.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Path};

use crate::model::crate_of;

pub(super) fn metrics(input: &DeriveInput, error: &syn::Error) -> TokenStream {
    let krate = crate_of(&input.attrs, "metrics");
    let (head, errors) = (head(input, &krate, quote!(Metrics)), error.to_compile_error());
    quote! {
        #errors
        #head {
            const DECLARATIONS: &'static [#krate::Declaration] = &[];
            fn describe(_: &mut dyn ::core::ops::FnMut(#krate::Descriptor)) {}
            fn register(_: &#krate::Registry) -> ::core::result::Result<Self, #krate::Error> {
                ::core::unreachable!()
            }
        }
    }
}

pub(super) fn label_set(input: &DeriveInput, error: &syn::Error) -> TokenStream {
    let krate = crate_of(&input.attrs, "label");
    let (head, errors) = (head(input, &krate, quote!(LabelSet)), error.to_compile_error());
    quote! {
        #errors
        #head {
            type Schema = #krate::NoLabels;
            const LABELS: &'static [#krate::LabelDeclaration] = &[];
            fn index(&self) -> ::core::primitive::usize {
                0
            }
            fn visit<__V: #krate::LabelVisitor>(&self, _: &mut __V) {}
        }
    }
}

pub(super) fn label_value(input: &DeriveInput, error: &syn::Error) -> TokenStream {
    let errors = error.to_compile_error();
    // What is no plain enum is hardly `Copy`, which would be one more error.
    if !matches!(input.data, Data::Enum(_)) || !input.generics.params.is_empty() {
        return errors;
    }
    let krate = crate_of(&input.attrs, "label");
    let head = head(input, &krate, quote!(LabelValue));
    quote! {
        #errors
        #head {
            const VALUES: &'static [&'static ::core::primitive::str] = &[];
            fn index(self) -> ::core::primitive::usize {
                0
            }
        }
    }
}

fn head(input: &DeriveInput, krate: &Path, name: TokenStream) -> TokenStream {
    let ident = &input.ident;
    let (parameters, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #parameters #krate::#name for #ident #arguments #bounds
    }
}
