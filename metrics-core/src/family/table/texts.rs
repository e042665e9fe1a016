//! Where is the text of label values? Each text once, in whole words, so that a million series with a few thousand
//! different values stay small.

use super::Segments;
use super::chains::{Chains, Found};
use crate::sync::{AtomicU64, Ordering};

/// The longest text in bytes.
pub(crate) const LONGEST: usize = u16::MAX as usize;
const WORD: usize = 8;

/// Texts by number. Read without a lock; changed through [`TextWriter`], under the family's.
pub(crate) struct Texts {
    /// Two words a text: where its words begin, above its length; and its link.
    entries: Segments<AtomicU64>,
    words: Segments<AtomicU64>,
    chains: Chains,
}

/// What only the holder of the lock needs.
#[derive(Default)]
pub(crate) struct TextWriter {
    /// How many series use each text.
    uses: Vec<u32>,
    free: Vec<u32>,
    /// Rows of words that were given back, by their number.
    free_rows: Vec<Vec<u32>>,
    fresh_word: usize,
}

impl Texts {
    pub(crate) fn new() -> Self {
        Self { entries: Segments::new(2), words: Segments::new(1), chains: Chains::new() }
    }

    /// Whether the text of this number is `text`. What it says of a text that is being replaced means nothing.
    #[inline]
    pub(crate) fn is(&self, number: u32, text: &[u8]) -> bool {
        let Some((start, len)) = self.place(number) else { return false };
        if len != text.len() {
            return false;
        }
        let Some(words) = self.words.row(start, len.div_ceil(WORD)) else { return false };
        let same = |(word, bytes): (&AtomicU64, &[u8])| word.load(Ordering::Relaxed) == padded(bytes);
        words.iter().zip(text.chunks(WORD)).all(same)
    }

    /// Appends the text of this number to `into`.
    pub(crate) fn read(&self, number: u32, into: &mut Vec<u8>) {
        let Some((start, len)) = self.place(number) else { return };
        let Some(words) = self.words.row(start, len.div_ceil(WORD)) else { return };
        let end = into.len() + len;
        words.iter().for_each(|word| into.extend_from_slice(&word.load(Ordering::Relaxed).to_le_bytes()));
        into.truncate(end);
    }

    fn place(&self, number: u32) -> Option<(usize, usize)> {
        let place = self.entries.word(number as usize)?.load(Ordering::Relaxed);
        Some(((place >> 16) as usize, place as usize & LONGEST))
    }

    fn link(&self, index: usize) -> Option<&AtomicU64> {
        self.entries.get(index).map(|entry| &entry[1])
    }

    /// The number of a text, which gets one more use; `None` if there is no room.
    pub(crate) fn intern(&self, writer: &mut TextWriter, hash: u32, text: &[u8]) -> Option<u32> {
        let same = |index: usize| self.is(index as u32, text).then_some(index as u32);
        if let Found::Entry(number) = self.chains.find(hash, |index| self.link(index), same) {
            writer.uses[number as usize] += 1;
            return Some(number);
        }
        // Under the lock nothing else changes chains, but a search gives up on long ones: then the text stands twice.
        let start = self.store(writer, text)?;
        let Some(number) = writer.number(|number| self.entries.make(number as usize).is_some()) else {
            writer.give_back_row(start, text.len().div_ceil(WORD));
            return None;
        };
        let entry = self.entries.get(number as usize)?;
        entry[0].store((start as u64) << 16 | text.len() as u64, Ordering::Relaxed);
        writer.uses[number as usize] = 1;
        self.chains.insert(hash, number as usize, writer.uses.len() - writer.free.len(), |index| self.link(index));
        Some(number)
    }

    /// One use less; without uses the number and the words are used again.
    pub(crate) fn release(&self, writer: &mut TextWriter, number: u32) {
        let uses = &mut writer.uses[number as usize];
        *uses -= 1;
        if *uses > 0 {
            return;
        }
        let Some(hash) = self.link(number as usize).map(|link| (link.load(Ordering::Relaxed) >> 32) as u32) else {
            return;
        };
        self.chains.remove(hash, number as usize, |index| self.link(index));
        if let Some((start, len)) = self.place(number) {
            writer.give_back_row(start, len.div_ceil(WORD));
        }
        writer.free.push(number);
    }

    /// Writes a text into words that nobody uses.
    fn store(&self, writer: &mut TextWriter, text: &[u8]) -> Option<usize> {
        let count = text.len().div_ceil(WORD);
        let start = writer.row(count);
        // Makes room for the first and thereby, in the same segment, for all.
        self.words.make(start)?;
        let words = self.words.row(start, count)?;
        words.iter().zip(text.chunks(WORD)).for_each(|(word, bytes)| word.store(padded(bytes), Ordering::Relaxed));
        Some(start)
    }
}

impl TextWriter {
    fn number(&mut self, make: impl FnOnce(u32) -> bool) -> Option<u32> {
        self.free.pop().or_else(|| {
            let number = u32::try_from(self.uses.len()).ok().filter(|number| *number < super::super::sparse::SMALL)?;
            make(number).then(|| {
                self.uses.push(0);
                number
            })
        })
    }

    fn row(&mut self, count: usize) -> usize {
        if let Some(start) = self.free_rows.get_mut(count).and_then(Vec::pop) {
            return start as usize;
        }
        let start = Segments::<AtomicU64>::row_start(self.fresh_word, count);
        self.fresh_word = start + count;
        start
    }

    fn give_back_row(&mut self, start: usize, count: usize) {
        if self.free_rows.len() <= count {
            self.free_rows.resize_with(count + 1, Vec::new);
        }
        self.free_rows[count].push(start as u32);
    }
}

/// Up to eight bytes as a word.
#[inline]
fn padded(chunk: &[u8]) -> u64 {
    match chunk.try_into() {
        Ok(whole) => u64::from_le_bytes(whole),
        Err(_) => chunk.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}
