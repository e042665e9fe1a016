//! What is an exemplar?

use std::fmt;
use std::time::Duration;

use super::name::NameKind;
use super::time::Timestamp;

/// The most code points that an exemplar's label names and values have together.
pub const MAX_CODE_POINTS: usize = 128;

/// The most labels that an exemplar has.
pub const MAX_LABELS: usize = 8;

/// A code point has at most four bytes.
const MAX_BYTES: usize = 4 * MAX_CODE_POINTS;

/// Words before the text: value, seconds, nanoseconds and counts, ends of the parts.
const HEAD: usize = 3 + ENDS / 4;
const ENDS: usize = 2 * MAX_LABELS;
/// An exemplar in words.
pub(crate) const WORDS: usize = HEAD + MAX_BYTES / 8;

/// One observation that stands for many: its value, when it was made, and labels that lead to its trace.
///
/// Label names are `[a-zA-Z_][a-zA-Z0-9_]*` and different; names and values have at most [`MAX_CODE_POINTS`] code points
/// together. A label that breaks a rule is left out, so that recording never fails; making one never allocates.
///
/// ```
/// use metrics_core::encode::{Exemplar, Timestamp};
///
/// let mut exemplar = Exemplar::new(0.25, Timestamp::now());
/// assert!(exemplar.push_label("trace_id", "0af7651916cd43dd8448eb211c80319c"));
/// assert!(!exemplar.push_label("body", &"x".repeat(500)));
/// assert_eq!(exemplar.labels().count(), 1);
/// ```
#[derive(Clone, Copy)]
pub struct Exemplar {
    value: f64,
    timestamp: Timestamp,
    /// Names and values, one after the other.
    text: [u8; MAX_BYTES],
    /// Where each name and each value ends in `text`.
    ends: [u16; ENDS],
    /// How many of `ends` are taken.
    parts: usize,
    code_points: usize,
}

impl Exemplar {
    /// An exemplar without labels.
    pub const fn new(value: f64, timestamp: Timestamp) -> Self {
        let (text, ends) = ([0; MAX_BYTES], [0; ENDS]);
        Self { value, timestamp, text, ends, parts: 0, code_points: 0 }
    }

    /// An exemplar that leads to a trace: `trace_id` and `span_id` in hexadecimal, as W3C's trace context spells them.
    ///
    /// ```
    /// use metrics_core::encode::{Exemplar, Timestamp};
    ///
    /// let exemplar = Exemplar::of_trace(0.25, Timestamp::now(), 0x0af7, 0x7f);
    /// let expected = [("trace_id", "00000000000000000000000000000af7"), ("span_id", "000000000000007f")];
    /// assert_eq!(exemplar.labels().collect::<Vec<_>>(), expected);
    /// ```
    pub fn of_trace(value: f64, timestamp: Timestamp, trace_id: u128, span_id: u64) -> Self {
        let mut exemplar = Self::new(value, timestamp);
        exemplar.push_label("trace_id", hex::<32>(trace_id, &mut [0; 32]));
        exemplar.push_label("span_id", hex::<16>(span_id.into(), &mut [0; 16]));
        exemplar
    }

    /// Adds a label; false if it was left out, because its name is not allowed or taken, or because there is no room.
    pub fn push_label(&mut self, name: &str, value: &str) -> bool {
        let code_points = name.chars().count() + value.chars().count();
        let fits = self.code_points + code_points <= MAX_CODE_POINTS && self.parts < self.ends.len();
        if !fits || !NameKind::Label.is_legacy(name) || self.labels().any(|(taken, _)| taken == name) {
            return false;
        }
        for part in [name, value] {
            let start = self.end(self.parts);
            self.text[start..start + part.len()].copy_from_slice(part.as_bytes());
            // At most MAX_BYTES.
            self.ends[self.parts] = (start + part.len()) as u16;
            self.parts += 1;
        }
        self.code_points += code_points;
        true
    }

    /// The observed value.
    pub const fn value(&self) -> f64 {
        self.value
    }

