//! What stands behind a sample's type?

use super::{LineError, MAX_TAGS, Reason, Tags, offset, value::number};

/// The optional fields of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fields<'a> {
    pub(super) rate: f64,
    pub(super) tags: Tags<'a>,
    pub(super) container: Option<&'a str>,
    pub(super) timestamp: Option<u64>,
}

impl<'a> Fields<'a> {
    pub(super) fn parse(line: &'a str, fields: Option<&'a str>) -> Result<Self, LineError> {
        let mut parsed = Self { rate: 1.0, tags: Tags::default(), container: None, timestamp: None };
        for field in fields.into_iter().flat_map(|fields| fields.split('|')) {
            match field.as_bytes().first() {
                Some(b'@') => parsed.rate = sample_rate(line, &field[1..])?,
                Some(b'#') => parsed.tags = tags(line, &field[1..])?,
                Some(b'T') => parsed.timestamp = Some(timestamp(line, &field[1..])?),
                Some(b'c') if field.starts_with("c:") => parsed.container = Some(&field[2..]),
                _ => {}
            }
        }
        Ok(parsed)
    }
}

pub(super) fn tags<'a>(line: &str, raw: &'a str) -> Result<Tags<'a>, LineError> {
    if raw.bytes().filter(|byte| *byte == b',').count() >= MAX_TAGS {
        return Err(LineError::new(Reason::TooManyTags, offset(line, raw)));
    }
    Ok(Tags::new(raw))
}

fn sample_rate(line: &str, text: &str) -> Result<f64, LineError> {
    number(text)
        .filter(|rate| *rate > 0.0 && *rate <= 1.0)
        .ok_or(LineError::new(Reason::BadSampleRate, offset(line, text)))
}

fn timestamp(line: &str, text: &str) -> Result<u64, LineError> {
    text.parse().map_err(|_| LineError::new(Reason::BadTimestamp, offset(line, text)))
}
