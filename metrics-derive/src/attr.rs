//! What does an attribute say? `key`, `key = value` and `key(…)`, read before anything is known about the keys.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitBool, LitStr, Path, Token, parenthesized, token};

use crate::errors::Errors;

/// One item of an attribute's list.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    body: Body,
}

enum Body {
    Flag,
    Value(Expr),
    List(Vec<Entry>),
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        let body = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Body::Value(bare(input.parse()?))
        } else if input.peek(token::Paren) {
            let list;
            parenthesized!(list in input);
            Body::List(entries(&list)?)
        } else {
            Body::Flag
        };
        Ok(Self { key, body })
    }
}

impl ToTokens for Entry {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.key.to_tokens(tokens);
        if let Body::Value(value) = &self.body {
            value.to_tokens(tokens);
        }
    }
}

/// An expression without the invisible brackets that it has if it went through a macro.
pub(crate) fn bare(expression: Expr) -> Expr {
    match expression {
        Expr::Group(group) => bare(*group.expr),
        other => other,
    }
}

fn entries(input: ParseStream<'_>) -> syn::Result<Vec<Entry>> {
    Ok(Punctuated::<Entry, Token![,]>::parse_terminated(input)?.into_iter().collect())
}

/// The entries of all attributes of this name.
pub(crate) fn read(errors: &Errors, attributes: &[Attribute], name: &str) -> Vec<Entry> {
    let mut all = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        match attribute.parse_args_with(|input: ParseStream<'_>| entries(input)) {
            Ok(entries) => all.extend(entries),
            Err(error) => errors.push(error),
        }
    }
    all
}

impl Entry {
    pub(crate) fn is(&self, key: &str) -> bool {
        self.key == key
    }

    /// The value is a string.
    pub(crate) fn string(self, errors: &Errors) -> Option<LitStr> {
        let example = format!("`{} = \"...\"`", self.key);
        match self.body {
            Body::Value(Expr::Lit(ExprLit { lit: Lit::Str(string), .. })) => Some(string),
            _ => self.malformed(errors, &example),
        }
    }

    /// The value is `true` or `false`.
    pub(crate) fn boolean(self, errors: &Errors) -> Option<LitBool> {
        let example = format!("`{0} = true` or `{0} = false`", self.key);
        match self.body {
            Body::Value(Expr::Lit(ExprLit { lit: Lit::Bool(boolean), .. })) => Some(boolean),
            _ => self.malformed(errors, &example),
        }
    }

    /// The value is a path.
    pub(crate) fn path(self, errors: &Errors, example: &str) -> Option<Path> {
        match self.body {
            Body::Value(Expr::Path(path)) if path.qself.is_none() => Some(path.path),
            _ => self.malformed(errors, example),
        }
    }

    /// The value is an expression.
    pub(crate) fn expression(self, errors: &Errors, example: &str) -> Option<Expr> {
        match self.body {
            Body::Value(value) => Some(value),
            _ => self.malformed(errors, example),
        }
    }

    /// There is no value.
    pub(crate) fn flag(self, errors: &Errors) -> Option<()> {
        let example = format!("`{}` without a value", self.key);
        match self.body {
            Body::Flag => Some(()),
            _ => self.malformed(errors, &example),
        }
    }

    /// A list in parentheses.
    pub(crate) fn list(self, errors: &Errors, example: &str) -> Option<Vec<Self>> {
        match self.body {
            Body::List(list) => Some(list),
            _ => self.malformed(errors, example),
        }
    }

    /// A list in parentheses, or nothing, which is an empty list.
    pub(crate) fn list_or_flag(self, errors: &Errors, example: &str) -> Option<Vec<Self>> {
        match self.body {
            Body::Flag => Some(Vec::new()),
            _ => self.list(errors, example),
        }
    }

    fn malformed<T>(self, errors: &Errors, example: &str) -> Option<T> {
        errors.at(&self, format_args!("write {example}"));
        None
    }

    /// The key is none of those that belong here.
    pub(crate) fn unknown(&self, errors: &Errors, place: &str, known: &[&str]) {
        let known = known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        errors.at(&self.key, format_args!("`{}` means nothing in {place}; known are {known}", self.key));
    }
}

/// What a key was given, which can be once.
pub(crate) struct Slot<T> {
    given: Option<Given<T>>,
}

/// A value with the key that it was given for.
pub(crate) struct Given<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { given: None }
    }
}

impl<T> Slot<T> {
    /// Takes the value, unless there is one already.
    pub(crate) fn set(&mut self, errors: &Errors, key: Ident, value: Option<T>) {
        if self.given.is_some() {
            errors.at(&key, format_args!("`{key}` is given twice: leave one of them out"));
        } else if let Some(value) = value {
            self.given = Some(Given { key, value });
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.given.is_none()
    }

    pub(crate) fn take(self) -> Option<Given<T>> {
        self.given
    }

    pub(crate) fn value(self) -> Option<T> {
        self.given.map(|given| given.value)
    }

    pub(crate) fn key(&self) -> Option<&Ident> {
        self.given.as_ref().map(|given| &given.key)
    }
}
