//! What is in a series' record? The handle word (its place, 0 while there is no series), and words of two halves: the hash
//! of its labels, the scrape before which it was born, when that was, and for each label what [`super::super::word`] says.

use super::super::table::{self, Segments, TextWriter, Texts};
use super::super::word::{enumerated, short, short_in, small, text};
use super::packed;
use crate::label::LabelVisitor;
use crate::sync::{AtomicU64, Ordering, zeroed_rows};

const HANDLE: usize = 0;
/// Behind the handle word.
const HALVES: usize = 1;
const HASH: usize = 0;
const EPOCH: usize = 1;
const BIRTH: usize = 2;
/// How many halves come before the labels.
pub(super) const LABELS: usize = 3;

/// How many words a record has that is not near.
fn words(labels: usize) -> usize {
    HALVES + (LABELS + labels).div_ceil(2)
}

/// Where the labels stand in one piece, in a near record.
const PIECE: usize = HALVES + (LABELS + packed::LABELS as usize).div_ceil(2);
const NEAR_WORDS: usize = PIECE + packed::WORDS;
/// How many records are near. Memory that none of them has used yet is none that the system has given.
const MOST_NEAR: usize = 4096;
/// Overflow series and those that go while others come: a few more than the cap.
const BEYOND_CAP: usize = 64;

/// One of the first records has its labels in one piece, too, so that they are compared at a glance. The labels of the
/// others are only in half words, and in texts that many share, so that a million series stay small.
type Near = [AtomicU64; NEAR_WORDS];

/// A record's words.
#[derive(Clone, Copy)]
pub(super) enum Record<'a> {
    Near(&'a Near),
    Far(&'a [AtomicU64]),
}

/// All records.
pub(super) struct Records {
    near: Box<[Near]>,
    far: Segments<AtomicU64>,
    /// The words of a far record.
    words: usize,
}

impl Records {
    /// For a family of so many labels and so many series at most.
    pub(super) fn new(labels: usize, max: usize) -> Self {
        let near = if labels <= packed::LABELS as usize { MOST_NEAR.min(max.saturating_add(BEYOND_CAP)) } else { 0 };
        Self { near: zeroed_rows(near), far: Segments::new(words(labels)), words: words(labels) }
    }

    /// The record at a place; `None` if nobody has made room for it.
    #[inline(always)]
    pub(super) fn at(&self, at: usize) -> Option<Record<'_>> {
        match self.near.get(at) {
            Some(near) => Some(Record::Near(near)),
            None => self.far.from(at - self.near.len())?.get(..self.words).map(Record::Far),
        }
    }

    /// The same, making room for it; `None` if there is none.
    pub(super) fn make(&self, at: usize) -> Option<Record<'_>> {
        match self.near.get(at) {
            Some(near) => Some(Record::Near(near)),
            None => self.far.make(at - self.near.len())?.get(..self.words).map(Record::Far),
        }
    }
}

impl<'a> Record<'a> {
    /// All but the piece.
    fn words(self) -> &'a [AtomicU64] {
        match self {
            Self::Near(words) => &words[..PIECE],
            Self::Far(words) => words,
        }
    }

    /// Where the labels stand in one piece, if they do.
    #[inline(always)]
    pub(super) fn piece(self) -> Option<&'a [AtomicU64; packed::WORDS]> {
        match self {
            Self::Near(words) => words.last_chunk(),
            Self::Far(_) => None,
        }
    }

    /// The handle word.
    #[inline(always)]
    pub(super) fn handle(self) -> &'a AtomicU64 {
        match self {
            Self::Near(words) => &words[HANDLE],
            Self::Far(words) => &words[HANDLE],
        }
    }

    /// The hash under which it is found.
    pub(super) fn hash(self) -> u32 {
        self.half(HASH)
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
        let word = self.words().get(HALVES + at / 2).map_or(0, |word| word.load(Ordering::Relaxed));
        (word >> (32 * (at % 2))) as u32
    }
}

/// Fills the half words of a record, interning texts. Under the lock.
pub(super) struct Storing<'a> {
    texts: &'a Texts,
    writer: &'a mut TextWriter,
    /// What texts are hashed with.
    keys: [u64; 2],
    words: &'a [AtomicU64],
    /// How many halves are told.
    told: usize,
    /// The last one, if it is the first half of a word.
    first: u32,
    /// There was no room for a text.
    full: bool,
}

impl<'a> Storing<'a> {
    #[inline]
    pub(super) fn new(
        texts: &'a Texts,
        writer: &'a mut TextWriter,
        keys: [u64; 2],
        record: Record<'a>,
        first: [u32; LABELS],
    ) -> Self {
        let words = record.words().get(HALVES..).unwrap_or_default();
        let mut storing = Self { texts, writer, keys, words, told: 0, first: 0, full: false };
        first.into_iter().for_each(|half| storing.push(half));
        storing
    }

    /// Labels that were not told are left out. Whether all is stored.
    pub(super) fn finish(mut self) -> bool {
        while self.told < 2 * self.words.len() {
            self.push(0);
        }
        !self.full
    }

    /// A text of which the words are known.
    pub(super) fn text_in_words(&mut self, words: &[u64], len: usize) {
        match words.first().and_then(|word| short_in(*word, len)) {
            Some(word) => self.push(word),
            None => self.long_text(words, len),
        }
    }

    fn long_text(&mut self, words: &[u64], len: usize) {
        let number = self.texts.intern(self.writer, hash_text(words, self.keys), words, len);
        self.full |= number.is_none();
        self.push(number.map_or(0, text));
    }

    #[inline(always)]
    fn push(&mut self, half: u32) {
        if self.told % 2 == 0 {
            self.first = half;
        } else if let Some(word) = self.words.get(self.told / 2) {
            word.store(u64::from(half) << 32 | u64::from(self.first), Ordering::Relaxed);
        }
        self.told += 1;
    }
}

/// A text's hash: word after word multiplied by a key that nobody knows.
fn hash_text(words: &[u64], [first, key]: [u64; 2]) -> u32 {
    let mix = |hash: u64, word: &u64| {
        let product = u128::from(hash ^ word) * u128::from(key | 1);
        product as u64 ^ (product >> 64) as u64
    };
    let hash = words.iter().fold(first, mix);
    (hash ^ hash >> 32) as u32
}

impl LabelVisitor for Storing<'_> {
    fn enumerated(&mut self, index: usize) {
        self.push(enumerated(index));
    }

    fn text(&mut self, value: &str) {
        if value.is_empty() {
            return self.absent();
        }
        match short(value.as_bytes()) {
            Some(word) => self.push(word),
            None => self.long_text(&table::words(value.as_bytes()), value.len()),
        }
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
