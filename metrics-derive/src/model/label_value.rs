//! What does an enum of label values say?

use proc_macro2::Ident;
use syn::{Data, DataEnum, DeriveInput, Fields, LitStr, Path, Variant};

use super::case::Case;
use super::{CRATE_EXAMPLE, default_crate, plain};
use crate::attr::{Entry, Slot, read};
use crate::errors::Errors;

/// An enum of label values.
pub(crate) struct LabelValue {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    pub(crate) values: Vec<Value>,
}

/// One value.
pub(crate) struct Value {
    pub(crate) ident: Ident,
    pub(crate) text: String,
    /// Where the text is given, if it is not made of the variant's name.
    pub(crate) literal: Option<LitStr>,
    /// Where it says that it stands for every other text.
    pub(crate) other: Option<Ident>,
}

impl LabelValue {
    pub(crate) fn read(errors: &Errors, input: &DeriveInput) -> Option<Self> {
        let mut krate = Slot::default();
        let mut case = Slot::default();
        for entry in read(errors, &input.attrs, "label") {
            let key = entry.key.clone();
            match key.to_string().as_str() {
                "crate" => krate.set(errors, key, entry.path(errors, CRATE_EXAMPLE)),
                "rename_all" => case.set(errors, key, read_case(errors, entry)),
                _ => entry.unknown(errors, "`#[label(...)]` on label values", &["rename_all", "crate"]),
            }
        }
        if !input.generics.params.is_empty() {
            errors.at(&input.generics, "label values have no parameters: they are all known beforehand");
        }
        let case = case.value().unwrap_or(Case::Snake);
        let variants = &enumeration(errors, input)?.variants;
        let values = variants.iter().map(|variant| Value::read(errors, variant, case)).collect();
        Some(Self { ident: input.ident.clone(), krate: krate.value().unwrap_or_else(default_crate), values })
    }
}

impl Value {
    fn read(errors: &Errors, variant: &Variant, case: Case) -> Self {
        if !matches!(variant.fields, Fields::Unit) {
            let message = "a label value is one of a few known texts and has no data: give texts that are not known a \
                           variant with `#[label(other)]`, or make the label a `String`";
            errors.at(&variant.fields, message);
        }
        let mut rename = Slot::default();
        let mut other = Slot::default();
        for entry in read(errors, &variant.attrs, "label") {
            let key = entry.key.clone();
            match key.to_string().as_str() {
                "rename" => rename.set(errors, key, entry.string(errors)),
                "other" => other.set(errors, key, entry.flag(errors)),
                _ => entry.unknown(errors, "`#[label(...)]` on a variant", &["rename", "other"]),
            }
        }
        let literal: Option<LitStr> = rename.value();
        let text = literal.as_ref().map_or_else(|| case.apply(&plain(&variant.ident)), LitStr::value);
        Self { ident: variant.ident.clone(), text, literal, other: other.take().map(|given| given.key) }
    }
}

fn read_case(errors: &Errors, entry: Entry) -> Option<Case> {
    let name = entry.string(errors)?;
    let case = Case::named(&name.value());
    if case.is_none() {
        errors.at(&name, format_args!("`rename_all` is one of {}", Case::names()));
    }
    case
}

fn enumeration<'a>(errors: &Errors, input: &'a DeriveInput) -> Option<&'a DataEnum> {
    match &input.data {
        Data::Enum(data) if !data.variants.is_empty() => return Some(data),
        Data::Enum(_) => errors.at(&input.ident, "an enum without variants has no label value: add a variant"),
        _ => {
            let message = "`LabelValue` is for enums whose variants are a label's values: for a struct whose fields are \
                           labels derive `LabelSet`";
            errors.at(&input.ident, message);
        }
    }
    None
}
