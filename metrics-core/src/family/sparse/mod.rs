//! How are the series of a family with a dynamic label kept? In a table that is read without a lock.
//!
//! Each series has a record, which is found by the hash of its labels. A reader may find a record that is being replaced.
//! It compares the labels, and then loads the handle word again: if it is the same as before the comparison, nothing was
//! replaced, because a place is never handed out twice (its generation rises). Writers hold the lock, and zero the handle
//! word before they touch anything else of a record. loom tries that with the real buckets in `cell/models/sparse.rs`.

mod index;
mod long;
mod overflow;
mod packed;
mod record;
mod scrape;

pub(super) use self::index::Hit;

use std::time::SystemTime;

use self::index::{Index, Long, Piece, Sought};
use self::overflow::Overflowing;
use self::packed::Words;
use super::table::{Found, TextWriter};
use super::told::Told;
use crate::LabelSet;
use crate::cell::run::Place;
use crate::descriptor::{Descriptor, LabelDescriptor};
use crate::metric::{Moment, Series, ignored};
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

/// For so many series that there are, a family takes a place more than it needs now.
const MANY: usize = 64;
const MOST_AT_ONCE: usize = 32;

pub(crate) struct Sparse<M: Series> {
    shape: M::Shape,
    created: SystemTime,
    /// The same moment by a clock that only goes on.
    made: Moment,
    index: Index,
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
    /// Places of series that will be made.
    places: Vec<Place>,
    /// Whether a series was ever ended.
    removed: bool,
    len: usize,
    regular: usize,
    /// The highest index that was ever used, plus one.
    end: usize,
}

impl<M: Series> Sparse<M> {
    pub(crate) fn new(shape: M::Shape, descriptor: &Descriptor) -> Self {
        let max_series = descriptor.max_series.unwrap_or(DEFAULT_MAX_SERIES) as usize;
        Self {
            shape,
            created: SystemTime::now(),
            made: Moment::now(),
            index: Index::new(&descriptor.labels, max_series),
            max_series,
            max_value_bytes: descriptor.max_value_bytes.map_or(DEFAULT_MAX_VALUE_BYTES, |bytes| bytes as usize),
            len: AtomicU64::new(0),
            regular: AtomicU64::new(0),
            end: AtomicU64::new(0),
            epoch: AtomicU32::new(0),
            overflowed: AtomicU64::new(0),
            writer: Mutex::default(),
        }
    }

    pub(super) fn labels(&self) -> &[LabelDescriptor] {
        &self.index.labels
    }

    /// Where the series with these labels is, and whether it stands for many; see [`super::Family::with`].
    #[inline(always)]
    pub(crate) fn find_or_make<L: LabelSet>(&self, labels: &L) -> Hit {
        let mut words = Words::new();
        let Some(packed) = words.pack(labels) else { return self.find_or_make_long(labels) };
        let sought = Piece { packed, labels };
        let hash = sought.hash(&self.index);
        match self.index.find(hash, &sought) {
            Found::Entry((_, hit)) => hit,
            // Without its owner's labels, whose code must not run under the lock.
            miss => self.resolve(&Piece::of(&packed), hash, miss.nothing()),
        }
    }

    #[inline(never)]
    fn find_or_make_long<L: LabelSet>(&self, labels: &L) -> Hit {
        let sought = Long(labels);
        if let Found::Entry((_, hit)) = self.index.find(sought.hash(&self.index), &sought) {
            return hit;
        }
        // Once more: nothing makes their owner tell them alike each time.
        let told = Told::by(labels, self.labels().len());
        let (sought, hash) = (Long(&told), Long(&told).hash(&self.index));
        match self.index.find(hash, &sought) {
            Found::Entry((_, hit)) => hit,
            miss => self.resolve(&sought, hash, miss.nothing()),
        }
    }

    /// Finds or makes the series with these labels, or the one that stands for it. `absent`: since when there was none, if
    /// that is known.
    #[cold]
    fn resolve<S: Sought>(&self, sought: &S, hash: u32, absent: Option<u64>) -> Hit {
        let measured = sought.measured(self.labels());
        if !measured.fitting {
            ignored();
            return Hit::NOWHERE;
        }
        let full = absent.is_some() && self.regular.load(Ordering::Relaxed) as usize >= self.max_series;
        if full || measured.longest > self.max_value_bytes {
            return self.overflow(sought.labels());
        }
        self.make(sought, (hash, absent), self.max_series, 0).unwrap_or_else(|| self.overflow(sought.labels()))
    }

    /// Finds or makes the series under the lock; `None` if there are `max` series already, or no room.
    fn make<S: Sought>(&self, sought: &S, (hash, absent): (u32, Option<u64>), max: usize, flags: u32) -> Option<Hit> {
        let mut writer = self.writer.lock();
        // Not looked for again where nobody was here meanwhile.
        if !absent.is_some_and(|version| self.index.buckets.are_as_of(version)) {
            if let Some((_, hit)) = self.index.find_surely(hash, sought, writer.end) {
                return Some(hit);
            }
        }
        if writer.regular >= max {
            return None;
        }
        self.insert(&mut writer, hash, sought, flags)
    }

    /// The series that stands for those beyond the cap with the same enumerable labels. There are at most as many as
    /// combinations of those.
    fn overflow(&self, labels: &impl LabelSet) -> Hit {
        self.overflowed.fetch_add(1, Ordering::Relaxed);
        let labels = Overflowing { labels, kinds: self.labels() };
        match Words::new().pack(&labels) {
            Some(packed) => self.overflow_of(&Piece::of(&packed)),
            None => self.overflow_of(&Long(&labels)),
        }
    }

