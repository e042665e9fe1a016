//! How are the series of a family with a dynamic label kept? In a table that is read without a lock.
//!
//! A record has the series' handle word (its place, 0 while there is no series), its link in the chains, the scrape
//! before which it was born, when that was, and half a word for each label: 0 for one that is left out, one more than the index of an
//! enumerated value, a small number itself, or the number of a text.
//!
//! A reader may find a record that is being replaced. It compares the labels, and then loads the handle word again: if
//! it is the same as before the comparison, nothing was replaced, because a place is never handed out twice (its
//! generation rises). Writers hold the lock, and zero the handle word before they touch anything else of a record.

use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, SystemTime};

use super::alive::Alive;
use super::core::{Pass, Progress};
use super::table::{Chains, Found, Segments, TextWriter, Texts, hash_of};
use super::told::Told;
use super::word::{Said, said, short, small, text, text_number};
use crate::LabelSet;
use crate::cell::run::Place;
use crate::cell::slots::NOWHERE;
use crate::descriptor::{Descriptor, LabelDescriptor, LabelValues};
use crate::encode::{Encoder, Timestamp};
use crate::label::LabelVisitor;
use crate::metric::Series;
use crate::sync::{AtomicU32, AtomicU64, Mutex, Ordering, fence};

/// How many series a family keeps unless told otherwise.
pub(crate) const DEFAULT_MAX_SERIES: u32 = 2000;
/// How long a label value may be in bytes unless told otherwise.
pub(crate) const DEFAULT_MAX_VALUE_BYTES: usize = 1024;
/// What dynamic labels are in the series that stand for those beyond the cap.
pub(crate) const OVERFLOW: &str = "_overflow";

/// Set in the epoch of an overflow series.
const IS_OVERFLOW: u32 = 1 << 31;

/// The step in which times of birth are kept: 13 years fit.
const AGE_MILLIS: u64 = 100;

/// How many records a scrape passes over at most in one piece.
const MOST_STEPS: usize = 1 << 14;

const HANDLE: usize = 0;
/// The epoch and the time of birth, then the labels, two to a word.
const HALVES: usize = 2;
const EPOCH: usize = 0;
const BIRTH: usize = 1;
const LABELS: usize = 2;

pub(crate) struct Sparse<M: Series> {
    shape: M::Shape,
    labels: Box<[LabelDescriptor]>,
    created: SystemTime,
    hasher: foldhash::fast::RandomState,
    records: Segments<AtomicU64>,
    chains: Chains,
    texts: Texts,
    max_series: usize,
    max_value_bytes: usize,
    /// How many series there are, overflow series included.
    len: AtomicU64,
    /// How many of them count towards the cap: all but the overflow series.
    regular: AtomicU64,
    /// One more than the highest index in use.
    end: AtomicU64,
    /// How many scrapes have begun.
    epoch: AtomicU32,
    /// How many lookups went to overflow series.
    overflowed: AtomicU64,
    writer: Mutex<Writer>,
}

#[derive(Default)]
struct Writer {
    texts: TextWriter,
    free: Vec<u32>,
    len: usize,
    /// The highest index that was ever used, plus one.
    end: usize,
}

/// What a lookup found: the series' place, and whether it stands for many.
type Hit = (Place, bool);

impl<M: Series> Sparse<M> {
    pub(crate) fn new(shape: M::Shape, descriptor: &Descriptor) -> Self {
        Self {
            shape,
            labels: descriptor.labels.clone().into(),
            created: SystemTime::now(),
            hasher: foldhash::fast::RandomState::default(),
            records: Segments::new(HALVES + (LABELS + descriptor.labels.len()).div_ceil(2)),
            chains: Chains::new(),
            texts: Texts::new(),
            max_series: descriptor.max_series.unwrap_or(DEFAULT_MAX_SERIES) as usize,
            max_value_bytes: descriptor.max_value_bytes.map_or(DEFAULT_MAX_VALUE_BYTES, |bytes| bytes as usize),
            len: AtomicU64::new(0),
            regular: AtomicU64::new(0),
            end: AtomicU64::new(0),
            epoch: AtomicU32::new(0),
            overflowed: AtomicU64::new(0),
            writer: Mutex::default(),
        }
    }

    pub(crate) fn shape(&self) -> M::Shape {
        self.shape
    }

    /// Where the series with these labels is, and whether it stands for many; see [`super::Family::with`].
    #[inline]
    pub(crate) fn find_or_make<L: LabelSet>(&self, labels: &L) -> Hit {
        let hash = self.hash(labels);
        match self.find(hash, labels) {
            Found::Entry(hit) => hit,
            miss => self.resolve(labels, miss == Found::Nothing),
        }
    }

