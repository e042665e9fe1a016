//! Why is a line refused?

use std::fmt;

/// What is wrong with a line; also the label value under which refused lines are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// There is nothing in it.
    Empty,
    /// It is not UTF-8.
    NotUtf8,
    /// It is longer than [`super::MAX_LINE_BYTES`].
    TooLong,
    /// There is no name before the colon.
    MissingName,
    /// The name is longer than [`super::MAX_NAME_BYTES`].
    NameTooLong,
    /// There is no colon, or nothing after it.
    MissingValue,
    /// There is no type.
    MissingType,
    /// The type is none of `c g ms h d s`.
    UnknownType,
    /// A value is not a finite number.
    BadValue,
    /// The sample rate is not in (0, 1].
    BadSampleRate,
    /// The timestamp is not a whole number of seconds.
    BadTimestamp,
    /// It has more than [`super::MAX_TAGS`] tags.
    TooManyTags,
    /// An event whose lengths do not fit.
    BadEvent,
    /// A service check without name or with an unknown status.
    BadServiceCheck,
}

impl Reason {
    /// Every reason, for counters that exist from the start.
    pub const ALL: [Self; 14] = [
        Self::Empty,
        Self::NotUtf8,
        Self::TooLong,
        Self::MissingName,
        Self::NameTooLong,
        Self::MissingValue,
        Self::MissingType,
        Self::UnknownType,
        Self::BadValue,
        Self::BadSampleRate,
        Self::BadTimestamp,
        Self::TooManyTags,
        Self::BadEvent,
        Self::BadServiceCheck,
    ];

    /// The label value.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotUtf8 => "not_utf8",
            Self::TooLong => "too_long",
            Self::MissingName => "missing_name",
            Self::NameTooLong => "name_too_long",
            Self::MissingValue => "missing_value",
            Self::MissingType => "missing_type",
            Self::UnknownType => "unknown_type",
            Self::BadValue => "bad_value",
            Self::BadSampleRate => "bad_sample_rate",
            Self::BadTimestamp => "bad_timestamp",
            Self::TooManyTags => "too_many_tags",
            Self::BadEvent => "bad_event",
            Self::BadServiceCheck => "bad_service_check",
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::Empty => "the line is empty; a line is `name:value|type`",
            Self::NotUtf8 => "this is not UTF-8; names and tags are UTF-8 text",
            Self::TooLong => "the line is longer than 65536 bytes; split it",
            Self::MissingName => "there is no name; a line is `name:value|type`",
            Self::NameTooLong => "the name is longer than 500 bytes; put what varies into tags",
            Self::MissingValue => "there is no value; a line is `name:value|type`",
            Self::MissingType => "there is no type; a line is `name:value|type`",
            Self::UnknownType => "this is no type; types are c, g, ms, h, d and s",
            Self::BadValue => "this is not a finite number; write it as in `name:12.5|g`",
            Self::BadSampleRate => "this is no sample rate; it is a number above 0 and at most 1, as in `|@0.1`",
            Self::BadTimestamp => "this is no timestamp; it is in whole Unix seconds, as in `|T1656581400`",
            Self::TooManyTags => "there are more than 128 tags",
            Self::BadEvent => "this is no event; it is `_e{title bytes,text bytes}:title|text`",
            Self::BadServiceCheck => "this is no service check; it is `_sc|name|status` with a status from 0 to 3",
        }
    }
}

/// Why a line is refused, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineError {
    /// What is wrong.
    pub reason: Reason,
    /// The byte of the line at which it was found.
    pub at: usize,
}

impl LineError {
    pub(crate) const fn new(reason: Reason, at: usize) -> Self {
        Self { reason, at }
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.at, self.reason.advice())
    }
}

impl std::error::Error for LineError {}