    fn overflow_of<S: Sought>(&self, sought: &S) -> Hit {
        let hash = sought.hash(&self.index);
        match self.index.find(hash, sought) {
            Found::Entry((_, hit)) => hit,
            miss => self.make(sought, (hash, miss.nothing()), usize::MAX, IS_OVERFLOW).unwrap_or(Hit::NOWHERE),
        }
    }

    /// Makes a series that is not there. Under the lock.
    fn insert<S: Sought>(&self, writer: &mut Writer, hash: u32, sought: &S, flags: u32) -> Option<Hit> {
        let place = self.place(writer)?;
        // As the fence in `take`, by the thread that stores: a reader that sees what is stored from here on in place of
        // labels and texts sees that the series which had them is gone, whichever thread ended it.
        fence(Ordering::Release);
        let index = writer.free.pop().map_or(writer.end, |index| index as usize);
        let Some(record) = self.index.records.make(index) else {
            writer.places.push(place);
            return None;
        };
        let epoch = self.epoch(writer) & !IS_OVERFLOW;
        if !self.index.store(&mut writer.texts, record, sought, [hash, epoch | flags, self.age()]) {
            self.index.release_texts(&mut writer.texts, record);
            writer.free.push(index as u32);
            writer.places.push(place);
            return None;
        }
        writer.len += 1;
        writer.end = writer.end.max(index + 1);
        self.len.store(writer.len as u64, Ordering::Relaxed);
        writer.regular += usize::from(flags & IS_OVERFLOW == 0);
        self.regular.store(writer.regular as u64, Ordering::Relaxed);
        // Release: pairs with the Acquire in `matches` and `write`.
        record.handle().store(place.pack(), Ordering::Release);
        self.end.store(writer.end as u64, Ordering::Release);
        self.index.buckets.insert(hash, index, writer.len);
        Some(Hit::new(place, flags & IS_OVERFLOW != 0))
    }

    /// How many scrapes had begun when a series is born.
    fn epoch(&self, writer: &Writer) -> u32 {
        if !writer.removed {
            // There was no other series of these labels, and no text has ever had another one's number: a scrape that has
            // just begun may write the series or not.
            return self.epoch.load(Ordering::Relaxed);
        }
        // A read-modify-write, so that it is the latest: a scrape that wrote the last series of these labels counted
        // its epoch before. Release: a scrape that comes after sees that series gone; partner in `write`.
        self.epoch.fetch_add(0, Ordering::AcqRel)
    }

    /// A place that was never handed out. A large family takes some at once, of which few are left over in the end.
    fn place(&self, writer: &mut Writer) -> Option<Place> {
        if writer.places.is_empty() {
            M::allocate_some(self.shape, (writer.len / MANY).clamp(1, MOST_AT_ONCE), &mut writer.places);
            // So that they are used in the order in which they lie.
            writer.places.reverse();
        }
        writer.places.pop()
    }

    /// Removes the series with these labels; true if there was one.
    pub(crate) fn remove<L: LabelSet>(&self, labels: &L) -> bool {
        match Words::new().pack(labels) {
            Some(packed) => self.remove_sought(&Piece::of(&packed)),
            None => self.remove_sought(&Long(&Told::by(labels, self.labels().len()))),
        }
    }

    fn remove_sought<S: Sought>(&self, sought: &S) -> bool {
        let hash = sought.hash(&self.index);
        let mut writer = self.writer.lock();
        let found = self.index.find_surely(hash, sought, writer.end);
        found.is_some_and(|(index, _)| self.take(&mut writer, index))
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
        let Some(record) = self.index.records.at(index) else { return false };
        let handle = record.handle().load(Ordering::Relaxed);
        if handle == 0 {
            return false;
        }
        let overflow = record.epoch() & IS_OVERFLOW != 0;
        writer.removed = true;
        record.handle().store(0, Ordering::Relaxed);
        // Whoever sees what is stored from here on in place of labels and texts sees the handle word gone.
        fence(Ordering::Release);
        self.index.remove(&mut writer.texts, index, record);
        writer.free.push(index as u32);
        writer.len -= 1;
        self.len.store(writer.len as u64, Ordering::Relaxed);
        writer.regular -= usize::from(!overflow);
        self.regular.store(writer.regular as u64, Ordering::Relaxed);
        M::free(self.shape, Place::unpack(handle));
        true
    }

    /// How old the family is, in steps of [`AGE_MILLIS`].
    fn age(&self) -> u32 {
        let age = Moment::now().nanoseconds_since(self.made) / (AGE_MILLIS * 1_000_000);
        u32::try_from(age).unwrap_or(u32::MAX)
    }

    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed) as usize
    }

    pub(crate) fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(super) fn hash(&self, labels: &impl LabelSet) -> u32 {
        Words::new().pack(labels).map_or_else(|| Long(labels).hash(&self.index), |packed| packed.hash(&self.index.keys))
    }
}

impl<M: Series> Drop for Sparse<M> {
    fn drop(&mut self) {
        let writer = self.writer.get_mut();
        writer.places.drain(..).for_each(|place| M::free(self.shape, place));
        for index in 0..writer.end {
            let record = self.index.records.at(index);
            let handle = record.map_or(0, |record| record.handle().load(Ordering::Relaxed));
            if handle != 0 {
                M::free(self.shape, Place::unpack(handle));
            }
        }
    }
}
