//! Why can a query or a monitor not be translated?

use std::fmt;

/// The part that cannot be translated, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranslateError {
    /// The part as it stands in the query, or the monitor's field.
    pub part: String,
    /// The byte of the query at which it begins; `None` for a monitor's field.
    pub at: Option<usize>,
    /// What is wrong and what would be right.
    pub advice: String,
}

impl TranslateError {
    pub(super) fn new(part: impl Into<String>, at: usize, advice: impl Into<String>) -> Self {
        Self { part: part.into(), at: Some(at), advice: advice.into() }
    }

    pub(super) fn field(field: &str, advice: impl Into<String>) -> Self {
        Self { part: field.to_owned(), at: None, advice: advice.into() }
    }
}

impl fmt::Display for TranslateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "byte {at}, `{}`: {}", self.part, self.advice),
            None => write!(f, "monitor field `{}`: {}", self.part, self.advice),
        }
    }
}

impl std::error::Error for TranslateError {}
