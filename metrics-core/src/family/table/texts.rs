//! Where is the text of label values? Each text once, in whole words, so that a million series with a few thousand
//! different values stay small.
//!
//! A text is a row of words: its length below the number of its uses, its hash, and its bytes. Its number is the place of
//! the row.

use super::super::word::TEXTS;
use super::Segments;
use super::buckets::{Buckets, Found};
use crate::sync::{AtomicU64, Ordering};

/// The longest text in bytes.
pub(crate) const LONGEST: usize = u16::MAX as usize;
const WORD: usize = 8;
/// Buckets to begin with.
const BUCKETS: u32 = 8;

const HEAD: usize = 0;
const HASH: usize = 1;
/// Words before the bytes.
const BYTES: usize = 2;
/// One use, in the head.
const USE: u64 = 1 << 16;

/// Texts by number. Read without a lock; changed through [`TextWriter`], under the family's.
pub(crate) struct Texts {
    rows: Segments<AtomicU64>,
    buckets: Buckets,
}

/// How many texts are at hand that were used last. Series of one route come one after the other.
const RECENT: usize = 16;

/// What only the holder of the lock needs.
#[derive(Default)]
pub(crate) struct TextWriter {
    /// The number of a text that was used last, by the end of its hash.
    recent: [Option<u32>; RECENT],
    /// How many texts there are.
    len: usize,
    /// Rows that were given back, by their number of words.
    free: Vec<Vec<u32>>,
    /// The first word that was never used.
    fresh: usize,
}

impl Texts {
    pub(crate) fn new() -> Self {
        Self { rows: Segments::new(1), buckets: Buckets::new(BUCKETS) }
    }

    /// Whether the text of this number is `text`. What it says of a text that is being replaced means nothing.
    #[inline(always)]
    pub(crate) fn is(&self, number: u32, text: &[u8]) -> bool {
        self.rows.at_word(number as usize).is_some_and(|row| holds(row, text))
    }

    /// Appends the text of this number to `into`.
    pub(crate) fn read(&self, number: u32, into: &mut Vec<u8>) {
        let Some([head, _, words @ ..]) = self.rows.from(number as usize) else { return };
        let len = head.load(Ordering::Relaxed) as usize & LONGEST;
        let Some(words) = words.get(..len.div_ceil(WORD)) else { return };
        let end = into.len() + len;
        words.iter().for_each(|word| into.extend_from_slice(&word.load(Ordering::Relaxed).to_le_bytes()));
        into.truncate(end);
    }

    /// The number of a text of `len` bytes, told in words of which the last is filled up with zeros. It gets one more use.
    /// `None` if there is no room, or if it is too long.
    pub(crate) fn intern(&self, writer: &mut TextWriter, hash: u32, text: &[u64], len: usize) -> Option<u32> {
        if len > LONGEST {
            return None;
        }
        let held = |number: u32| {
            let row = self.rows.at_word(number as usize)?;
            holds_words(row, text, len).then_some((number, &row[HEAD]))
        };
        let recent = &mut writer.recent[hash as usize % RECENT];
        let found = match recent.and_then(held) {
            Some(found) => Found::Entry(found),
            None => self.buckets.find(hash, |at| held(at as u32)),
        };
        if let Found::Entry((number, head)) = found {
            head.store(head.load(Ordering::Relaxed) + USE, Ordering::Relaxed);
            *recent = Some(number);
            return Some(number);
        }
        // Under the lock nothing else changes buckets, but a search gives up on long ones: then the text stands twice.
        let start = writer.row(BYTES + text.len());
        let number = u32::try_from(start).ok().filter(|number| *number < TEXTS)?;
        // Makes room for the first and thereby, in the same segment, for all.
        let row = self.rows.make(start)?;
        row[HEAD].store(USE | len as u64, Ordering::Relaxed);
        row[HASH].store(hash.into(), Ordering::Relaxed);
        row[BYTES..].iter().zip(text).for_each(|(to, word)| to.store(*word, Ordering::Relaxed));
        writer.recent[hash as usize % RECENT] = Some(number);
        writer.len += 1;
        self.buckets.insert(hash, start, writer.len);
        Some(number)
    }

    /// One use less; without uses the row is used again.
    pub(crate) fn release(&self, writer: &mut TextWriter, number: u32) {
        let Some(row) = self.rows.from(number as usize) else { return };
        let head = row[HEAD].load(Ordering::Relaxed) - USE;
        row[HEAD].store(head, Ordering::Relaxed);
        if head >= USE {
            return;
        }
        let hash = row[HASH].load(Ordering::Relaxed) as u32;
        self.buckets.remove(hash, number as usize);
        writer.recent[hash as usize % RECENT] = None;
        writer.len -= 1;
        writer.give_back(number, BYTES + (head as usize).div_ceil(WORD));
    }
}

impl TextWriter {
    fn row(&mut self, count: usize) -> usize {
        if let Some(start) = self.free.get_mut(count).and_then(Vec::pop) {
            return start as usize;
        }
        let start = Segments::<AtomicU64>::row_start(self.fresh, count);
        self.fresh = start + count;
        start
    }

