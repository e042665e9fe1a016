//! Which labels does the series have that stands for those beyond the cap? And which labels are beyond it, or none of the
//! family's?

use super::OVERFLOW;
use crate::LabelSet;
use crate::descriptor::{LabelDescriptor, LabelValues};
use crate::label::LabelVisitor;

/// What is known of labels without their texts.
pub(super) struct Measured {
    /// Whether they are the family's: as many at most, and each of its kind.
    pub(super) fitting: bool,
    /// The length of the longest text.
    pub(super) longest: usize,
}

impl Measured {
    pub(super) fn of(set: &impl LabelSet, labels: &[LabelDescriptor]) -> Self {
        let mut measuring = Measuring { labels: labels.iter(), measured: Self { fitting: true, longest: 0 } };
        set.visit(&mut measuring);
        measuring.measured
    }
}

struct Measuring<'a> {
    labels: std::slice::Iter<'a, LabelDescriptor>,
    measured: Measured,
}

impl Measuring<'_> {
    fn dynamic(&mut self) {
        self.measured.fitting &= self.labels.next().is_some_and(|label| label.values == LabelValues::Dynamic);
    }
}

impl LabelVisitor for Measuring<'_> {
    fn enumerated(&mut self, index: usize) {
        let known = |label: &LabelDescriptor| matches!(label.values, LabelValues::Enumerated(all) if index < all.len());
        self.measured.fitting &= self.labels.next().is_some_and(known);
    }

    fn text(&mut self, value: &str) {
        if value.is_empty() {
            return self.absent();
        }
        self.dynamic();
        self.measured.longest = self.measured.longest.max(value.len());
    }

    fn unsigned(&mut self, _: u64) {
        self.dynamic();
    }

    fn signed(&mut self, _: i64) {
        self.dynamic();
    }

    fn absent(&mut self) {
        self.labels.next();
    }
}

/// The labels of the overflow series: dynamic ones are replaced.
pub(super) struct Overflowing<'a, L> {
    pub(super) labels: &'a L,
    pub(super) kinds: &'a [LabelDescriptor],
}

impl<L: LabelSet> LabelSet for Overflowing<'_, L> {
    type Schema = crate::NoLabels;
    const LABELS: &'static [crate::LabelDeclaration] = &[];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        let mut replacing = Replacing { visitor, kinds: self.kinds.iter() };
        self.labels.visit(&mut replacing);
        // What was not told is left out.
        while !replacing.kinds.as_slice().is_empty() {
            replacing.absent();
        }
    }
}

struct Replacing<'a, V> {
    visitor: &'a mut V,
    kinds: std::slice::Iter<'a, LabelDescriptor>,
}

impl<V: LabelVisitor> Replacing<'_, V> {
    /// Passes on what is enumerable, and replaces what is not.
    fn next(&mut self, pass_on: impl FnOnce(&mut V)) {
        let dynamic = self.kinds.next().is_some_and(|label| matches!(label.values, LabelValues::Dynamic));
        if dynamic { self.visitor.text(OVERFLOW) } else { pass_on(self.visitor) }
    }
}

impl<V: LabelVisitor> LabelVisitor for Replacing<'_, V> {
    fn enumerated(&mut self, index: usize) {
        self.next(|visitor| visitor.enumerated(index));
    }

    fn text(&mut self, value: &str) {
        self.next(|visitor| visitor.text(value));
    }

    fn unsigned(&mut self, value: u64) {
        self.next(|visitor| visitor.unsigned(value));
    }

    fn signed(&mut self, value: i64) {
        self.next(|visitor| visitor.signed(value));
    }

    fn absent(&mut self) {
        self.next(V::absent);
    }
}
