//! What numbers does a sample carry?

use super::{LineError, Reason, offset, sample::Kind};

/// One value of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value<'a> {
    /// The number; for a set the number of bytes of [`Self::text`].
    pub number: f64,
    /// The text as it was sent, which is what a set counts.
    pub text: &'a str,
}

impl Value<'_> {
    /// Whether it was sent with a sign, which makes a gauge's value a change where deltas are understood.
    pub fn is_signed(&self) -> bool {
        self.text.starts_with(['+', '-'])
    }
}

/// The values of a sample: one, or several in a packed line. Every one has been checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Values<'a> {
    first: Value<'a>,
    /// What follows the first value's colon.
    rest: Option<&'a str>,
}

impl<'a> Values<'a> {
    /// Each value in the order in which they were sent.
    pub fn iter(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let rest = self.rest.into_iter().flat_map(|rest| rest.split(':'));
        std::iter::once(self.first).chain(rest.filter_map(|text| Some(Value { number: number(text)?, text })))
    }

    pub(super) fn parse(line: &'a str, text: &'a str, kind: Kind) -> Result<Self, LineError> {
        if kind == Kind::Set {
            // A set's member may hold colons: sets are never packed.
            return Ok(Self { first: Value { number: text.len() as f64, text }, rest: None });
        }
        let (first, rest) = match text.split_once(':') {
            Some((first, rest)) => (first, Some(rest)),
            None => (text, None),
        };
        let check = |text| number(text).ok_or(LineError::new(Reason::BadValue, offset(line, text)));
        let first = Value { number: check(first)?, text: first };
        for text in rest.into_iter().flat_map(|rest| rest.split(':')) {
            check(text)?;
        }
        Ok(Self { first, rest })
    }
}

/// A finite number; `inf` and `nan`, which Rust's own parser takes, are none.
pub(super) fn number(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    // Most values are short whole numbers.
    if (1..=15).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit) {
        return Some(bytes.iter().fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0')) as f64);
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}
