//! What is in a series' record? Words, some of them of two halves: the handle word (its place, 0 while there is no series),
//! the link in the chains, the scrape before which it was born, when that was, and for each label what [`super::super::word`]
//! says.

use crate::label::LabelVisitor;
use crate::sync::{AtomicU64, Ordering};

use super::super::table::{TextWriter, Texts};
use super::super::word::{enumerated, short, small, text};

const HANDLE: usize = 0;
/// After handle word and link.
const HALVES: usize = 2;
const EPOCH: usize = 0;
const BIRTH: usize = 1;
const LABELS: usize = 2;

/// How many words a record has.
pub(super) fn stride(labels: usize) -> usize {
    HALVES + (LABELS + labels).div_ceil(2)
}

/// The words from a record on.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    words: &'a [AtomicU64],
}

impl<'a> Record<'a> {
    #[inline(always)]
    pub(super) fn new(words: &'a [AtomicU64]) -> Self {
        Self { words }
    }

    /// Only its own words, so that it has no more labels than the family.
    #[inline]
    pub(super) fn alone(self, labels: usize) -> Self {
        Self { words: self.words.get(..stride(labels)).unwrap_or_default() }
    }

    pub(super) fn words(self) -> &'a [AtomicU64] {
        self.words
    }

    /// The handle word.
    #[inline(always)]
    pub(super) fn handle(self) -> &'a AtomicU64 {
        &self.words[HANDLE]
    }

    /// The scrape before which it was born, and a flag.
    #[inline(always)]
    pub(super) fn epoch(self) -> u32 {
        self.half(EPOCH)
    }

    pub(super) fn birth(self) -> u32 {
        self.half(BIRTH)
    }

    /// What the label number `at` is.
    #[inline]
    pub(super) fn label(self, at: usize) -> u32 {
        self.half(LABELS + at)
    }

    #[inline(always)]
    fn half(self, at: usize) -> u32 {
        let word = self.words.get(HALVES + at / 2).map_or(0, |word| word.load(Ordering::Relaxed));
        (word >> (32 * (at % 2))) as u32
    }
}

/// Fills the half words of a record, interning texts. Under the lock.
pub(super) struct Storing<'a> {
    texts: &'a Texts,
    writer: &'a mut TextWriter,
    /// Hashes texts.
    hash: &'a dyn Fn(&[u8]) -> u32,
    words: std::slice::Iter<'a, AtomicU64>,
    /// The first half of a word whose second one is not known.
    first: Option<u32>,
    /// There was no room for a text.
    full: bool,
}

impl<'a> Storing<'a> {
    pub(super) fn new(
        texts: &'a Texts,
        writer: &'a mut TextWriter,
        hash: &'a dyn Fn(&[u8]) -> u32,
        record: Record<'a>,
        birth: [u32; 2],
    ) -> Self {
        let words = record.words.get(HALVES..).unwrap_or_default().iter();
        let mut storing = Self { texts, writer, hash, words, first: None, full: false };
        birth.into_iter().for_each(|half| storing.push(half));
        storing
    }

    /// Labels that were not told are left out. Whether all is stored.
    pub(super) fn finish(mut self) -> bool {
        while self.first.is_some() || !self.words.as_slice().is_empty() {
            self.push(0);
        }
        !self.full
    }

    fn push(&mut self, half: u32) {
        match self.first.take() {
            None => self.first = Some(half),
            Some(first) => {
                if let Some(word) = self.words.next() {
                    word.store(u64::from(half) << 32 | u64::from(first), Ordering::Relaxed);
                }
            }
        }
    }
}

impl LabelVisitor for Storing<'_> {
    fn enumerated(&mut self, index: usize) {
        self.push(enumerated(index));
    }

    fn text(&mut self, value: &str) {
        if value.is_empty() {
            return self.absent();
        }
        if let Some(word) = short(value.as_bytes()) {
            return self.push(word);
        }
        let number = self.texts.intern(self.writer, (self.hash)(value.as_bytes()), value.as_bytes());
        self.full |= number.is_none();
        self.push(number.map_or(0, text));
    }

    fn unsigned(&mut self, value: u64) {
        match small(value) {
            Some(word) => self.push(word),
            None => self.text(itoa::Buffer::new().format(value)),
        }
    }

    fn signed(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.unsigned(value),
            Err(_) => self.text(itoa::Buffer::new().format(value)),
        }
    }

    fn absent(&mut self) {
        self.push(0);
    }
}
