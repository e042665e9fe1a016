//! Where may an entry with a given hash be? In its bucket: a cache line of entries, each a hash beside the number of a row,
//! so that a search looks at no row but one whose hash is the same. A bucket that is full goes on in a further line. Buckets
//! are added one at a time (linear hashing), so that no insertion ever pays for moving all the others.

#[cfg(all(test, not(metrics_loom)))]
// Where it is also when a model includes this file.
#[path = "buckets/tests.rs"]
mod tests;

use super::Segments;
use crate::sync::{AtomicU32, AtomicU64, Ordering, zeroed_rows};

/// The words of a line.
pub(super) const LINE: usize = 8;
/// Which of them may tell where its bucket goes on.
const LAST: usize = LINE - 1;
/// Set in the hash of every entry, and in no other word.
const ENTRY: u32 = 1 << 31;
/// Set in a word that tells where its bucket goes on, above the number of the line.
const GOES_ON: u64 = 1 << 32;

/// So many buckets are for few entries each, so that most searches end with the first; beyond, memory counts more.
const FEW_BUCKETS: usize = 2048;
/// Entries of a bucket, then and beyond.
const FEW: usize = 1;
const MANY: usize = 6;
/// How many buckets an insertion adds at most.
const MOST_ADDED: usize = 2;

/// A reader that has looked through this many lines has lost its way in buckets that are being changed, or in one that is
/// uncommonly long: it gives up, and looks under the lock.
const PATIENCE: usize = 16;

/// The entries of a line. Those that are none stand behind the others.
type Line = [AtomicU64; LINE];
type Words = [u64; LINE];

/// What is looked for.
pub(crate) trait Accept {
    type Found;

    /// What is made of the row at an index, whose hash is the right one.
    fn accept(&mut self, index: usize) -> Option<Self::Found>;
}

impl<T, F: FnMut(usize) -> Option<T>> Accept for F {
    type Found = T;

    fn accept(&mut self, index: usize) -> Option<T> {
        self(index)
    }
}

/// Entries of rows that lie elsewhere.
pub(crate) struct Buckets {
    /// The first lines of the first buckets.
    first: Box<[Line]>,
    /// Of all that were added.
    added: Segments<AtomicU64>,
    /// The lines in which buckets go on.
    further: Segments<AtomicU64>,
    /// The first of those that are not used now, plus one; each leads to the next.
    free: AtomicU32,
    /// The first of those that never were.
    fresh: AtomicU32,
    /// How many buckets there are; see [`Count`].
    count: AtomicU64,
    /// Odd while a bucket is being changed.
    version: AtomicU64,
}

/// The hash of an entry above its index. 0 is none.
fn entry(hash: u32, index: usize) -> u64 {
    // Indices are below `segments::CAPACITY`, which fits.
    u64::from(hash | ENTRY) << 32 | index as u64
}

const _: () = assert!(super::segments::CAPACITY < u32::MAX as usize);

#[inline(always)]
fn hash_in(entry: u64) -> u32 {
    (entry >> 32) as u32
}

#[inline(always)]
fn index_in(entry: u64) -> usize {
    entry as u32 as usize
}

/// The further line that a word leads to.
#[inline(always)]
fn goes_on(word: u64) -> Option<usize> {
    (word >> 32 == GOES_ON >> 32).then_some(word as u32 as usize)
}

/// A number of buckets, and the mask that goes with it, which a lookup then needs not compute.
#[derive(Clone, Copy)]
struct Count {
    count: u32,
    mask: u32,
}

impl Count {
    fn new(count: u32) -> Self {
        Self { count, mask: count.next_power_of_two() - 1 }
    }

    fn pack(self) -> u64 {
        u64::from(self.mask) << 32 | u64::from(self.count)
    }

    #[inline(always)]
    fn unpack(word: u64) -> Self {
        Self { count: word as u32, mask: (word >> 32) as u32 }
    }

    /// The bucket of a hash.
    #[inline(always)]
    fn of(self, hash: u32) -> usize {
        let bucket = hash & self.mask;
        (if bucket < self.count { bucket } else { bucket & (self.mask >> 1) }) as usize
    }
}

/// What a search found.
#[derive(Debug)]
pub(crate) enum Found<T> {
    Entry(T),
    /// There was no such entry in this version of the buckets.
    Nothing(u64),
    /// Buckets were changed meanwhile.
    Unsure,
}

impl<T> Found<T> {
    /// The version in which there was nothing, if there was nothing for sure.
    pub(crate) fn nothing(&self) -> Option<u64> {
        match self {
            Self::Nothing(version) => Some(*version),
            Self::Entry(_) | Self::Unsure => None,
        }
    }
}

impl Buckets {
    /// So many to begin with, a power of two.
    pub(crate) fn new(least: u32) -> Self {
        Self {
            first: zeroed_rows(least as usize),
            added: Segments::new(LINE),
            further: Segments::new(LINE),
            free: AtomicU32::new(0),
            fresh: AtomicU32::new(0),
            count: AtomicU64::new(Count::new(least).pack()),
            version: AtomicU64::new(0),
        }
    }

