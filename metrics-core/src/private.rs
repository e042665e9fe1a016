//! What do the expansions of the derive macros name, and the layer? Nothing here is part of the public interface.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

pub use crate::cell::sharded_arc::{ShardedArc, sweep};
pub use crate::descriptor::validate;
use crate::{Descriptor, Error, LabelDeclaration, LabelValue, LabelValues, LabelVisitor, Metrics, Registry};

/// What can be a field of a label set.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a label",
    label = "no label",
    note = "a label is an enum with `#[derive(LabelValue)]`, `bool`, an integer up to 64 bits, a string, or `Option` of those",
    note = "a field that is a set of labels itself needs `#[label(nested)]`"
)]
pub trait LabelField {
    /// The values that it can have, apart from being left out.
    const VALUES: LabelValues;
    /// How many `Option`s there are around the value; with one it can be left out, more are refused.
    const OPTIONS: usize = 0;
    /// How many values it has, left out included; 1 for a dynamic one.
    const CARDINALITY: usize;

    /// The place of this value; 0 for a dynamic one.
    fn index(&self) -> usize;

    /// Tells the value.
    fn visit<V: LabelVisitor>(&self, visitor: &mut V);
}

impl<T: LabelValue> LabelField for T {
    const VALUES: LabelValues = LabelValues::Enumerated(T::VALUES);
    const CARDINALITY: usize = T::VALUES.len();

    #[inline]
    fn index(&self) -> usize {
        LabelValue::index(*self)
    }

    #[inline]
    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        visitor.enumerated(LabelValue::index(*self));
    }
}

impl<T: LabelField> LabelField for Option<T> {
    const VALUES: LabelValues = T::VALUES;
    const OPTIONS: usize = T::OPTIONS + 1;
    const CARDINALITY: usize = match T::VALUES {
        LabelValues::Enumerated(_) => T::CARDINALITY + 1,
        LabelValues::Dynamic => 1,
    };

    #[inline]
    fn index(&self) -> usize {
        match self {
            Some(value) => value.index(),
            None => Self::CARDINALITY - 1,
        }
    }

    #[inline]
    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        match self {
            Some(value) => value.visit(visitor),
            None => visitor.absent(),
        }
    }
}

/// A dynamic label: of these types, told by this method of the visitor.
macro_rules! dynamic {
    ($($method:ident: $value:ident => $told:expr; $($type:ty),+;)+) => {
        $($(impl LabelField for $type {
            const VALUES: LabelValues = LabelValues::Dynamic;
            const CARDINALITY: usize = 1;

            #[inline]
            fn index(&self) -> usize {
                0
            }

            #[inline]
            fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
                let $value = self;
                visitor.$method($told);
            }
        })+)+
    };
}

dynamic! {
    text: value => value; String, &str, Cow<'_, str>, Box<str>, Rc<str>, Arc<str>;
    unsigned: value => *value; u64;
    unsigned: value => u64::from(*value); u8, u16, u32;
    unsigned: value => *value as u64; usize;
    signed: value => *value; i64;
    signed: value => i64::from(*value); i8, i16, i32;
    signed: value => *value as i64; isize;
}

/// How many labels several sets have together.
pub const fn label_count(sets: &[&[LabelDeclaration]]) -> usize {
    let mut count = 0;
    let mut at = 0;
    while at < sets.len() {
        count += sets[at].len();
        at += 1;
    }
    count
}

/// The labels of several sets in one; `N` is their [`label_count`].
pub const fn concat_labels<const N: usize>(sets: &[&[LabelDeclaration]]) -> [LabelDeclaration; N] {
    let mut all = [LabelDeclaration::new("", LabelValues::Dynamic); N];
    let mut filled = 0;
    let mut set = 0;
    while set < sets.len() {
        let mut at = 0;
        while at < sets[set].len() {
            all[filled] = sets[set][at];
            filled += 1;
            at += 1;
        }
        set += 1;
    }
    all
}

/// By what the index of the labels before a nested set is multiplied.
pub const fn factor(cardinality: Option<usize>) -> usize {
    match cardinality {
        Some(cardinality) => cardinality,
        None => 1,
    }
}

/// Describes a struct's own metrics.
pub fn describe_own<M: Metrics>(describe: &mut dyn FnMut(Descriptor)) {
    for declaration in M::DECLARATIONS {
        describe((*declaration).into());
    }
}

/// Describes the metrics of a nested struct with the outer prefix in their names.
pub fn prefixed(prefix: &str, describe: &mut dyn FnMut(Descriptor)) -> impl FnMut(Descriptor) {
    move |mut descriptor| {
        if !prefix.is_empty() {
            descriptor.name = format!("{prefix}_{}", descriptor.name);
        }
        describe(descriptor);
    }
}

/// Whether all metrics of a struct can be registered; asked before the first of them is.
///
/// # Errors
///
/// The first one that cannot, and two of one name: deeper than one level the compiler does not see them, and a registry
/// takes them for one metric that is asked for twice.
pub fn check<M: Metrics>(registry: &Registry) -> Result<(), Error> {
    let mut descriptors = Vec::new();
    M::describe(&mut |descriptor| descriptors.push(descriptor));
    let mut known = HashMap::new();
    for descriptor in &descriptors {
        if let Some(first) = known.insert(&descriptor.name, descriptor) {
            return Err(twice(first, descriptor));
        }
    }
    registry.check(&descriptors)
}

fn twice(first: &Descriptor, second: &Descriptor) -> Error {
    let Descriptor { name, file, line, .. } = second;
    Error::new(format!(
        "metric `{name}` is there twice in one struct of metrics (declared at {}:{} and {file}:{line}): rename one of the \
         two, or give a nested struct a `prefix`",
        first.file, first.line,
    ))
}