    fn give_back(&mut self, start: u32, count: usize) {
        if self.free.len() <= count {
            self.free.resize_with(count + 1, Vec::new);
        }
        self.free[count].push(start);
    }
}

/// The words of a text.
pub(crate) fn words(text: &[u8]) -> Vec<u64> {
    text.chunks(WORD).map(padded).collect()
}

/// Whether a row has this text.
fn holds_words(row: &[AtomicU64], text: &[u64], len: usize) -> bool {
    let [head, _, words @ ..] = row else { return false };
    head.load(Ordering::Relaxed) as u16 as usize == len
        && words.len() >= text.len()
        && words.iter().zip(text).all(|(word, wanted)| word.load(Ordering::Relaxed) == *wanted)
}

/// Whether a row has this text: the same length, and the same words, of which the last is filled up with zeros.
#[inline(always)]
fn holds(row: &[AtomicU64], text: &[u8]) -> bool {
    let [head, _, words @ ..] = row else { return false };
    if head.load(Ordering::Relaxed) as u16 as usize != text.len() {
        return false;
    }
    let (whole, rest) = (text.len() / WORD, text.len() % WORD);
    let Some((words, last)) = words.split_at_checked(whole) else { return false };
    let same = |(word, bytes): (&AtomicU64, &[u8])| word.load(Ordering::Relaxed) == padded(bytes);
    if !words.iter().zip(text.chunks_exact(WORD)).all(same) {
        return false;
    }
    if rest == 0 {
        return true;
    }
    let wanted = match text.last_chunk() {
        // The word that ends with the text, without the bytes that were compared already.
        Some(bytes) => u64::from_le_bytes(*bytes) >> (8 * (WORD - rest)),
        None => padded(text),
    };
    last.first().is_some_and(|word| word.load(Ordering::Relaxed) == wanted)
}

/// Up to eight bytes as a word, without a branch for each: reads that overlap put the same bytes in the same place.
#[inline(always)]
pub(crate) fn padded(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    match *bytes {
        [a, b, c, d, ..] => {
            let first = u32::from_le_bytes([a, b, c, d]);
            let last = bytes.last_chunk().map_or(0, |last| u32::from_le_bytes(*last));
            u64::from(first) | u64::from(last) << (8 * (len - 4))
        }
        [first, .., last] => {
            u64::from(first) | u64::from(bytes[len / 2]) << (8 * (len / 2)) | u64::from(last) << (8 * (len - 1))
        }
        [only] => only.into(),
        [] => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_padded_with_zeros() {
        for len in 0..=8 {
            let bytes: Vec<u8> = (1..=len).collect();
            let mut whole = [0; 8];
            whole[..len as usize].copy_from_slice(&bytes);
            assert_eq!(padded(&bytes), u64::from_le_bytes(whole), "{len}");
        }
    }

    #[test]
    fn a_text_is_itself_and_no_other() {
        let (texts, mut writer) = (Texts::new(), TextWriter::default());
        let all: Vec<String> = (0..40).flat_map(|len| ["x".repeat(len), "y".repeat(len) + "\0"]).collect();
        let numbers: Vec<u32> = all
            .iter()
            .map(|text| texts.intern(&mut writer, 7, &words(text.as_bytes()), text.len()).expect("there is room"))
            .collect();
        for (number, own) in numbers.iter().zip(&all) {
            let mut read = Vec::new();
            texts.read(*number, &mut read);
            assert_eq!(read, own.as_bytes());
            for text in &all {
                assert_eq!(texts.is(*number, text.as_bytes()), text == own, "{own:?} {text:?}");
            }
        }
    }

    #[test]
    fn a_text_without_uses_gives_its_row_to_another() {
        let (texts, mut writer) = (Texts::new(), TextWriter::default());
        let number = texts.intern(&mut writer, 1, &words(b"first"), 5).expect("there is room");
        assert_eq!(texts.intern(&mut writer, 1, &words(b"first"), 5), Some(number));
        texts.release(&mut writer, number);
        assert_ne!(texts.intern(&mut writer, 2, &words(b"other"), 5), Some(number));
        texts.release(&mut writer, number);
        assert_eq!(texts.intern(&mut writer, 3, &words(b"third"), 5), Some(number));
    }
    #[test]
    fn a_text_that_comes_back_has_a_row_of_its_own() {
        let (texts, mut writer) = (Texts::new(), TextWriter::default());
        let mut intern = |text: &[u8], released: Option<u32>| {
            released.into_iter().for_each(|number| texts.release(&mut writer, number));
            texts.intern(&mut writer, 1, &words(text), text.len())
        };
        let first = intern(b"first", None);
        assert_eq!(intern(b"first", None), first, "the second use");
        let again = intern(b"again", first);
        assert_ne!(again, first, "one use is left");
        assert_eq!(intern(b"first", None), first);
        let back = intern(b"first", again);
        assert_eq!(back, first);
        let released = intern(b"other", None);
        let again = intern(b"other", released);
        assert_ne!(intern(b"third", None), again, "a row that is used is nobody else's");
    }
}