    /// Of the entries with this hash, what is made of the first that is accepted.
    #[inline(always)]
    pub(crate) fn find<A: Accept>(&self, hash: u32, mut accept: A) -> Found<A::Found> {
        // Acquire: entries that were there before the version was read are found unless buckets change.
        let version = self.version.load(Ordering::Acquire);
        let bucket = Count::unpack(self.count.load(Ordering::Acquire)).of(hash);
        let Some(line) = self.line(bucket) else { return Found::Unsure };
        // Acquire: whoever finds an entry finds what was written before it was put there.
        let first = line[0].load(Ordering::Acquire);
        if hash_in(first) == hash | ENTRY {
            if let Some(found) = accept.accept(index_in(first)) {
                return Found::Entry(found);
            }
        }
        if first == 0 {
            return self.nothing_since(version);
        }
        self.find_behind(line, hash, version, accept)
    }

    /// The same behind the first entry of a line.
    #[inline(never)]
    fn find_behind<'a, A: Accept>(
        &'a self,
        mut line: &'a Line,
        hash: u32,
        version: u64,
        mut accept: A,
    ) -> Found<A::Found> {
        let mut skip = 1;
        for _ in 0..PATIENCE {
            let mut word = 0;
            for slot in &line[skip..] {
                // Acquire: as above.
                word = slot.load(Ordering::Acquire);
                if hash_in(word) == hash | ENTRY {
                    if let Some(found) = accept.accept(index_in(word)) {
                        return Found::Entry(found);
                    }
                }
                if word == 0 {
                    return self.nothing_since(version);
                }
            }
            let Some(further) = goes_on(word) else { return self.nothing_since(version) };
            let Some(next) = line_of(&self.further, further) else { return Found::Unsure };
            (line, skip) = (next, 0);
        }
        Found::Unsure
    }

    /// The loads of entries are Acquire, so this one comes after them; partner in `change`.
    #[inline(always)]
    fn nothing_since<T>(&self, version: u64) -> Found<T> {
        let same = self.version.load(Ordering::Relaxed) == version && version % 2 == 0;
        if same { Found::Nothing(version) } else { Found::Unsure }
    }

    /// Whether nothing was put in or taken out since this version. Under the lock.
    pub(crate) fn are_as_of(&self, version: u64) -> bool {
        self.version.load(Ordering::Relaxed) == version
    }

    /// Puts an entry in, and adds buckets where `len` entries ask for them. Under the lock.
    pub(crate) fn insert(&self, hash: u32, index: usize, len: usize) {
        self.change(|| {
            for _ in 0..MOST_ADDED {
                let buckets = self.count().count as usize;
                let each = if buckets < FEW_BUCKETS { FEW } else { MANY };
                if len <= buckets * each || self.split().is_none() {
                    break;
                }
            }
            self.put(self.count(), entry(hash, index));
        });
    }

    /// Takes an entry out. Under the lock.
    pub(crate) fn remove(&self, hash: u32, index: usize) {
        self.change(|| {
            let Some(mut line) = self.line(self.count().of(hash)) else { return };
            let (mut place, mut before) = (None, None);
            loop {
                place = place.or_else(|| line.iter().find(|slot| slot.load(Ordering::Relaxed) == entry(hash, index)));
                let Some(next) = self.next(line) else { break };
                before = Some(line);
                line = next;
            }
            // The bucket's last entry goes where the one was that goes.
            let last = line.iter().rfind(|slot| slot.load(Ordering::Relaxed) != 0);
            let (Some(place), Some(last)) = (place, last) else { return };
            place.store(last.load(Ordering::Relaxed), Ordering::Release);
            last.store(0, Ordering::Release);
            if line[0].load(Ordering::Relaxed) == 0 {
                before.into_iter().for_each(|line| self.shorten(line));
            }
        });
    }

    /// The first line of a bucket.
    #[inline(always)]
    fn line(&self, bucket: usize) -> Option<&Line> {
        match self.first.get(bucket) {
            Some(line) => Some(line),
            None => line_of(&self.added, bucket - self.first.len()),
        }
    }

    /// The line in which the bucket of this line goes on.
    fn next(&self, line: &Line) -> Option<&Line> {
        line_of(&self.further, goes_on(line[LAST].load(Ordering::Relaxed))?)
    }

    /// Under the lock.
    fn count(&self) -> Count {
        Count::unpack(self.count.load(Ordering::Relaxed))
    }

    /// Puts an entry behind the others of its bucket.
    fn put(&self, count: Count, entry: u64) {
        let mut next = self.line(count.of(hash_in(entry)));
        while let Some(line) = next {
            if let Some(slot) = line.iter().find(|slot| slot.load(Ordering::Relaxed) == 0) {
                return slot.store(entry, Ordering::Release);
            }
            next = self.next(line).or_else(|| self.lengthen(line));
        }
    }

    /// A line behind one that is full, whose last entry goes there.
    fn lengthen(&self, line: &Line) -> Option<&Line> {
        let (number, further) = self.take_line()?;
        further[0].store(line[LAST].load(Ordering::Relaxed), Ordering::Release);
        line[LAST].store(GOES_ON | u64::from(number), Ordering::Release);
        Some(further)
    }

    /// Ends a bucket with a line that leads to one without entries.
    fn shorten(&self, line: &Line) {
        let further = goes_on(line[LAST].load(Ordering::Relaxed));
        line[LAST].store(0, Ordering::Release);
        further.into_iter().for_each(|number| self.give_back(number));
    }

    /// A further line without entries.
    fn take_line(&self) -> Option<(u32, &Line)> {
        if let Some(number) = self.free.load(Ordering::Relaxed).checked_sub(1) {
            let line = line_of(&self.further, number as usize)?;
            self.free.store(line[LAST].load(Ordering::Relaxed) as u32, Ordering::Relaxed);
            line[LAST].store(0, Ordering::Release);
            return Some((number, line));
        }
        let number = self.fresh.load(Ordering::Relaxed);
        let line = self.further.make(number as usize)?.first_chunk()?;
        self.fresh.store(number + 1, Ordering::Relaxed);
        Some((number, line))
    }

    /// Takes a further line back that has no entries and that no bucket leads to.
    fn give_back(&self, number: usize) {
        let Some(line) = line_of(&self.further, number) else { return };
        line[LAST].store(self.free.load(Ordering::Relaxed).into(), Ordering::Release);
        self.free.store(number as u32 + 1, Ordering::Relaxed);
    }

    /// One more bucket, which takes its entries from the one that has had them so far. `None` if there is no room.
    fn split(&self) -> Option<()> {
        let buckets = self.count().count;
        let more = Count::new(buckets + 1);
        self.added.make(buckets as usize - self.first.len())?;
        self.count.store(more.pack(), Ordering::Release);
        let old = (buckets & (more.mask >> 1)) as usize;
        let (from, to) = (self.line(old)?, self.line(buckets as usize)?);
        let moves = |word: u64| more.of(hash_in(word)) != old;
        if goes_on(from[LAST].load(Ordering::Relaxed)).is_none() {
            split_line(from, to, moves);
        } else {
            self.split_long(from, to, moves);
        }
        Some(())
    }

    /// The same of a bucket of several lines. Line by line, what it had is put in anew, where never more is needed than it had.
    #[cold]
    fn split_long<'a>(&'a self, from: &'a Line, to: &'a Line, moves: impl Fn(u64) -> bool) {
        let mut ends = [End { line: from, at: 0 }, End { line: to, at: 0 }];
        let (mut next, mut number) = (Some(from), None);
        while let Some(line) = next {
            let words: Words = std::array::from_fn(|at| line[at].load(Ordering::Relaxed));
            line.iter().for_each(|slot| slot.store(0, Ordering::Release));
            number.into_iter().for_each(|number| self.give_back(number));
            for word in words.into_iter().take_while(|word| hash_in(*word) & ENTRY != 0) {
                ends[usize::from(moves(word))].push(self, word);
            }
            number = goes_on(words[LAST]);
            next = number.and_then(|number| line_of(&self.further, number));
        }
    }

    /// Runs `work` with an odd version.
    fn change(&self, work: impl FnOnce()) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version.wrapping_add(1), Ordering::Relaxed);
        // Release stores follow: a reader that sees one of them sees the odd version; partner in `find`.
        work();
        self.version.store(version.wrapping_add(2), Ordering::Release);
    }
}

/// Moves entries of a line to one that has none.
fn split_line(from: &Line, to: &Line, moves: impl Fn(u64) -> bool) {
    let (mut stayed, mut moved, mut seen) = (0, 0, 0);
    for slot in from {
        let word = slot.load(Ordering::Relaxed);
        if word == 0 {
            break;
        }
        let (line, at) = if moves(word) { (to, &mut moved) } else { (from, &mut stayed) };
        line[*at].store(word, Ordering::Release);
        *at += 1;
        seen += 1;
    }
    from[stayed..seen].iter().for_each(|slot| slot.store(0, Ordering::Release));
}

/// Where a bucket ends for now.
struct End<'a> {
    line: &'a Line,
    at: usize,
}

impl<'a> End<'a> {
    fn push(&mut self, buckets: &'a Buckets, entry: u64) {
        if self.at == LINE {
            let Some(further) = buckets.lengthen(self.line) else { return };
            *self = Self { line: further, at: 1 };
        }
        self.line[self.at].store(entry, Ordering::Release);
        self.at += 1;
    }
}

#[inline(always)]
fn line_of(lines: &Segments<AtomicU64>, number: usize) -> Option<&Line> {
    lines.from(number)?.first_chunk()
}
