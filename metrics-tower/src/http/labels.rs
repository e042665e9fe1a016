//! Which labels does a request have, and in which order are they written?
//!
//! Every label but the route is a place in a list, so a request's labels are a [`Key`] of small numbers and one
//! text. Which of them are written, and under which names, is a [`Schema`]: presets and opt-in labels change the schema
//! and nothing else.

use std::borrow::Cow;
use std::sync::Arc;

use metrics_core::descriptor::LabelDescriptor;
use metrics_core::{LabelDeclaration, LabelSet, LabelValues, LabelVisitor};

use super::texts::CappedTexts;
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
    /// The word of a [`Key`] and the lowest bit there.
    #[inline]
    fn place(self) -> (usize, u32) {
        match self {
            Self::Method => (0, 0),
            Self::Status => (0, 8),
            Self::Error => (0, 20),
            Self::Scheme => (0, 36),
            Self::Version => (0, 40),
            Self::Grpc => (0, 44),
            Self::Extra(at) => (1, 16 * u32::from(at)),
        }
    }

    /// How many bits it has, enough for every value and for none.
    #[inline]
    fn mask(self) -> u64 {
        match self {
            Self::Method => 0xff,
            Self::Status => 0xfff,
            Self::Error | Self::Extra(_) => 0xffff,
            Self::Scheme | Self::Version => 0xf,
            Self::Grpc => 0xff,
        }
    }
}

/// The enumerable labels of a request: for each field the place of its value plus one, or 0 for none.
//
// Two words, because it travels with each request and is compared with what is remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Key([u64; 2]);

impl Key {
    #[inline]
    pub(crate) fn value(&self, field: Field) -> Option<u16> {
        let (word, bit) = field.place();
        ((self.0[word] >> bit & field.mask()) as u16).checked_sub(1)
    }

    #[inline]
    pub(crate) fn set(&mut self, field: Field, value: Option<u16>) {
        let (word, bit) = field.place();
        let value = value.map_or(0, |value| u64::from(value) + 1);
        debug_assert!(value <= field.mask());
        self.0[word] = self.0[word] & !(field.mask() << bit) | value << bit;
    }

    /// A small number that differs between the keys that one route usually sees, whichever label tells them apart.
    //
    // Every bit of the key reaches the highest bits of the product, and no others.
    #[inline]
    pub(crate) fn mix(&self) -> usize {
        let mixed = (self.0[0] ^ self.0[1].rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 52) as usize
    }
}

/// Where a label's value comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// The route, or on the client's side the server's address.
    Route,
    /// A place in a fixed list.
    Field(Field),
    /// A place among texts that are capped.
    Text(Field, Arc<CappedTexts>),
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

    pub(crate) fn push_text(&mut self, name: &str, field: Field, texts: &Arc<CappedTexts>) {
        let (source, values) = (Source::Text(field, Arc::clone(texts)), LabelValues::Dynamic);
        self.labels.push(SchemaLabel { name: name.to_owned().into(), source, values, optional: true });
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
            match &label.source {
                Source::Route => match self.route {
                    Some(route) => visitor.text(route),
                    None => visitor.absent(),
                },
                Source::Field(field) => match self.key.value(*field) {
                    Some(at) => visitor.enumerated(at.into()),
                    None => visitor.absent(),
                },
                Source::Text(field, texts) => match self.key.value(*field) {
                    Some(at) => visitor.text(texts.text(at)),
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
