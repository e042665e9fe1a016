//! What is written for a set of labels?

use proc_macro2::{Group, Punct, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{GenericParam, Lifetime};

use super::ask;
use crate::model::label_set::{LabelSet, Member, Role};

pub(super) fn expand(set: &LabelSet) -> TokenStream {
    let LabelSet { ident, generics, krate, .. } = set;
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let schema = schema(set);
    let labels = labels(set);
    let index = index(set);
    let visits = set.members.iter().map(|member| visit(set, member));
    let checks = checks(set);
    quote! {
        #[automatically_derived]
        impl #parameters #krate::LabelSet for #ident #arguments #bounds {
            type Schema = #schema;

            const LABELS: &'static [#krate::LabelDeclaration] = #labels;

            #[inline]
            fn index(&self) -> ::core::primitive::usize {
                if <Self as #krate::LabelSet>::CARDINALITY.is_none() {
                    return 0;
                }
                #index
            }

            #[inline]
            fn visit<__V: #krate::LabelVisitor>(&self, visitor: &mut __V) {
                let _ = &visitor;
                #(#visits)*
            }
        }

        #checks
    }
}

/// The set with every lifetime `'static`.
fn schema(set: &LabelSet) -> TokenStream {
    let ident = &set.ident;
    if set.generics.params.is_empty() {
        return quote!(#ident);
    }
    let lifetimes = set.generics.params.iter().map(|parameter| match parameter {
        GenericParam::Lifetime(_) => quote!('static),
        other => other.to_token_stream(),
    });
    quote!(#ident<#(#lifetimes),*>)
}

fn labels(set: &LabelSet) -> TokenStream {
    let krate = &set.krate;
    if !set.members.iter().any(Member::is_nested) {
        let labels = set.members.iter().map(|member| label(set, member));
        return quote!(&[#(#labels),*]);
    }
    let parts = set.members.iter().map(|member| part(set, member));
    quote! {{
        const PARTS: &[&[#krate::LabelDeclaration]] = &[#(#parts),*];
        const LABELS: [#krate::LabelDeclaration; #krate::__private::label_count(PARTS)] =
            #krate::__private::concat_labels(PARTS);
        &LABELS
    }}
}

/// The labels of one field.
fn part(set: &LabelSet, member: &Member) -> TokenStream {
    if member.is_nested() {
        let (krate, ty) = (&set.krate, unborrowed(member.ty.to_token_stream()));
        return quote!(<#ty as #krate::LabelSet>::LABELS);
    }
    let label = label(set, member);
    quote!(&[#label])
}

fn label(set: &LabelSet, member: &Member) -> TokenStream {
    let Role::Label { name, .. } = &member.role else { return TokenStream::new() };
    let (krate, ty) = (&set.krate, unborrowed(member.ty.to_token_stream()));
    quote! {
        #krate::LabelDeclaration {
            name: #name,
            values: <#ty as #krate::__private::LabelField>::VALUES,
            optional: <#ty as #krate::__private::LabelField>::OPTIONS != 0,
        }
    }
}

/// The row-major index: what comes before, times how many there are of the next, plus which of them it is.
fn index(set: &LabelSet) -> TokenStream {
    let krate = &set.krate;
    let mut index = None;
    for Member { ident, ty, role } in &set.members {
        let (own, count) = match role {
            Role::Nested => (
                quote!(<#ty as #krate::LabelSet>::index(&self.#ident)),
                quote!(#krate::__private::factor(<#ty as #krate::LabelSet>::CARDINALITY)),
            ),
            Role::Label { .. } => (
                quote!(<#ty as #krate::__private::LabelField>::index(&self.#ident)),
                quote!(<#ty as #krate::__private::LabelField>::CARDINALITY),
            ),
        };
        index = Some(match index {
            Some(before) => quote!((#before) * #count + #own),
            None => own,
        });
    }
    index.unwrap_or_else(|| quote!(0))
}

fn visit(set: &LabelSet, member: &Member) -> TokenStream {
    let krate = &set.krate;
    let Member { ident, ty, role } = member;
    match role {
        Role::Nested => quote!(<#ty as #krate::LabelSet>::visit(&self.#ident, visitor);),
        Role::Label { .. } => quote!(<#ty as #krate::__private::LabelField>::visit(&self.#ident, visitor);),
    }
}

/// Constants that apply the rules for which types have to be known.
fn checks(set: &LabelSet) -> TokenStream {
    set.members.iter().enumerate().map(|(at, member)| check(set, at, member)).collect()
}

fn check(set: &LabelSet, at: usize, member: &Member) -> TokenStream {
    let krate = &set.krate;
    if !member.is_nested() {
        let ty = unborrowed(member.ty.to_token_stream());
        let options = quote!(optional_once(<#ty as #krate::__private::LabelField>::OPTIONS));
        return ask(krate, member.ty.span(), &options);
    }
    // Against the labels of the other fields; a nested set that comes later is compared when its turn comes.
    let others = set.members.iter().enumerate().filter(|(other, member)| *other < at || !member.is_nested());
    let others = others.map(|(_, member)| part(set, member));
    let own = part(set, member);
    ask(krate, member.ident.span(), &quote!(labels_apart(&[#(#others),*], #own)))
}

/// A type with every lifetime `'static`, as it can stand in a constant.
fn unborrowed(ty: TokenStream) -> TokenStream {
    let mut written = TokenStream::new();
    let mut trees = ty.into_iter();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Punct(quote) if quote.as_char() == '\'' => {
                written.extend(lifetime(&quote, trees.next()));
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), unborrowed(group.stream()));
                inner.set_span(group.span());
                written.extend([TokenTree::Group(inner)]);
            }
            other => written.extend([other]),
        }
    }
    written
}

fn lifetime(quote: &Punct, name: Option<TokenTree>) -> TokenStream {
    let span = name.map_or_else(|| quote.span(), |name| name.span());
    Lifetime::new("'static", span).into_token_stream()
}

impl Member {
    fn is_nested(&self) -> bool {
        matches!(self.role, Role::Nested)
    }
}
