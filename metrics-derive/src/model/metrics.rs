//! What does a struct of metrics say?

use proc_macro2::Ident;
use syn::{Data, DeriveInput, Fields, LitStr, Path};

use super::metric::{Member, Metric, Nested};
use super::{CRATE_EXAMPLE, default_crate};
use crate::attr::{Entry, Slot, read};
use crate::errors::Errors;

/// A struct of metrics.
pub(crate) struct Metrics {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    pub(crate) prefix: Option<LitStr>,
    pub(crate) members: Vec<Member>,
}

impl Metrics {
    pub(crate) fn read(errors: &Errors, input: &DeriveInput) -> Option<Self> {
        let mut krate = Slot::default();
        let mut prefix = Slot::default();
        for entry in read(errors, &input.attrs, "metrics") {
            read_key(errors, entry, &mut krate, &mut prefix);
        }
        if !input.generics.params.is_empty() {
            errors.at(&input.generics, "a struct of metrics has no parameters: its declarations are constants");
        }
        let members = fields(errors, input)?.iter().filter_map(|field| Member::read(errors, field)).collect();
        let krate = krate.value().unwrap_or_else(default_crate);
        Some(Self { ident: input.ident.clone(), krate, prefix: prefix.value(), members })
    }

    /// A metric's name, prefix included.
    pub(crate) fn full_name(&self, metric: &Metric) -> String {
        joined(&self.prefix(), &metric.name)
    }

    /// What is put before the names of a nested struct's metrics, empty if nothing is.
    pub(crate) fn nested_prefix(&self, nested: &Nested) -> String {
        match &nested.prefix {
            Some(own) => joined(&self.prefix(), &own.value()),
            None => self.prefix(),
        }
    }

    fn prefix(&self) -> String {
        self.prefix.as_ref().map_or_else(String::new, LitStr::value)
    }

    pub(crate) fn metrics(&self) -> impl Iterator<Item = &Metric> {
        self.members.iter().filter_map(|member| match member {
            Member::Metric(metric) => Some(&**metric),
            Member::Nested(_) => None,
        })
    }

    pub(crate) fn nested(&self) -> impl Iterator<Item = &Nested> {
        self.members.iter().filter_map(|member| match member {
            Member::Metric(_) => None,
            Member::Nested(nested) => Some(&**nested),
        })
    }
}

fn joined(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}_{name}") }
}

fn read_key(errors: &Errors, entry: Entry, krate: &mut Slot<Path>, prefix: &mut Slot<LitStr>) {
    let key = entry.key.clone();
    match key.to_string().as_str() {
        "prefix" => prefix.set(errors, key, entry.string(errors)),
        "crate" => krate.set(errors, key, entry.path(errors, CRATE_EXAMPLE)),
        _ => entry.unknown(errors, "`#[metrics(...)]`", &["prefix", "crate"]),
    }
}

fn fields<'a>(errors: &Errors, input: &'a DeriveInput) -> Option<&'a Fields> {
    match &input.data {
        Data::Struct(data) if matches!(data.fields, Fields::Unnamed(_)) => {
            errors.at(&data.fields, "metrics are named after their fields: use a struct with named fields");
            None
        }
        Data::Struct(data) => Some(&data.fields),
        _ => {
            errors.at(&input.ident, "`Metrics` is for structs whose fields are metrics");
            None
        }
    }
}
