//! What tags does a line carry?

/// One tag as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// What stands before the first colon, or all of it.
    pub key: &'a str,
    /// What stands after the first colon; `None` without a colon.
    pub value: Option<&'a str>,
}

/// The tags of a line, in the order in which they were sent; keys may occur twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tags<'a> {
    raw: &'a str,
}

impl<'a> Tags<'a> {
    pub(crate) const fn new(raw: &'a str) -> Self {
        Self { raw }
    }

    /// The tags as they stand on the line, without the `#`.
    pub const fn raw(&self) -> &'a str {
        self.raw
    }

    /// Each tag; what is empty between two commas is none.
    pub fn iter(&self) -> impl Iterator<Item = Tag<'a>> + use<'a> {
        self.raw.split(',').filter(|tag| !tag.is_empty()).map(|tag| match tag.split_once(':') {
            Some((key, value)) => Tag { key, value: Some(value) },
            None => Tag { key: tag, value: None },
        })
    }
}
