//! Which record has these labels? Found by their hash, and compared in full.

use std::hash::BuildHasher;

use super::IS_OVERFLOW;
use super::long::{Comparing, Hashing};
use super::overflow::Measured;
use super::packed::{Keys, Packed, WORDS};
use super::record::{LABELS, Record, Records, Storing};
use crate::LabelSet;
use crate::cell::run::Place;
use crate::cell::slots::NOWHERE;
use crate::descriptor::LabelDescriptor;
use crate::family::table::{Accept, Buckets, Found, TextWriter, Texts};
use crate::family::word::{Said, said};
use crate::sync::{AtomicU64, Ordering, fence};

/// Buckets to begin with.
const BUCKETS: u32 = 256;

/// What a lookup found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::family) struct Hit {
    /// The series' place, packed.
    handle: u64,
    /// Whether it stands for many.
    pub(in crate::family) overflow: bool,
}

impl Hit {
    /// Where records go that are not made.
    pub(in crate::family) const NOWHERE: Self = Self { handle: NOWHERE.pack(), overflow: true };

    #[inline(always)]
    pub(in crate::family) fn new(place: Place, overflow: bool) -> Self {
        Self { handle: place.pack(), overflow }
    }

    #[inline(always)]
    pub(in crate::family) fn place(self) -> Place {
        Place::unpack(self.handle)
    }
}

pub(super) struct Index {
    pub(super) labels: Box<[LabelDescriptor]>,
    hasher: foldhash::fast::RandomState,
    pub(super) keys: Keys,
    pub(super) buckets: Buckets,
    pub(super) records: Records,
    pub(super) texts: Texts,
}

/// Labels that are looked for.
pub(super) trait Sought {
    type Labels: LabelSet;

    fn labels(&self) -> &Self::Labels;
    fn hash(&self, index: &Index) -> u32;
    /// Whether a record has these labels. What it says of one that is being replaced means nothing.
    fn are_of(&self, index: &Index, record: Record<'_>) -> bool;
    /// What is known of the labels without their texts, beside those that the family has.
    fn measured(&self, labels: &[LabelDescriptor]) -> Measured;
    /// Stores the labels in a record.
    fn store(&self, storing: &mut Storing<'_>);
    /// Writes the labels into a record's piece.
    fn keep_in(&self, piece: &[AtomicU64; WORDS]);
}

/// Labels in one piece, and the same labels as their owner tells them.
pub(super) struct Piece<'a, L> {
    pub(super) packed: Packed<'a>,
    pub(super) labels: &'a L,
}

impl<'a> Piece<'a, Packed<'a>> {
    pub(super) fn of(packed: &'a Packed<'a>) -> Self {
        Self { packed: *packed, labels: packed }
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
    fn are_of(&self, index: &Index, record: Record<'_>) -> bool {
        match record.piece() {
            Some(piece) => self.packed.is_in(piece),
            None => index.compare(self.labels, record),
        }
    }

    fn measured(&self, labels: &[LabelDescriptor]) -> Measured {
        self.packed.measured(labels)
    }

    fn store(&self, storing: &mut Storing<'_>) {
        self.packed.store(storing);
    }

    fn keep_in(&self, piece: &[AtomicU64; WORDS]) {
        self.packed.keep_in(piece);
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

    fn are_of(&self, index: &Index, record: Record<'_>) -> bool {
        index.compare(self.0, record)
    }

    fn measured(&self, labels: &[LabelDescriptor]) -> Measured {
        Measured::of(self.0, labels)
    }

    fn store(&self, storing: &mut Storing<'_>) {
        self.0.visit(storing);
    }

    fn keep_in(&self, piece: &[AtomicU64; WORDS]) {
        Packed::keep_nothing_in(piece);
    }
}

/// Looks for a series. No closure, so that it is one with the lookup although it stands in two places.
struct Matching<'a, S> {
    index: &'a Index,
    sought: &'a S,
}

impl<S: Sought> Accept for Matching<'_, S> {
    type Found = (usize, Hit);

    #[inline(always)]
    fn accept(&mut self, at: usize) -> Option<(usize, Hit)> {
        self.index.matches(at, self.index.records.at(at)?, self.sought)
    }
}

impl Index {
    pub(super) fn new(labels: &[LabelDescriptor], max: usize) -> Self {
        let random = std::hash::RandomState::new();
        Self {
            labels: labels.into(),
            hasher: foldhash::fast::RandomState::default(),
            keys: std::array::from_fn(|at| random.hash_one(at)),
            buckets: Buckets::new(BUCKETS),
            records: Records::new(labels.len(), max),
            texts: Texts::new(),
        }
    }

    /// The series with these labels, and the place of its record.
    #[inline(always)]
    pub(super) fn find<S: Sought>(&self, hash: u32, sought: &S) -> Found<(usize, Hit)> {
        self.buckets.find(hash, Matching { index: self, sought })
    }

    /// The same under the lock, where nothing changes: only a bucket that is uncommonly long leaves something open.
    pub(super) fn find_surely<S: Sought>(&self, hash: u32, sought: &S, end: usize) -> Option<(usize, Hit)> {
        match self.find(hash, sought) {
            Found::Entry(found) => Some(found),
            Found::Nothing(_) => None,
            Found::Unsure => (0..end).find_map(|at| self.matches(at, self.records.at(at)?, sought)),
        }
    }

    /// The series of a record, if it has these labels.
    #[inline(always)]
    fn matches<S: Sought>(&self, at: usize, record: Record<'_>, sought: &S) -> Option<(usize, Hit)> {
        // Acquire: pairs with the store in `insert`, the labels of this series are there.
        let handle = record.handle().load(Ordering::Acquire);
        if handle == 0 || !sought.are_of(self, record) {
            return None;
        }
        let overflow = record.epoch() & IS_OVERFLOW != 0;
        // What was compared was loaded before the handle is loaded again; partner is the fence in `take`.
        fence(Ordering::Acquire);
        let same = record.handle().load(Ordering::Relaxed) == handle;
        same.then_some((at, Hit { handle, overflow }))
    }

    #[inline(never)]
    fn compare(&self, labels: &impl LabelSet, record: Record<'_>) -> bool {
        let mut visitor = Comparing::new(&self.texts, record);
        labels.visit(&mut visitor);
        visitor.same(self.labels.len())
    }

    /// Writes a record, all but its handle word: hash, scrape and time of its birth, and the labels. False if there
    /// was no room for a text. Under the lock.
    pub(super) fn store<S: Sought>(
        &self,
        texts: &mut TextWriter,
        record: Record<'_>,
        sought: &S,
        first: [u32; LABELS],
    ) -> bool {
        let keys = [self.keys[0], self.keys[1]];
        let mut storing = Storing::new(&self.texts, texts, keys, record, first);
        sought.store(&mut storing);
        if let Some(piece) = record.piece() {
            sought.keep_in(piece);
        }
        storing.finish()
    }

    /// Takes a record out of its bucket and gives its texts back. Under the lock.
    pub(super) fn remove(&self, texts: &mut TextWriter, at: usize, record: Record<'_>) {
        self.buckets.remove(record.hash(), at);
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