    /// When it was observed.
    pub const fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// Names and values, in the order in which they were added.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        (0..self.parts).step_by(2).map(|part| (self.part(part), self.part(part + 1)))
    }

    fn part(&self, part: usize) -> &str {
        // What was copied from text is text.
        std::str::from_utf8(&self.text[self.end(part)..self.end(part + 1)]).unwrap_or_default()
    }

    /// The exemplar in words, without those at the end that say nothing.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        let counts = (self.parts as u64) << 32 | (self.code_points as u64) << 40;
        let time = [self.timestamp.seconds(), u64::from(self.timestamp.subsecond_nanos()) | counts];
        let ends =
            self.ends.chunks_exact(4).map(|four| four.iter().rev().fold(0, |word, &end| word << 16 | u64::from(end)));
        let used = self.end(self.parts).div_ceil(8);
        let text = self.text.chunks_exact(8).take(used);
        let text = text.map(|eight| eight.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)));
        [self.value.to_bits()].into_iter().chain(time).chain(ends).chain(text)
    }

    /// The exemplar of which [`Self::words`] are these; what stands behind them is not looked at.
    pub(crate) fn from_words(words: &[u64; WORDS]) -> Self {
        let (nanos, counts) = (words[2] as u32, words[2] >> 32);
        let timestamp = Timestamp::from_epoch(Duration::new(words[1], nanos));
        let mut exemplar = Self::new(f64::from_bits(words[0]), timestamp);
        for (at, end) in exemplar.ends.iter_mut().enumerate() {
            *end = (words[3 + at / 4] >> (16 * (at % 4))) as u16;
        }
        for (eight, word) in exemplar.text.chunks_exact_mut(8).zip(&words[HEAD..]) {
            eight.copy_from_slice(&word.to_le_bytes());
        }
        (exemplar.parts, exemplar.code_points) = ((counts & 0xff) as usize, (counts >> 8) as usize);
        exemplar
    }

    /// Where so many parts end.
    fn end(&self, parts: usize) -> usize {
        parts.checked_sub(1).map_or(0, |last| usize::from(self.ends[last]))
    }
}

impl PartialEq for Exemplar {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value && self.timestamp == other.timestamp && self.labels().eq(other.labels())
    }
}

impl fmt::Debug for Exemplar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<_> = self.labels().collect();
        f.debug_struct("Exemplar")
            .field("value", &self.value)
            .field("timestamp", &self.timestamp)
            .field("labels", &labels)
            .finish()
    }
}

/// A number in hexadecimal, with leading zeros.
fn hex<const DIGITS: usize>(number: u128, digits: &mut [u8; DIGITS]) -> &str {
    for (at, digit) in digits.iter_mut().rev().enumerate() {
        *digit = b"0123456789abcdef"[(number >> (4 * at) & 0xf) as usize];
    }
    std::str::from_utf8(digits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exemplar() -> Exemplar {
        Exemplar::new(1.0, Timestamp::now())
    }

    #[test]
    fn labels_come_back_in_order() {
        let mut exemplar = exemplar();
        assert!(exemplar.push_label("trace_id", "abc"));
        assert!(exemplar.push_label("span_id", ""));
        assert_eq!(exemplar.labels().collect::<Vec<_>>(), [("trace_id", "abc"), ("span_id", "")]);
    }

    #[test]
    fn code_points_are_counted_not_bytes() {
        let mut exemplar = exemplar();
        assert!(exemplar.push_label("a", &"😱".repeat(127)));
        assert!(!exemplar.push_label("b", ""));
        assert_eq!(exemplar.labels().count(), 1);
    }

    #[test]
    fn the_greatest_exemplar_has_room() {
        let mut exemplar = exemplar();
        for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            assert!(exemplar.push_label(name, &"😱".repeat(15)), "{name}");
        }
        assert!(!exemplar.push_label("i", ""), "there is no ninth label");
        assert_eq!(exemplar.labels().map(|(_, value)| value.chars().count()).sum::<usize>(), 120);
    }

    #[test]
    fn names_that_a_reader_refuses_are_left_out() {
        let mut exemplar = exemplar();
        for name in ["", "1a", "a.b", "a:b"] {
            assert!(!exemplar.push_label(name, "x"), "{name:?}");
        }
        assert!(exemplar.push_label("a", "1"));
        assert!(!exemplar.push_label("a", "2"));
        assert_eq!(exemplar.labels().collect::<Vec<_>>(), [("a", "1")]);
    }

    proptest! {
        #[test]
        fn an_exemplar_is_read_back_from_its_words(
            value: f64,
            nanos in 0..1_000_000_000_u32,
            seconds: u64,
            labels in proptest::collection::vec(("[a-c_]{1,4}", "\\PC{0,30}"), 0..10),
            left: u64,
        ) {
            let mut exemplar = Exemplar::new(value, Timestamp::from_epoch(Duration::new(seconds, nanos)));
            for (name, value) in &labels {
                exemplar.push_label(name, value);
            }
            // What an earlier, longer one left.
            let mut words = [left; WORDS];
            exemplar.words().zip(&mut words).for_each(|(word, held)| *held = word);
            let mut read = Exemplar::from_words(&words);
            prop_assert_eq!(read.value.to_bits(), value.to_bits());
            prop_assert_eq!(read.timestamp, exemplar.timestamp);
            prop_assert!(read.labels().eq(exemplar.labels()));
            prop_assert_eq!(read.push_label("d", "e"), exemplar.push_label("d", "e"));
        }
    }
}
