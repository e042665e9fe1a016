//! How does an array grow without moving? In segments, each twice as long as the one before.

use once_cell::sync::OnceCell;

use crate::sync::{AtomicU32, AtomicU64, zeroed_u32s, zeroed_u64s};

/// The records of the first segment; a power of two.
const FIRST: usize = 64;
/// A segment for each power of two that 32 bits can hold; those below [`FIRST`] are never used, which spares a
/// subtraction and a bounds check wherever a record is looked up.
const SEGMENTS: usize = 32;

/// In bytes.
const CACHE_LINE: usize = 64;

/// How many records an array can hold.
pub(crate) const CAPACITY: usize = (1 << (SEGMENTS - 1)) - FIRST;

/// An atomic word.
pub(crate) trait Word: Sized {
    fn zeroed(len: usize) -> Box<[Self]>;
}

impl Word for AtomicU32 {
    fn zeroed(len: usize) -> Box<[Self]> {
        zeroed_u32s(len)
    }
}

impl Word for AtomicU64 {
    fn zeroed(len: usize) -> Box<[Self]> {
        zeroed_u64s(len)
    }
}

/// Zeroed words, of which the first begins a cache line.
pub(crate) struct Aligned<W> {
    words: Box<[W]>,
    /// Where the first is.
    start: usize,
}

impl<W: Word> Aligned<W> {
    pub(crate) fn zeroed(len: usize) -> Self {
        let spare = CACHE_LINE / size_of::<W>();
        let words = W::zeroed(len + spare);
        // Where that cannot be told, nothing but time depends on it.
        let start = words.as_ptr().align_offset(CACHE_LINE).min(spare);
        Self { words, start }
    }

    /// From a word on to the end.
    #[inline(always)]
    pub(crate) fn from(&self, at: usize) -> Option<&[W]> {
        self.words.get(self.start + at..)
    }
}

/// Records of `stride` words each. They begin at zero, and stay where they are.
pub(crate) struct Segments<W> {
    stride: usize,
    segments: [OnceCell<Aligned<W>>; SEGMENTS],
}

/// The segment of a record, and its place in it.
#[inline(always)]
fn position(index: usize) -> (usize, usize) {
    // Indices are below `CAPACITY`, so that nothing is lost and nothing wraps; zero could not be, but the compiler
    // cannot know that.
    let shifted = (index as u32).wrapping_add(FIRST as u32);
    let segment = (shifted | 1).ilog2();
    (segment as usize, (shifted ^ 1 << segment) as usize)
}

impl<W: Word> Segments<W> {
    pub(crate) fn new(stride: usize) -> Self {
        Self { stride, segments: [const { OnceCell::new() }; SEGMENTS] }
    }

    /// From a record on to the end of its segment; `None` if nobody has made room for it.
    #[inline(always)]
    pub(crate) fn from(&self, index: usize) -> Option<&[W]> {
        let (segment, at) = position(index);
        self.segments[segment].get()?.from(at * self.stride)
    }

    /// The same where records are words.
    #[inline(always)]
    pub(crate) fn at_word(&self, index: usize) -> Option<&[W]> {
        debug_assert_eq!(self.stride, 1);
        let (segment, at) = position(index);
        self.segments[segment].get()?.from(at)
    }

    /// From a record on to the end of its segment, making room for it. `None` beyond [`CAPACITY`].
    pub(crate) fn make(&self, index: usize) -> Option<&[W]> {
        if index >= CAPACITY {
            return None;
        }
        let (segment, at) = position(index);
        let words = self.segments[segment].get_or_init(|| Aligned::zeroed((1 << segment) * self.stride));
        words.from(at * self.stride)
    }

    /// The first index from `index` on at which `count` records lie in one segment.
    pub(crate) fn row_start(index: usize, count: usize) -> usize {
        let mut index = index;
        loop {
            let (segment, at) = position(index);
            let length = 1 << segment;
            if at + count <= length || index >= CAPACITY {
                return index;
            }
            index += length - at;
        }
    }
}

#[cfg(all(test, not(metrics_loom)))]
mod tests {
    use super::*;

    #[test]
    fn every_record_has_a_place_of_its_own() {
        let records = Segments::<AtomicU64>::new(2);
        let mut seen = std::collections::BTreeSet::new();
        for index in 0..1000 {
            assert!(records.make(index).is_some_and(|record| record.len() >= 2));
            assert!(seen.insert(position(index)));
        }
        assert!(records.from(5000).is_none());
    }

    #[test]
    fn the_first_and_the_last_record_have_a_place() {
        assert_eq!(position(0), (6, 0));
        assert_eq!(position(CAPACITY - 1), (30, (1 << 30) - 1));
        assert!(Segments::<AtomicU64>::new(1).make(CAPACITY).is_none());
    }

    #[test]
    fn a_row_never_lies_in_two_segments() {
        for index in 0..2000 {
            for count in [1, 3, 64, 200] {
                let start = Segments::<AtomicU64>::row_start(index, count);
                assert_eq!(position(start).0, position(start + count - 1).0);
                assert!(start >= index);
            }
        }
    }
}
