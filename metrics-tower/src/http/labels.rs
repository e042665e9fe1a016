//! Which labels does a request have, and in which order are they written?
//!
//! Every label but the route is a place in a fixed list, so a request's labels are a [`Key`] of small numbers and one
//! text. Which of them are written, and under which names, is a [`Schema`]: presets and opt-in labels change the schema
//! and nothing else.

use std::borrow::Cow;

use metrics_core::descriptor::LabelDescriptor;
use metrics_core::{LabelDeclaration, LabelSet, LabelValues, LabelVisitor};

use super::values;

/// How many labels from extensions a configuration may add.
pub(crate) const MAX_EXTRA: usize = 4;

/// A label's place in a [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Method,
    Status,
    Error,
    Scheme,
    Version,
    Grpc,
    Extra(u8),
}

impl Field {
    fn place(self) -> usize {
        match self {
            Self::Method => 0,
            Self::Status => 1,
            Self::Error => 2,
            Self::Scheme => 3,
            Self::Version => 4,
            Self::Grpc => 5,
            Self::Extra(at) => 6 + usize::from(at),
        }
    }
}

/// The enumerable labels of a request: for each field the place of its value, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Key([u16; 6 + MAX_EXTRA]);

impl Key {
    pub(crate) fn value(&self, field: Field) -> Option<u16> {
        self.0[field.place()].checked_sub(1)
    }

    pub(crate) fn set(&mut self, field: Field, value: Option<u16>) {
        self.0[field.place()] = value.map_or(0, |value| value + 1);
    }

    /// A number that differs between the keys that one route usually sees.
    pub(crate) fn mix(&self) -> usize {
        self.0.iter().fold(0, |mixed: usize, &field| mixed.wrapping_mul(5).wrapping_add(field.into()))
    }
}

/// Where a label's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The route, or on the client's side the server's address.
    Route,
    /// A place in a fixed list.
    Field(Field),
}

/// One label of a [`Schema`].
#[derive(Clone, Debug)]
pub(crate) struct SchemaLabel {
    pub(crate) name: Cow<'static, str>,
    pub(crate) source: Source,
    pub(crate) values: LabelValues,
    pub(crate) optional: bool,
}

/// The labels that are written, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    pub(crate) labels: Vec<SchemaLabel>,
}

impl Schema {
    pub(crate) fn push(&mut self, name: &str, field: Field, values: &'static [&'static str], optional: bool) {
        let values = LabelValues::Enumerated(values);
        self.labels.push(SchemaLabel { name: name.to_owned().into(), source: Source::Field(field), values, optional });
    }

    pub(crate) fn push_route(&mut self, name: &str) {
        let values = LabelValues::Dynamic;
        self.labels.push(SchemaLabel { name: name.to_owned().into(), source: Source::Route, values, optional: true });
    }

    pub(crate) fn descriptors(&self) -> Vec<LabelDescriptor> {
        let describe = |label: &SchemaLabel| LabelDescriptor {
            name: label.name.clone(),
            values: label.values,
            optional: label.optional,
        };
        self.labels.iter().map(describe).collect()
    }
}

/// The labels of one request under a schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestLabels<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) route: Option<&'a str>,
    pub(crate) key: &'a Key,
}

impl LabelSet for RequestLabels<'_> {
    type Schema = RequestLabels<'static>;

    // The descriptor that a family is registered with says which labels this configuration has.
    const LABELS: &'static [LabelDeclaration] = &[];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        for label in &self.schema.labels {
            match label.source {
                Source::Route => match self.route {
                    Some(route) => visitor.text(route),
                    None => visitor.absent(),
                },
                Source::Field(field) => match self.key.value(field) {
                    Some(at) => visitor.enumerated(at.into()),
                    None => visitor.absent(),
                },
            }
        }
    }
}

/// The method alone, for what is in flight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MethodLabel(pub(crate) u16);

impl LabelSet for MethodLabel {
    type Schema = Self;

    const LABELS: &'static [LabelDeclaration] =
        &[LabelDeclaration::new("http_request_method", LabelValues::Enumerated(values::METHODS))];

    fn index(&self) -> usize {
        self.0.into()
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        visitor.enumerated(self.0.into());
    }
}

/// The name of an objective.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SloLabel<'a>(pub(crate) &'a str);

impl LabelSet for SloLabel<'_> {
    type Schema = SloLabel<'static>;

    const LABELS: &'static [LabelDeclaration] = &[LabelDeclaration::new("slo", LabelValues::Dynamic)];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        visitor.text(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_back_what_was_set_and_nothing_else() {
        let fields = [Field::Method, Field::Status, Field::Error, Field::Scheme, Field::Version, Field::Grpc];
        let extra = (0..MAX_EXTRA as u8).map(Field::Extra);
        let fields: Vec<_> = fields.into_iter().chain(extra).collect();
        for (number, field) in fields.iter().enumerate() {
            let mut key = Key::default();
            key.set(*field, Some(number as u16));
            for other in &fields {
                assert_eq!(key.value(*other), (other == field).then_some(number as u16), "{other:?} after {field:?}");
            }
            key.set(*field, None);
            assert_eq!(key, Key::default());
        }
    }
}