    #[inline(always)]
    pub(super) fn hash<L: LabelSet>(&self, labels: &L) -> u32 {
        let mut visitor = Hashing(self.hasher.build_hasher());
        labels.visit(&mut visitor);
        let hash = visitor.0.finish();
        (hash ^ hash >> 32) as u32
    }

    #[inline(always)]
    fn find<L: LabelSet>(&self, hash: u32, labels: &L) -> Found<Hit> {
        self.chains.find(hash, &self.records, |_, record| self.matches(record, labels))
    }

    /// The series of a record, if it has these labels.
    #[inline(always)]
    fn matches<L: LabelSet>(&self, record: &[AtomicU64], labels: &L) -> Option<Hit> {
        // Acquire: pairs with the store in `insert`, the labels of this series are there.
        let handle = record[HANDLE].load(Ordering::Acquire);
        let mut visitor = Comparing { texts: &self.texts, record, at: LABELS, same: handle != 0 };
        labels.visit(&mut visitor);
        if !visitor.same {
            return None;
        }
        let overflow = half(record, EPOCH) & IS_OVERFLOW != 0;
        // What was compared was loaded before the handle is loaded again; partner is the fence in `take`.
        fence(Ordering::Acquire);
        (record[HANDLE].load(Ordering::Relaxed) == handle).then(|| (Place::unpack(handle), overflow))
    }

    /// Finds or makes the series with these labels, or the one that stands for it. `absent`: there is none for sure.
    #[cold]
    fn resolve<L: LabelSet>(&self, labels: &L, absent: bool) -> Hit {
        let mut longest = Longest(0);
        labels.visit(&mut longest);
        let full = absent && self.regular.load(Ordering::Relaxed) as usize >= self.max_series;
        if full || longest.0 > self.max_value_bytes {
            return self.overflow(labels);
        }
        let made = self.make(Told::by(labels, self.labels.len()), self.max_series, 0);
        made.unwrap_or_else(|| self.overflow(labels))
    }

    /// Finds or makes the series under the lock; `None` if there are `max` series already, or no room.
    fn make(&self, labels: Told, max: usize, flags: u32) -> Option<Hit> {
        // Of what was told: a set that tells something else each time makes the series of one telling.
        let hash = self.hash(&labels);
        let mut writer = self.writer.lock();
        let found = match self.find(hash, &labels) {
            Found::Entry(hit) => Some(hit),
            Found::Nothing => None,
            // Nothing changes under the lock: an uncommonly long chain.
            Found::Unsure => (0..writer.end).find_map(|index| self.matches(self.records.from(index)?, &labels)),
        };
        if found.is_some() {
            return found;
        }
        if self.regular.load(Ordering::Relaxed) as usize >= max {
            return None;
        }
        self.insert(&mut writer, hash, &labels, flags)
    }

    /// The series that stands for those beyond the cap with the same enumerable labels. There are at most as many as
    /// combinations of those.
    fn overflow<L: LabelSet>(&self, labels: &L) -> Hit {
        self.overflowed.fetch_add(1, Ordering::Relaxed);
        let labels = Overflowing { labels, kinds: &self.labels };
        let hash = self.hash(&labels);
        match self.find(hash, &labels) {
            Found::Entry(hit) => hit,
            _ => {
                let told = Told::by(&labels, self.labels.len());
                self.make(told, usize::MAX, IS_OVERFLOW).unwrap_or((NOWHERE, true))
            }
        }
    }

