//! How does an array grow without moving? In segments, each twice as long as the one before.

use once_cell::sync::OnceCell;

use crate::sync::{AtomicU32, AtomicU64, zeroed_u32s, zeroed_u64s};

/// The records of the first segment.
const FIRST: usize = 64;
const SEGMENTS: usize = 25;

/// How many records an array can hold.
pub(crate) const CAPACITY: usize = (FIRST << SEGMENTS) - FIRST;

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

/// Records of `stride` words each. They begin at zero, and stay where they are.
pub(crate) struct Segments<W> {
    stride: usize,
    segments: [OnceCell<Box<[W]>>; SEGMENTS],
}

impl<W: Word> Segments<W> {
    pub(crate) fn new(stride: usize) -> Self {
        Self { stride, segments: [const { OnceCell::new() }; SEGMENTS] }
    }

    /// The segment of a record, and its place in it.
    #[inline(always)]
    fn position(index: usize) -> (usize, usize) {
        let shifted = index + FIRST;
        let segment = (shifted.ilog2() - FIRST.ilog2()) as usize;
        (segment, shifted - (FIRST << segment))
    }

    /// A record; `None` if nobody has made room for it.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&[W]> {
        let (segment, at) = Self::position(index);
        let words = self.segments.get(segment)?.get()?;
        words.get(at * self.stride..(at + 1) * self.stride)
    }

    /// The first word of a record.
    #[inline]
    pub(crate) fn word(&self, index: usize) -> Option<&W> {
        self.get(index)?.first()
    }

    /// A record, making room for it. `None` beyond [`CAPACITY`].
    pub(crate) fn make(&self, index: usize) -> Option<&[W]> {
        let (segment, at) = Self::position(index);
        let words = self.segments.get(segment)?.get_or_init(|| W::zeroed((FIRST << segment) * self.stride));
        words.get(at * self.stride..(at + 1) * self.stride)
    }

    /// `count` records in a row; `None` where they do not exist or lie in two segments.
    #[inline]
    pub(crate) fn row(&self, index: usize, count: usize) -> Option<&[W]> {
        let (segment, at) = Self::position(index);
        let words = self.segments.get(segment)?.get()?;
        words.get(at * self.stride..(at + count) * self.stride)
    }

    /// The first index from `index` on at which `count` records lie in one segment.
    pub(crate) fn row_start(index: usize, count: usize) -> usize {
        let mut index = index;
        loop {
            let (segment, at) = Self::position(index);
            let length = FIRST << segment;
            if at + count <= length {
                return index;
            }
            index += length - at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_has_a_place_of_its_own() {
        let records = Segments::<AtomicU64>::new(2);
        let mut seen = std::collections::BTreeSet::new();
        for index in 0..1000 {
            assert!(records.make(index).is_some_and(|record| record.len() == 2));
            assert!(seen.insert(Segments::<AtomicU64>::position(index)));
        }
        assert!(records.get(5000).is_none());
    }

    #[test]
    fn a_row_never_lies_in_two_segments() {
        for index in 0..2000 {
            for count in [1, 3, 64, 200] {
                let start = Segments::<AtomicU64>::row_start(index, count);
                let (first, last) =
                    (Segments::<AtomicU64>::position(start), Segments::<AtomicU64>::position(start + count - 1));
                assert_eq!(first.0, last.0);
                assert!(start >= index);
            }
        }
    }
}
