//! How do the threads' buckets, each at its own resolution, become one histogram?

use super::{COARSEST_SCHEMA, FINEST_SCHEMA, INFINITE, downscale};
use crate::cell::native::Counted;

/// A native histogram over all threads.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    pub(crate) schema: i32,
    pub(crate) zero: u64,
    /// Index and count of the occupied buckets, by index: of positive and of negative observations.
    pub(crate) sides: [Vec<(i32, u64)>; 2],
}

impl Merged {
    /// Merges at the coarsest resolution of any thread, `schema` at most, and halves it until at most `max_buckets` are
    /// occupied. Both only fall as more is observed, so that a scraper never sees the resolution rise.
    pub(crate) fn set(&mut self, counted: &Counted, schema: i32, max_buckets: usize) {
        self.schema = counted.buckets.iter().map(|bucket| bucket.0).fold(schema, i32::min);
        self.zero = counted.zero;
        self.sides.iter_mut().for_each(Vec::clear);
        for &(from, negative, index, count) in &counted.buckets {
            let index = downscale(index, (from - self.schema) as u32);
            self.sides[usize::from(negative)].push((index, count));
        }
        let infinite = downscale(INFINITE, (FINEST_SCHEMA - self.schema) as u32);
        for (side, count) in self.sides.iter_mut().zip(counted.infinite) {
            if count > 0 {
                side.push((infinite, count));
            }
        }
        self.sides.iter_mut().for_each(add_up);
        while self.occupied() > max_buckets && self.schema > COARSEST_SCHEMA {
            self.halve();
        }
    }

    fn occupied(&self) -> usize {
        self.sides.iter().map(Vec::len).sum()
    }

    fn halve(&mut self) {
        self.schema -= 1;
        for side in &mut self.sides {
            side.iter_mut().for_each(|(index, _)| *index = downscale(*index, 1));
            add_up(side);
        }
    }

    /// All observations.
    pub(crate) fn count(&self) -> u64 {
        self.zero + self.sides.iter().flatten().map(|(_, count)| count).sum::<u64>()
    }
}

/// Sorts by index, and makes one bucket of those that have the same.
fn add_up(side: &mut Vec<(i32, u64)>) {
    side.sort_unstable_by_key(|(index, _)| *index);
    side.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
}
