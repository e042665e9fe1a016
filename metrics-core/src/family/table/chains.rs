//! Where may an entry with a given hash be? In the chain of its bucket. Buckets are added one at a time (linear hashing),
//! so that no insertion ever pays for moving all the others.

use super::Segments;
use crate::sync::{AtomicU32, AtomicU64, Ordering, zeroed_u32s};

/// Up to here there are twice as many buckets as entries, so that most chains have one; beyond, memory counts more.
const FEW_BUCKETS: usize = 8192;

/// A reader that has followed this many links has lost its way in chains that are being changed, or in one that is
/// uncommonly long: it gives up, and looks under the lock.
const PATIENCE: usize = 64;

/// Which word of a row is its link.
pub(crate) const LINK: usize = 1;

/// Rows of words, found by their index.
pub(crate) trait Rows {
    type Row<'a>: Linked<'a>
    where
        Self: 'a;

    /// `None` if nobody has made room for it.
    fn row(&self, index: usize) -> Option<Self::Row<'_>>;
}

/// A row that has a link.
pub(crate) trait Linked<'a>: Copy {
    fn link(self) -> Option<&'a AtomicU64>;
}

impl Rows for Segments<AtomicU64> {
    type Row<'a> = &'a [AtomicU64];

    #[inline(always)]
    fn row(&self, index: usize) -> Option<&[AtomicU64]> {
        self.from(index)
    }
}

impl<'a> Linked<'a> for &'a [AtomicU64] {
    #[inline(always)]
    fn link(self) -> Option<&'a AtomicU64> {
        self.get(LINK)
    }
}

/// Chains of rows that lie elsewhere. An entry is a number, one more than its index; 0 ends a chain.
pub(crate) struct Chains {
    /// The heads of the first buckets.
    first: Box<[AtomicU32]>,
    /// Of all that were added.
    added: Segments<AtomicU32>,
    /// How many buckets there are; see [`Buckets`].
    buckets: AtomicU64,
    /// Odd while a chain is being changed.
    version: AtomicU32,
}

/// The hash of an entry above the number of the next one.
pub(crate) fn link(hash: u32, next: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(next)
}

/// The hash that a row was linked with.
pub(crate) fn hash_of(link: &AtomicU64) -> u32 {
    hash_in(link.load(Ordering::Relaxed))
}

#[inline(always)]
fn hash_in(link: u64) -> u32 {
    (link >> 32) as u32
}

#[inline(always)]
fn next_of(link: u64) -> u32 {
    link as u32
}

/// A number of buckets, and the mask that goes with it, which a lookup then needs not compute.
#[derive(Clone, Copy)]
struct Buckets {
    count: u32,
    mask: u32,
}

impl Buckets {
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
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<T> {
    Entry(T),
    /// There is no such entry.
    Nothing,
    /// Chains were changed meanwhile.
    Unsure,
}

impl Chains {
    /// So many buckets to begin with, a power of two.
    pub(crate) fn new(buckets: u32) -> Self {
        Self {
            first: zeroed_u32s(buckets as usize),
            added: Segments::new(1),
            buckets: AtomicU64::new(Buckets::new(buckets).pack()),
            version: AtomicU32::new(0),
        }
    }

    #[inline(always)]
    fn head(&self, bucket: usize) -> Option<&AtomicU32> {
        self.first.get(bucket).or_else(|| self.added.word(bucket - self.first.len()))
    }

