//! What does a DogStatsD line say? Parsed without a copy and without an allocation.
//!
//! ```text
//! name:value[:value…]|type[|@rate][|#key:value,flag,…][|c:container][|T<unix seconds>]
//! _e{title bytes,text bytes}:title|text[|d:…][|h:…][|p:…][|t:…][|k:…][|s:…][|#tags]
//! _sc|name|status[|d:…][|h:…][|#tags][|m:message]
//! ```
//!
//! Types are `c` (count), `g` (gauge), `ms` (timer), `h` (histogram), `d` (distribution) and `s` (set). Fields that are
//! not known are skipped, as the agent does: newer clients add them.

mod error;
mod event;
mod fields;
mod sample;
mod tags;
mod value;

pub use error::{LineError, Reason};
pub use event::{AlertType, Event, Priority, ServiceCheck, ServiceStatus};
pub use sample::{Kind, Sample};
pub use tags::{Tag, Tags};
pub use value::{Value, Values};

/// The longest line that is looked at; a longer one is refused. No client sends datagrams over 64 KiB.
pub const MAX_LINE_BYTES: usize = 65_536;
/// The longest name of a metric or a service check.
pub const MAX_NAME_BYTES: usize = 500;
/// The most tags on a line.
pub const MAX_TAGS: usize = 128;

/// One line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Line<'a> {
    /// A metric.
    Sample(Sample<'a>),
    /// `_e{…}`: something happened.
    Event(Event<'a>),
    /// `_sc|…`: whether something works.
    ServiceCheck(ServiceCheck<'a>),
}

/// Reads one line, without its line break.
///
/// # Errors
///
/// The reason and the byte at which it was found; nothing of a line with an error counts.
///
/// ```
/// use metrics_bridge::line::{parse, Kind, Line};
///
/// let Line::Sample(sample) = parse(b"shop.orders:3|c|@0.5|#payment:card")? else { unreachable!() };
/// assert_eq!((sample.name, sample.kind, sample.rate), ("shop.orders", Kind::Count, 0.5));
/// assert_eq!(sample.values.iter().map(|value| value.number).collect::<Vec<_>>(), [3.0]);
/// # Ok::<(), metrics_bridge::line::LineError>(())
/// ```
pub fn parse(line: &[u8]) -> Result<Line<'_>, LineError> {
    if line.len() > MAX_LINE_BYTES {
        return Err(LineError::new(Reason::TooLong, MAX_LINE_BYTES));
    }
    match std::str::from_utf8(line) {
        Ok(text) => parse_text(text),
        Err(error) => Err(LineError::new(Reason::NotUtf8, error.valid_up_to())),
    }
}

/// The same for a line that is known to be UTF-8.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_text(line: &str) -> Result<Line<'_>, LineError> {
    if line.is_empty() {
        return Err(LineError::new(Reason::Empty, 0));
    }
    if let Some(rest) = line.strip_prefix("_e{") {
        return event::parse_event(line, rest).map(Line::Event);
    }
    if let Some(rest) = line.strip_prefix("_sc|") {
        return event::parse_service_check(line, rest).map(Line::ServiceCheck);
    }
    sample::parse_sample(line).map(Line::Sample)
}

/// The place of `part` in `line`, of which it is a piece.
fn offset(line: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(line.as_ptr() as usize).min(line.len())
}

#[cfg(test)]
mod tests;