    /// Makes a series that is not there. Under the lock.
    fn insert(&self, writer: &mut Writer, hash: u32, labels: &Told, flags: u32) -> Option<Hit> {
        let place = M::allocate(self.shape)?;
        // As the fence in `take`, by the thread that stores: a reader that sees what is stored from here on in place of
        // labels and texts sees that the series which had them is gone, whichever thread ended it.
        fence(Ordering::Release);
        let index = writer.free.pop().map_or(writer.end, |index| index as usize);
        let Some(record) = self.records.make(index) else {
            M::free(self.shape, place);
            return None;
        };
        // A read-modify-write, so that it is the latest: a scrape that wrote the last series of these labels counted
        // its epoch before. Release: a scrape that comes after sees that series gone; partner in `write`.
        let epoch = self.epoch.fetch_add(0, Ordering::AcqRel) & !IS_OVERFLOW;
        // All of them at once: growing would take longer than everything else here.
        let mut halves = Vec::with_capacity(LABELS + self.labels.len());
        halves.extend([epoch | flags, self.age()]);
        let mut visitor = Storing { family: self, writer: &mut writer.texts, halves, full: false };
        labels.visit(&mut visitor);
        let (mut halves, full) = (visitor.halves, visitor.full);
        halves.resize(LABELS + self.labels.len(), 0);
        for (word, pair) in record[HALVES..].iter().zip(halves.chunks(2)) {
            let high = pair.get(1).copied().unwrap_or(0);
            word.store(u64::from(high) << 32 | u64::from(pair[0]), Ordering::Relaxed);
        }
        if full {
            self.release_texts(writer, record);
            writer.free.push(index as u32);
            M::free(self.shape, place);
            return None;
        }
        writer.len += 1;
        writer.end = writer.end.max(index + 1);
        self.len.store(writer.len as u64, Ordering::Relaxed);
        self.regular.fetch_add(u64::from(flags & IS_OVERFLOW == 0), Ordering::Relaxed);
        // Release: pairs with the Acquire in `matches` and `write`.
        record[HANDLE].store(place.pack(), Ordering::Release);
        self.end.store(writer.end as u64, Ordering::Release);
        self.chains.insert(hash, index, writer.len, &self.records);
        Some((place, flags & IS_OVERFLOW != 0))
    }

    /// Removes the series with these labels; true if there was one.
    pub(crate) fn remove<L: LabelSet>(&self, labels: &L) -> bool {
        let labels = Told::by(labels, self.labels.len());
        let hash = self.hash(&labels);
        let mut writer = self.writer.lock();
        let same = |index: usize, record| self.matches(record, &labels).map(|_| index);
        let found = match self.chains.find(hash, &self.records, same) {
            Found::Entry(index) => Some(index),
            Found::Nothing => None,
            Found::Unsure => (0..writer.end).find_map(|index| same(index, self.records.from(index)?)),
        };
        found.is_some_and(|index| self.take(&mut writer, index))
    }

    /// Removes every series.
    pub(crate) fn clear(&self) {
        let mut at = 0;
        // The lock is given back between series, so that a recorder with a new series waits for one removal at most.
        loop {
            let mut writer = self.writer.lock();
            if at >= writer.end {
                return;
            }
            self.take(&mut writer, at);
            at += 1;
        }
    }

    /// Ends the series at an index; false if there is none. Under the lock.
    fn take(&self, writer: &mut Writer, index: usize) -> bool {
        let Some(record) = self.records.from(index) else { return false };
        let handle = record[HANDLE].load(Ordering::Relaxed);
        if handle == 0 {
            return false;
        }
        let overflow = half(record, EPOCH) & IS_OVERFLOW != 0;
        record[HANDLE].store(0, Ordering::Relaxed);
        // Whoever sees what is stored from here on in place of labels and texts sees the handle word gone.
        fence(Ordering::Release);
        self.chains.remove(hash_of(record), index, &self.records);
        self.release_texts(writer, record);
        writer.free.push(index as u32);
        writer.len -= 1;
        self.len.store(writer.len as u64, Ordering::Relaxed);
        self.regular.fetch_sub(u64::from(!overflow), Ordering::Relaxed);
        M::free(self.shape, Place::unpack(handle));
        true
    }

    /// How old the family is, in steps of [`AGE_MILLIS`].
    fn age(&self) -> u32 {
        let age = self.created.elapsed().unwrap_or_default().as_millis() / u128::from(AGE_MILLIS);
        u32::try_from(age).unwrap_or(u32::MAX)
    }

    fn release_texts(&self, writer: &mut Writer, record: &[AtomicU64]) {
        for at in 0..self.labels.len() {
            if let LabelWord::Dynamic(Said::Text(number)) = self.label(record, at) {
                self.texts.release(&mut writer.texts, number);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed) as usize
    }

    pub(crate) fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }

    /// Writes series until the piece is full; true when all are written. A series that was born after the scrape began,
    /// or ends before its turn, is left out, so that labels which are removed and made again appear once.
    pub(crate) fn write(&self, progress: &mut Progress, pass: &mut Pass<'_>) -> bool {
        // Acquire: pairs with `insert`.
        let count = || self.epoch.fetch_add(1, Ordering::AcqRel) & !IS_OVERFLOW;
        let epoch = *progress.epoch.get_or_insert_with(count);
        let end = self.end.load(Ordering::Acquire) as usize;
        let mut text = Vec::new();
        let created = (M::COUNTS && pass.encoder.tells_created()).then(|| Timestamp::from(self.created));
        for _ in 0..MOST_STEPS {
            if progress.next >= end {
                return true;
            }
            if pass.out.len() >= pass.limit {
                return false;
            }
            if let Some(record) = self.records.from(progress.next) {
                self.write_row(record, epoch, created, &mut text, pass);
            }
            progress.next += 1;
        }
        progress.next >= end
    }

