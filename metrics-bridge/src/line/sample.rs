//! What does a metric line say?

use super::{LineError, MAX_NAME_BYTES, Reason, Tags, Values, fields::Fields, offset};

/// The type of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `c`
    Count,
    /// `g`
    Gauge,
    /// `ms`
    Timer,
    /// `h`
    Histogram,
    /// `d`
    Distribution,
    /// `s`
    Set,
}

impl Kind {
    /// Every type, in the order of their letters in [`Self::code`]'s documentation.
    pub const ALL: [Self; 6] = [Self::Count, Self::Gauge, Self::Timer, Self::Histogram, Self::Distribution, Self::Set];

    /// As it stands on a line: `c g ms h d s`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Count => "c",
            Self::Gauge => "g",
            Self::Timer => "ms",
            Self::Histogram => "h",
            Self::Distribution => "d",
            Self::Set => "s",
        }
    }

    /// From what stands on a line.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether its values are observed one by one: timers, histograms and distributions.
    pub const fn is_observed(self) -> bool {
        matches!(self, Self::Timer | Self::Histogram | Self::Distribution)
    }
}

/// A metric line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample<'a> {
    /// The name as it was sent.
    pub name: &'a str,
    /// The type.
    pub kind: Kind,
    /// The values.
    pub values: Values<'a>,
    /// The sample rate; each value stands for `1 / rate` of its like.
    pub rate: f64,
    /// The tags.
    pub tags: Tags<'a>,
    /// The container that sent it (`c:`).
    pub container: Option<&'a str>,
    /// When it was recorded, in Unix seconds (`T`).
    pub timestamp: Option<u64>,
}

pub(super) fn parse_sample(line: &str) -> Result<Sample<'_>, LineError> {
    let (name, rest) = line.split_once(':').ok_or(LineError::new(Reason::MissingValue, line.len()))?;
    if name.is_empty() {
        return Err(LineError::new(Reason::MissingName, 0));
    }
    if name.len() > MAX_NAME_BYTES {
        return Err(LineError::new(Reason::NameTooLong, 0));
    }
    let (values, rest) = rest.split_once('|').ok_or(LineError::new(Reason::MissingType, line.len()))?;
    if values.is_empty() {
        return Err(LineError::new(Reason::MissingValue, name.len() + 1));
    }
    let (code, fields) = match rest.split_once('|') {
        Some((code, fields)) => (code, Some(fields)),
        None => (rest, None),
    };
    let Some(kind) = Kind::from_code(code) else {
        let reason = if code.is_empty() { Reason::MissingType } else { Reason::UnknownType };
        return Err(LineError::new(reason, offset(line, code)));
    };
    let values = Values::parse(line, values, kind)?;
    let Fields { rate, tags, container, timestamp } = Fields::parse(line, fields)?;
    Ok(Sample { name, kind, values, rate, tags, container, timestamp })
}