    /// The first row with this hash of which `accept` makes something.
    #[inline(always)]
    pub(crate) fn find<'a, R: Rows, T>(
        &self,
        hash: u32,
        rows: &'a R,
        mut accept: impl FnMut(usize, R::Row<'a>) -> Option<T>,
    ) -> Found<T> {
        // Acquire: entries that were there before the version was read are found unless chains change.
        let version = self.version.load(Ordering::Acquire);
        let buckets = Buckets::unpack(self.buckets.load(Ordering::Acquire));
        let mut entry = self.head(buckets.of(hash)).map_or(0, |head| head.load(Ordering::Acquire));
        for _ in 0..PATIENCE {
            let Some(index) = (entry as usize).checked_sub(1) else {
                // The loads of the chain are Acquire, so this one comes after them; partner in `change`.
                let same = self.version.load(Ordering::Relaxed) == version && version % 2 == 0;
                return if same { Found::Nothing } else { Found::Unsure };
            };
            let Some(row) = rows.row(index) else { return Found::Unsure };
            let Some(link) = row.link() else { return Found::Unsure };
            // Acquire: whoever finds an entry's link finds what was written before it was linked.
            let link = link.load(Ordering::Acquire);
            if hash_in(link) == hash {
                if let Some(found) = accept(index, row) {
                    return Found::Entry(found);
                }
            }
            entry = next_of(link);
        }
        Found::Unsure
    }

    /// Links an entry, and adds buckets where `len` entries ask for them. Under the lock.
    pub(crate) fn insert(&self, hash: u32, index: usize, len: usize, rows: &impl Rows) {
        self.change(|| {
            for _ in 0..2 {
                let buckets = self.buckets().count as usize;
                let wanted = if buckets < FEW_BUCKETS { 2 * len } else { len };
                if wanted > buckets {
                    self.add_bucket(rows);
                }
            }
            let head = self.head(self.buckets().of(hash));
            if let (Some(head), Some(own)) = (head, link_of(rows, index)) {
                own.store(link(hash, head.load(Ordering::Relaxed)), Ordering::Release);
                head.store(entry_of(index), Ordering::Release);
            }
        });
    }

    /// Unlinks an entry. Under the lock.
    pub(crate) fn remove(&self, hash: u32, index: usize, rows: &impl Rows) {
        self.change(|| {
            let Some(head) = self.head(self.buckets().of(hash)) else { return };
            let Some(after) = link_of(rows, index).map(|own| next_of(own.load(Ordering::Relaxed))) else { return };
            if head.load(Ordering::Relaxed) == entry_of(index) {
                head.store(after, Ordering::Release);
                return;
            }
            let mut entry = head.load(Ordering::Relaxed);
            while let Some(word) = (entry as usize).checked_sub(1).and_then(|index| link_of(rows, index)) {
                let value = word.load(Ordering::Relaxed);
                entry = next_of(value);
                if entry == entry_of(index) {
                    word.store(link(hash_in(value), after), Ordering::Release);
                    return;
                }
            }
        });
    }

    /// Under the lock.
    fn buckets(&self) -> Buckets {
        Buckets::unpack(self.buckets.load(Ordering::Relaxed))
    }

    /// One more bucket, which takes its entries from the one that has had them so far.
    /// `None` if there is no room.
    fn add_bucket(&self, rows: &impl Rows) -> Option<()> {
        let buckets = self.buckets().count;
        let more = Buckets::new(buckets + 1);
        let new = self.added.make(buckets as usize - self.first.len())?;
        let old = buckets & (more.mask >> 1);
        let old = self.head(old as usize)?;
        let (mut stay, mut go) = (0, 0);
        let mut entry = old.load(Ordering::Relaxed);
        while let Some(word) = (entry as usize).checked_sub(1).and_then(|index| link_of(rows, index)) {
            let value = word.load(Ordering::Relaxed);
            let moves = more.of(hash_in(value)) == buckets as usize;
            let chain = if moves { &mut go } else { &mut stay };
            word.store(link(hash_in(value), *chain), Ordering::Release);
            *chain = entry;
            entry = next_of(value);
        }
        old.store(stay, Ordering::Release);
        new[0].store(go, Ordering::Release);
        self.buckets.store(more.pack(), Ordering::Release);
        Some(())
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

fn link_of(rows: &impl Rows, index: usize) -> Option<&AtomicU64> {
    rows.row(index)?.link()
}

/// The number of the entry at an index. Indices are below `segments::CAPACITY`, which fits.
fn entry_of(index: usize) -> u32 {
    index as u32 + 1
}

const _: () = assert!(super::segments::CAPACITY < u32::MAX as usize);
