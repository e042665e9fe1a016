//! What is written for an enum of label values?

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::label_value::LabelValue;

pub(super) fn expand(label: &LabelValue) -> TokenStream {
    let LabelValue { ident, krate, values } = label;
    let texts = values.iter().map(|value| &value.text);
    let variants = values.iter().map(|value| &value.ident);
    let places = 0..values.len();
    let parse = parse(label);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::LabelValue for #ident {
            const VALUES: &'static [&'static ::core::primitive::str] = &[#(#texts),*];

            #[inline]
            fn index(self) -> ::core::primitive::usize {
                match self {
                    #(Self::#variants => #places,)*
                }
            }
        }

        #parse
    }
}

/// From any text, where one variant stands for all that are not known.
fn parse(label: &LabelValue) -> Option<TokenStream> {
    let ident = &label.ident;
    let other = label.values.iter().find(|value| value.other.is_some()).map(|value| &value.ident)?;
    let known = label.values.iter().filter(|value| value.other.is_none());
    let arms = known.map(|value| {
        let (variant, text) = (&value.ident, &value.text);
        quote!(#text => Self::#variant)
    });
    Some(quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl ::core::convert::From<&::core::primitive::str> for #ident {
            fn from(text: &::core::primitive::str) -> Self {
                match text {
                    #(#arms,)*
                    _ => Self::#other,
                }
            }
        }
    })
}
