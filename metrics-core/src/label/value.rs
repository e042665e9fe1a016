//! What is a label value that can be enumerated?

/// A type whose values are all known beforehand: an enum without data, or `bool`. Derived with `#[derive(LabelValue)]`.
pub trait LabelValue: Copy {
    /// The text of every value, by index; none is empty, none twice.
    const VALUES: &'static [&'static str];

    /// The index of this value in [`Self::VALUES`].
    fn index(self) -> usize;

    /// The text of this value.
    fn text(self) -> &'static str {
        Self::VALUES[self.index()]
    }
}

impl LabelValue for bool {
    const VALUES: &'static [&'static str] = &["false", "true"];

    #[inline]
    fn index(self) -> usize {
        usize::from(self)
    }
}