    fn write_row(
        &self,
        record: &[AtomicU64],
        epoch: u32,
        created: Option<Timestamp>,
        text: &mut Vec<u8>,
        pass: &mut Pass<'_>,
    ) {
        let handle = record[HANDLE].load(Ordering::Acquire);
        if handle == 0 || half(record, EPOCH) & !IS_OVERFLOW > epoch {
            return;
        }
        pass.encoder.start_row();
        for at in 0..self.labels.len() {
            self.write_label(record, at, text, pass.encoder);
        }
        if let Some(created) = created {
            let age = Duration::from_millis(u64::from(half(record, BIRTH)) * AGE_MILLIS);
            pass.encoder.created(created.after(age));
        }
        // As in `matches`: nothing of the labels was replaced. What a run holds that is handed out again is filtered
        // by its generation.
        fence(Ordering::Acquire);
        if record[HANDLE].load(Ordering::Relaxed) != handle {
            return;
        }
        let mut encoder = Alive { encoder: &mut *pass.encoder, word: &record[HANDLE], handle };
        if M::write(self.shape, Place::unpack(handle), pass.reader, &mut encoder, pass.out).is_err() {
            pass.left_out += 1;
        }
    }

    /// Tells a label, under its word as the key. A text's number may be handed out anew while it is read here, and then
    /// nonsense is remembered under it; but a series that is old enough to be written has held its texts since before
    /// the scrape began, so the numbers that are asked for again were never handed out meanwhile.
    fn write_label(&self, record: &[AtomicU64], at: usize, text: &mut Vec<u8>, encoder: &mut dyn Encoder) {
        let word = half(record, LABELS + at);
        if encoder.recall_label(at, word) {
            return;
        }
        match self.label_of(word, at) {
            LabelWord::Enumerated(value) => encoder.keyed_label(at, word, value.as_bytes()),
            LabelWord::Dynamic(Said::Absent) => {}
            LabelWord::Dynamic(Said::Number(number)) => {
                encoder.keyed_label(at, word, itoa::Buffer::new().format(number).as_bytes());
            }
            LabelWord::Dynamic(Said::Short { bytes, len }) => encoder.keyed_label(at, word, &bytes[..len]),
            LabelWord::Dynamic(Said::Text(number)) => {
                text.clear();
                self.texts.read(number, text);
                encoder.keyed_label(at, word, text);
            }
        }
    }

    fn label(&self, record: &[AtomicU64], at: usize) -> LabelWord {
        self.label_of(half(record, LABELS + at), at)
    }

    /// What a word says as the one of label number `at`.
    fn label_of(&self, word: u32, at: usize) -> LabelWord {
        let LabelValues::Enumerated(values) = self.labels[at].values else { return LabelWord::Dynamic(said(word)) };
        let value = word.checked_sub(1).and_then(|index| values.get(index as usize));
        value.map_or(LabelWord::Dynamic(Said::Absent), |value| LabelWord::Enumerated(value))
    }
}

impl<M: Series> Drop for Sparse<M> {
    fn drop(&mut self) {
        for index in 0..self.writer.get_mut().end {
            let handle = self.records.from(index).map_or(0, |record| record[HANDLE].load(Ordering::Relaxed));
            if handle != 0 {
                M::free(self.shape, Place::unpack(handle));
            }
        }
    }
}

/// What the word of a label says.
enum LabelWord {
    Enumerated(&'static str),
    Dynamic(Said),
}

/// Half word number `at` of a record's epoch and labels.
#[inline(always)]
fn half(record: &[AtomicU64], at: usize) -> u32 {
    let word = record.get(HALVES + at / 2).map_or(0, |word| word.load(Ordering::Relaxed));
    (word >> (32 * (at % 2))) as u32
}

/// Hashes what [`Comparing`] compares: each label by a write of bytes, whose length the hasher takes into account. No other
/// writes, for which the hasher would have to remember what it has put off.
struct Hashing(foldhash::fast::FoldHasher<'static>);

impl LabelVisitor for Hashing {
    #[inline(always)]
    fn enumerated(&mut self, index: usize) {
        self.0.write(&(index as u32 + 1).to_le_bytes());
    }

    #[inline(always)]
    fn text(&mut self, value: &str) {
        self.0.write(value.as_bytes());
    }

    #[inline]
    fn unsigned(&mut self, value: u64) {
        match small(value) {
            Some(word) => self.0.write(&word.to_le_bytes()),
            None => self.text(itoa::Buffer::new().format(value)),
        }
    }

    #[inline]
    fn signed(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.unsigned(value),
            Err(_) => self.text(itoa::Buffer::new().format(value)),
        }
    }

    #[inline(always)]
    fn absent(&mut self) {
        self.0.write(&[]);
    }
}

/// Compares labels with a record.
struct Comparing<'a> {
    texts: &'a Texts,
    record: &'a [AtomicU64],
    at: usize,
    same: bool,
}

