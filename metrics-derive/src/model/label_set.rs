//! What does a set of labels say?

use proc_macro2::Ident;
use syn::{Data, DeriveInput, Field, Fields, Generics, LitStr, Path, Type};

use super::{CRATE_EXAMPLE, default_crate, plain};
use crate::attr::{Entry, Slot, read};
use crate::errors::Errors;

/// A set of labels.
pub(crate) struct LabelSet {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) krate: Path,
    pub(crate) members: Vec<Member>,
}

/// A field that is told: a label, or a set of labels.
pub(crate) struct Member {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) role: Role,
}

pub(crate) enum Role {
    Label { name: String, literal: Option<LitStr> },
    Nested,
}

impl LabelSet {
    pub(crate) fn read(errors: &Errors, input: &DeriveInput) -> Option<Self> {
        let mut krate = Slot::default();
        for entry in read(errors, &input.attrs, "label") {
            let key = entry.key.clone();
            match key.to_string().as_str() {
                "crate" => krate.set(errors, key, entry.path(errors, CRATE_EXAMPLE)),
                _ => entry.unknown(errors, "`#[label(...)]` on a set of labels", &["crate"]),
            }
        }
        parameters(errors, &input.generics);
        let members = fields(errors, input)?.iter().filter_map(|field| Member::read(errors, field)).collect();
        let krate = krate.value().unwrap_or_else(default_crate);
        Some(Self { ident: input.ident.clone(), generics: input.generics.clone(), krate, members })
    }
}

impl Member {
    /// `None` for a field that is skipped.
    fn read(errors: &Errors, field: &Field) -> Option<Self> {
        let ident = field.ident.clone()?;
        let mut keys = Keys::default();
        for entry in read(errors, &field.attrs, "label") {
            keys.read(errors, entry);
        }
        let role = keys.role(errors, &ident)?;
        Some(Self { ident, ty: field.ty.clone(), role })
    }
}

#[derive(Default)]
struct Keys {
    rename: Slot<LitStr>,
    nested: Slot<()>,
    skip: Slot<()>,
}

impl Keys {
    fn read(&mut self, errors: &Errors, entry: Entry) {
        let key = entry.key.clone();
        match key.to_string().as_str() {
            "rename" => self.rename.set(errors, key, entry.string(errors)),
            "nested" => self.nested.set(errors, key, entry.flag(errors)),
            "skip" => self.skip.set(errors, key, entry.flag(errors)),
            _ => entry.unknown(errors, "`#[label(...)]` on a field", &["rename", "nested", "skip"]),
        }
    }

    fn role(self, errors: &Errors, ident: &Ident) -> Option<Role> {
        self.contradictions(errors);
        if !self.skip.is_empty() {
            return None;
        }
        if !self.nested.is_empty() {
            return Some(Role::Nested);
        }
        let literal = self.rename.value();
        Some(Role::Label { name: literal.as_ref().map_or_else(|| plain(ident), LitStr::value), literal })
    }

    fn contradictions(&self, errors: &Errors) {
        let skip = self.skip.key().map(|_| "`skip`");
        let nested = self.nested.key().map(|_| "`nested`");
        let without_effect = |key: Option<&Ident>, beside: Option<&str>| {
            if let (Some(key), Some(beside)) = (key, beside) {
                errors.at(key, format_args!("`{key}` has no effect beside {beside}: leave one of them out"));
            }
        };
        without_effect(self.rename.key(), skip.or(nested));
        without_effect(self.nested.key(), skip);
    }
}

fn parameters(errors: &Errors, generics: &Generics) {
    let message = "a set of labels has no parameters but lifetimes: its labels are constants";
    generics.type_params().for_each(|parameter| errors.at(parameter, message));
    generics.const_params().for_each(|parameter| errors.at(parameter, message));
}

fn fields<'a>(errors: &Errors, input: &'a DeriveInput) -> Option<&'a Fields> {
    match &input.data {
        Data::Struct(data) if matches!(data.fields, Fields::Unnamed(_)) => {
            errors.at(&data.fields, "labels are named after their fields: use a struct with named fields");
            None
        }
        Data::Struct(data) => Some(&data.fields),
        _ => {
            let message = "`LabelSet` is for structs whose fields are labels: for an enum that is one label's values \
                           derive `LabelValue`";
            errors.at(&input.ident, message);
            None
        }
    }
}
