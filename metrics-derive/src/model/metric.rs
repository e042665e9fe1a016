//! What does one field of a struct of metrics say?

use proc_macro2::{Ident, Span};
use syn::{Expr, Field, LitBool, LitStr, Type};

use super::intent::{Autoscale, Objective, integer};
use super::{Number, doc, plain, shape::Shape};
use crate::attr::{Entry, Given, Slot, read};
use crate::errors::Errors;

const KEYS: [&str; 13] = [
    "name",
    "help",
    "unit",
    "buckets",
    "native",
    "classic",
    "zero_init",
    "max_series",
    "max_value_bytes",
    "autoscale",
    "objective",
    "nested",
    "prefix",
];
const NATIVE_KEYS: [&str; 3] = ["factor", "zero_threshold", "max_buckets"];

/// A field: a metric, or a struct of metrics.
pub(crate) enum Member {
    Metric(Box<Metric>),
    Nested(Box<Nested>),
}

/// A metric.
pub(crate) struct Metric {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) shape: Shape,
    /// The name without the struct's prefix.
    pub(crate) name: String,
    /// The name's literal, where it is not the field's name.
    pub(crate) name_literal: Option<LitStr>,
    pub(crate) help: String,
    pub(crate) help_literal: Option<LitStr>,
    pub(crate) unit: Option<LitStr>,
    pub(crate) buckets: Option<Given<Buckets>>,
    pub(crate) native: Option<Given<Native>>,
    pub(crate) classic: Option<Given<LitBool>>,
    pub(crate) zero_init: Option<Given<LitBool>>,
    pub(crate) max_series: Option<Given<u32>>,
    pub(crate) max_value_bytes: Option<Given<u32>>,
    pub(crate) autoscale: Option<Autoscale>,
    pub(crate) objectives: Vec<Objective>,
}

/// A struct of metrics within another.
pub(crate) struct Nested {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) prefix: Option<LitStr>,
}

/// Bucket bounds: a list, or an expression that makes one.
pub(crate) enum Buckets {
    List(Expr, Vec<Number>),
    Expression(Expr),
}

/// How a native histogram is kept; what is not given is as usual.
#[derive(Default)]
pub(crate) struct Native {
    pub(crate) factor: Option<Number>,
    pub(crate) zero_threshold: Option<Number>,
    pub(crate) max_buckets: Option<u16>,
}

impl Member {
    pub(super) fn read(errors: &Errors, field: &Field) -> Option<Self> {
        let ident = field.ident.clone()?;
        let mut keys = Keys::default();
        for entry in read(errors, &field.attrs, "metric") {
            keys.read(errors, entry);
        }
        Some(if keys.nested.is_empty() {
            Self::Metric(Box::new(keys.metric(errors, ident, field)))
        } else {
            Self::Nested(Box::new(keys.nested(errors, ident, field)))
        })
    }
}

impl Metric {
    /// Where its name comes from.
    pub(crate) fn name_span(&self) -> Span {
        self.name_literal.as_ref().map_or_else(|| self.ident.span(), LitStr::span)
    }
}

#[derive(Default)]
struct Keys {
    name: Slot<LitStr>,
    help: Slot<LitStr>,
    unit: Slot<LitStr>,
    buckets: Slot<Buckets>,
    native: Slot<Native>,
    classic: Slot<LitBool>,
    zero_init: Slot<LitBool>,
    max_series: Slot<u32>,
    max_value_bytes: Slot<u32>,
    autoscale: Slot<Autoscale>,
    objectives: Vec<Objective>,
    nested: Slot<()>,
    prefix: Slot<LitStr>,
    /// Every key but those of nested structs.
    of_metrics: Vec<Ident>,
}