impl Comparing<'_> {
    #[inline(always)]
    fn word(&mut self) -> u32 {
        self.at += 1;
        half(self.record, self.at - 1)
    }
}

impl LabelVisitor for Comparing<'_> {
    #[inline(always)]
    fn enumerated(&mut self, index: usize) {
        self.same &= self.word() as usize == index + 1;
    }

    #[inline(always)]
    fn text(&mut self, value: &str) {
        let word = self.word();
        if !self.same {
            return;
        }
        self.same = match short(value.as_bytes()) {
            Some(wanted) => word == wanted,
            None => match text_number(word) {
                Some(number) => self.texts.is(number, value.as_bytes()),
                None => word == 0 && value.is_empty(),
            },
        };
    }

    #[inline]
    fn unsigned(&mut self, value: u64) {
        match small(value) {
            Some(word) => self.same &= self.word() == word,
            None => self.text(itoa::Buffer::new().format(value)),
        }
    }

    #[inline]
    fn signed(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.unsigned(value),
            Err(_) => self.text(itoa::Buffer::new().format(value)),
        }
    }

    #[inline]
    fn absent(&mut self) {
        self.same &= self.word() == 0;
    }
}

/// Makes a record's half words, interning texts.
struct Storing<'a, M: Series> {
    family: &'a Sparse<M>,
    writer: &'a mut TextWriter,
    halves: Vec<u32>,
    /// There was no room for a text.
    full: bool,
}

impl<M: Series> LabelVisitor for Storing<'_, M> {
    fn enumerated(&mut self, index: usize) {
        self.halves.push(index as u32 + 1);
    }

    fn text(&mut self, value: &str) {
        if value.is_empty() {
            return self.absent();
        }
        if let Some(word) = short(value.as_bytes()) {
            return self.halves.push(word);
        }
        let hash = self.family.hasher.hash_one(value.as_bytes()) as u32;
        let number = self.family.texts.intern(self.writer, hash, value.as_bytes());
        self.full |= number.is_none();
        self.halves.push(number.map_or(0, text));
    }

    fn unsigned(&mut self, value: u64) {
        match small(value) {
            Some(word) => self.halves.push(word),
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
        self.halves.push(0);
    }
}

/// The length of the longest text.
struct Longest(usize);

impl LabelVisitor for Longest {
    fn enumerated(&mut self, _: usize) {}

    fn text(&mut self, value: &str) {
        self.0 = self.0.max(value.len());
    }

    fn unsigned(&mut self, _: u64) {}

    fn signed(&mut self, _: i64) {}

    fn absent(&mut self) {}
}

/// The labels of the overflow series: dynamic ones are replaced.
struct Overflowing<'a, L> {
    labels: &'a L,
    kinds: &'a [LabelDescriptor],
}

impl<L: LabelSet> LabelSet for Overflowing<'_, L> {
    type Schema = crate::NoLabels;
    const LABELS: &'static [crate::LabelDeclaration] = &[];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        self.labels.visit(&mut Replacing { visitor, kinds: self.kinds.iter() });
    }
}

struct Replacing<'a, V> {
    visitor: &'a mut V,
    kinds: std::slice::Iter<'a, LabelDescriptor>,
}

impl<V: LabelVisitor> Replacing<'_, V> {
    /// Passes on what is enumerable, and replaces what is not.
    fn next(&mut self, pass_on: impl FnOnce(&mut V)) {
        let dynamic = self.kinds.next().is_some_and(|label| label.values == LabelValues::Dynamic);
        if dynamic { self.visitor.text(OVERFLOW) } else { pass_on(self.visitor) }
    }
}

impl<V: LabelVisitor> LabelVisitor for Replacing<'_, V> {
    fn enumerated(&mut self, index: usize) {
        self.next(|visitor| visitor.enumerated(index));
    }

    fn text(&mut self, value: &str) {
        self.next(|visitor| visitor.text(value));
    }

    fn unsigned(&mut self, value: u64) {
        self.next(|visitor| visitor.unsigned(value));
    }

    fn signed(&mut self, value: i64) {
        self.next(|visitor| visitor.signed(value));
    }

    fn absent(&mut self) {
        self.next(V::absent);
    }
}
