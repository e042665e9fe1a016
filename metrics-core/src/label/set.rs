//! What is a set of labels?

use crate::descriptor::LabelDeclaration;

/// The labels of one series. Derived with `#[derive(LabelSet)]`.
///
/// The order of [`Self::LABELS`] is the order in which [`Self::visit`] visits, and the order in which labels are written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set of labels",
    label = "no set of labels",
    note = "a struct with `#[derive(LabelSet)]` is one; a single label is a field of one"
)]
pub trait LabelSet {
    /// The owned form of this set: `Self`, or `Self<'static>` for one that borrows. A family made for the one is
    /// looked up with the other.
    type Schema: LabelSet + 'static;

    /// The labels, nested sets included, in the order in which they are written.
    const LABELS: &'static [LabelDeclaration];

    /// The number of different sets, if every label can be enumerated.
    const CARDINALITY: Option<usize> = cardinality(Self::LABELS);

    /// The place of this set among all [`Self::CARDINALITY`]: row-major, the last label varies fastest, and a label
    /// that is left out comes after its values. Never called on a set with a dynamic label, where it is 0.
    fn index(&self) -> usize;

    /// Tells each label in order.
    fn visit<V: LabelVisitor>(&self, visitor: &mut V);
}

/// Takes the labels of a set, one call a label, in order.
pub trait LabelVisitor {
    /// The label has the enumerated value of this index.
    fn enumerated(&mut self, index: usize);
    /// The label has this text. Empty text is the same as no label.
    fn text(&mut self, value: &str);
    /// The label has this number as its text.
    fn unsigned(&mut self, value: u64);
    /// The label has this number as its text.
    fn signed(&mut self, value: i64);
    /// The label is left out.
    fn absent(&mut self);
}

/// The product of the labels' cardinalities; `None` if one is dynamic or the product overflows.
pub(super) const fn cardinality(labels: &[LabelDeclaration]) -> Option<usize> {
    let mut product = 1_usize;
    let mut at = 0;
    while at < labels.len() {
        let Some(factor) = labels[at].cardinality() else { return None };
        let Some(next) = product.checked_mul(factor) else { return None };
        product = next;
        at += 1;
    }
    Some(product)
}

/// The empty label set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NoLabels;

impl LabelSet for NoLabels {
    type Schema = Self;
    const LABELS: &'static [LabelDeclaration] = &[];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: LabelVisitor>(&self, _: &mut V) {}
}