impl Keys {
    fn read(&mut self, errors: &Errors, entry: Entry) {
        let key = entry.key.clone();
        if !entry.is("nested") && !entry.is("prefix") {
            self.of_metrics.push(key.clone());
        }
        match key.to_string().as_str() {
            "name" => self.name.set(errors, key, entry.string(errors)),
            "help" => self.help.set(errors, key, entry.string(errors)),
            "unit" => self.unit.set(errors, key, entry.string(errors)),
            "buckets" => self.buckets.set(errors, key, buckets(errors, entry)),
            "native" => self.native.set(errors, key, native(errors, entry)),
            "classic" => self.classic.set(errors, key, entry.boolean(errors)),
            "zero_init" => self.zero_init.set(errors, key, entry.boolean(errors)),
            "max_series" => self.max_series.set(errors, key, integer(errors, entry)),
            "max_value_bytes" => self.max_value_bytes.set(errors, key, integer(errors, entry)),
            "autoscale" => self.autoscale.set(errors, key, Autoscale::read(errors, entry)),
            "objective" => self.objectives.extend(Objective::read(errors, entry)),
            "nested" => self.nested.set(errors, key, entry.flag(errors)),
            "prefix" => self.prefix.set(errors, key, entry.string(errors)),
            _ => entry.unknown(errors, "`#[metric(...)]`", &KEYS),
        }
    }

    fn nested(self, errors: &Errors, ident: Ident, field: &Field) -> Nested {
        for key in &self.of_metrics {
            let reason = "is for one metric, and `nested` says that this is a struct of them";
            errors.at(key, format_args!("`{key}` {reason}: leave it out"));
        }
        Nested { ident, ty: field.ty.clone(), prefix: self.prefix.value() }
    }

    fn metric(self, errors: &Errors, ident: Ident, field: &Field) -> Metric {
        if let Some(key) = self.prefix.key() {
            errors.at(key, "`prefix` is for nested structs: write the whole name with `name`, or add `nested`");
        }
        let name_literal = self.name.value();
        let help_literal = self.help.value();
        Metric {
            shape: Shape::of(&field.ty),
            ty: field.ty.clone(),
            name: name_literal.as_ref().map_or_else(|| plain(&ident), LitStr::value),
            name_literal,
            help: help_literal.as_ref().map_or_else(|| doc::summary(&field.attrs), LitStr::value),
            help_literal,
            ident,
            unit: self.unit.value(),
            buckets: self.buckets.take(),
            native: self.native.take(),
            classic: self.classic.take(),
            zero_init: self.zero_init.take(),
            max_series: self.max_series.take(),
            max_value_bytes: self.max_value_bytes.take(),
            autoscale: self.autoscale.value(),
            objectives: self.objectives,
        }
    }
}

fn buckets(errors: &Errors, entry: Entry) -> Option<Buckets> {
    let expression = entry.expression(errors, "`buckets = [0.1, 0.5, 1.0]`, or a constant")?;
    Some(match &expression {
        Expr::Array(array) => {
            let bounds = array.elems.iter().cloned().map(Number::new).collect();
            Buckets::List(expression, bounds)
        }
        _ => Buckets::Expression(expression),
    })
}

fn native(errors: &Errors, entry: Entry) -> Option<Native> {
    let mut factor = Slot::default();
    let mut zero_threshold = Slot::default();
    let mut max_buckets = Slot::default();
    let example = "`native` or `native(factor = 1.1, zero_threshold = 1e-9, max_buckets = 160)`";
    for entry in entry.list_or_flag(errors, example)? {
        let key = entry.key.clone();
        match key.to_string().as_str() {
            "factor" => factor.set(errors, key, entry.expression(errors, "`factor = 1.1`")),
            "zero_threshold" => zero_threshold.set(errors, key, entry.expression(errors, "`zero_threshold = 1e-9`")),
            "max_buckets" => max_buckets.set(errors, key, integer(errors, entry)),
            _ => entry.unknown(errors, "`native(...)`", &NATIVE_KEYS),
        }
    }
    Some(Native {
        factor: factor.value().map(Number::new),
        zero_threshold: zero_threshold.value().map(Number::new),
        max_buckets: max_buckets.value(),
    })
}
