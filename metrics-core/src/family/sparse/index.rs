//! Which record has these labels? Found by their hash, and compared in full.

use std::hash::BuildHasher;

use super::IS_OVERFLOW;
use super::long::{Comparing, Hashing};
use super::packed::{Keys, Packed, WORDS};
use super::record::{Record, Storing, stride};
use crate::LabelSet;
use crate::cell::run::Place;
use crate::descriptor::LabelDescriptor;
use crate::family::table::{Chains, Found, Segments, TextWriter, Texts, hash_of};
use crate::family::word::{Said, said};
use crate::sync::{AtomicU64, Ordering, fence};

/// How many records have their labels in one piece, too, so that they are compared at a glance. The labels of the others
/// are only in the record and in texts that many share, so that a million series stay small.
const PIECES: usize = 4096;

/// What a lookup found: the series' place, and whether it stands for many.
pub(in crate::family) type Hit = (Place, bool);

pub(super) struct Index {
    pub(super) labels: Box<[LabelDescriptor]>,
    hasher: foldhash::fast::RandomState,
    keys: Keys,
    pub(super) chains: Chains,
    pub(super) records: Segments<AtomicU64>,
    /// Of the first [`PIECES`] records.
    pieces: Segments<AtomicU64>,
    pub(super) texts: Texts,
}

/// Labels that are looked for.
pub(super) trait Sought {
    type Labels: LabelSet;

    fn labels(&self) -> &Self::Labels;
    fn hash(&self, index: &Index) -> u32;
    /// Whether the record at a place has these labels. What it says of one that is being replaced means nothing.
    fn is_at(&self, index: &Index, at: usize, record: Record<'_>) -> bool;
    /// Writes the labels into the record's row among the pieces.
    fn keep_in(&self, row: &[AtomicU64]);
}

/// Labels in one piece, and the same labels as their owner tells them.
pub(super) struct Piece<'a, L> {
    pub(super) packed: &'a Packed,
    pub(super) labels: &'a L,
}

impl<'a> Piece<'a, Packed> {
    pub(super) fn of(packed: &'a Packed) -> Self {
        Self { packed, labels: packed }
    }
}

impl<L: LabelSet> Sought for Piece<'_, L> {
    type Labels = L;

    fn labels(&self) -> &L {
        self.labels
    }

    #[inline(always)]
    fn hash(&self, index: &Index) -> u32 {
        self.packed.hash(&index.keys)
    }

    #[inline(always)]
    fn is_at(&self, index: &Index, at: usize, record: Record<'_>) -> bool {
        if at < PIECES {
            return index.pieces.from(at).is_some_and(|row| self.packed.is_in(row));
        }
        index.compare(self.labels, record)
    }

    fn keep_in(&self, row: &[AtomicU64]) {
        self.packed.keep_in(row);
    }
}

/// Labels that do not fit in one piece.
pub(super) struct Long<'a, L>(pub(super) &'a L);

impl<L: LabelSet> Sought for Long<'_, L> {
    type Labels = L;

    fn labels(&self) -> &L {
        self.0
    }

    fn hash(&self, index: &Index) -> u32 {
        let mut visitor = Hashing { hasher: index.hasher.build_hasher(), left_out: 0 };
        self.0.visit(&mut visitor);
        let hash = std::hash::Hasher::finish(&visitor.hasher);
        (hash ^ hash >> 32) as u32
    }

    fn is_at(&self, index: &Index, _: usize, record: Record<'_>) -> bool {
        index.compare(self.0, record)
    }

    fn keep_in(&self, row: &[AtomicU64]) {
        Packed::keep_nothing_in(row);
    }
}

impl Index {
    pub(super) fn new(labels: &[LabelDescriptor]) -> Self {
        let random = std::hash::RandomState::new();
        Self {
            labels: labels.into(),
            hasher: foldhash::fast::RandomState::default(),
            keys: std::array::from_fn(|at| random.hash_one(at)),
            chains: Chains::new(),
            records: Segments::new(stride(labels.len())),
            pieces: Segments::new(WORDS),
            texts: Texts::new(),
        }
    }

    /// The series with these labels, and the place of its record.
    #[inline(always)]
    pub(super) fn find<S: Sought>(&self, hash: u32, sought: &S) -> Found<(usize, Hit)> {
        self.chains.find(hash, &self.records, |at, words| self.matches(at, Record::new(words), sought))
    }

    /// The same under the lock, where nothing changes: only a chain that is uncommonly long leaves something open.
    pub(super) fn find_surely<S: Sought>(&self, hash: u32, sought: &S, end: usize) -> Option<(usize, Hit)> {
        match self.find(hash, sought) {
            Found::Entry(found) => Some(found),
            Found::Nothing => None,
            Found::Unsure => (0..end).find_map(|at| self.matches(at, Record::new(self.records.from(at)?), sought)),
        }
    }

    /// The series of a record, if it has these labels.
    #[inline(always)]
    fn matches<S: Sought>(&self, at: usize, record: Record<'_>, sought: &S) -> Option<(usize, Hit)> {
        // Acquire: pairs with the store in `insert`, the labels of this series are there.
        let handle = record.handle().load(Ordering::Acquire);
        if handle == 0 || !sought.is_at(self, at, record) {
            return None;
        }
        let overflow = record.epoch() & IS_OVERFLOW != 0;
        // What was compared was loaded before the handle is loaded again; partner is the fence in `take`.
        fence(Ordering::Acquire);
        let same = record.handle().load(Ordering::Relaxed) == handle;
        same.then(|| (at, (Place::unpack(handle), overflow)))
    }

    #[inline(never)]
    fn compare(&self, labels: &impl LabelSet, record: Record<'_>) -> bool {
        let mut visitor = Comparing::new(&self.texts, record.alone(self.labels.len()));
        labels.visit(&mut visitor);
        visitor.same(self.labels.len())
    }

    /// Writes a record, all but its handle word and its link: scrape and time of its birth, and the labels. False if there
    /// was no room for a text. Under the lock.
    pub(super) fn store<S: Sought>(
        &self,
        texts: &mut TextWriter,
        at: usize,
        record: Record<'_>,
        sought: &S,
        birth: [u32; 2],
    ) -> bool {
        let hash = |text: &[u8]| self.hasher.hash_one(text) as u32;
        let mut storing = Storing::new(&self.texts, texts, &hash, record.alone(self.labels.len()), birth);
        sought.labels().visit(&mut storing);
        if let Some(row) = Some(at).filter(|at| *at < PIECES).and_then(|at| self.pieces.make(at)) {
            sought.keep_in(row);
        }
        storing.finish()
    }

    /// Unlinks a record and gives its texts back. Under the lock.
    pub(super) fn remove(&self, texts: &mut TextWriter, at: usize, record: Record<'_>) {
        self.chains.remove(hash_of(record.words()), at, &self.records);
        self.release_texts(texts, record);
    }

    pub(super) fn release_texts(&self, texts: &mut TextWriter, record: Record<'_>) {
        for label in 0..self.labels.len() {
            if let Said::Text(number) = said(record.label(label)) {
                self.texts.release(texts, number);
            }
        }
    }
}
