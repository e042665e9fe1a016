//! How are native buckets put on the wire?

/// A native histogram's buckets at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NativeValue<'a> {
    /// The resolution: bounds are powers of 2^(2^-schema); −4 to 8.
    pub(crate) schema: i32,
    /// Observations up to this distance from zero are in the zero bucket.
    pub(crate) zero_threshold: f64,
    /// How many those are.
    pub(crate) zero_count: u64,
    /// Index and count of the buckets for positive observations, by index; no index twice.
    pub(crate) positive: &'a [(i32, u64)],
    /// The same for negative observations, by the absolute value.
    pub(crate) negative: &'a [(i32, u64)],
}

/// One side of a native histogram as it is written: runs of neighbouring buckets, and the count of each bucket in them.
#[derive(Debug, Default)]
pub(crate) struct Spans {
    /// The distance to the end of the run before (of the first: its index), and the number of buckets.
    spans: Vec<(i32, u32)>,
    counts: Vec<u64>,
}

/// So many empty buckets are cheaper to write than a new run.
const BRIDGED_GAP: i32 = 2;

impl Spans {
    /// Takes the buckets of one side; what it held is forgotten, its memory kept.
    pub(crate) fn set(&mut self, buckets: &[(i32, u64)]) {
        self.spans.clear();
        self.counts.clear();
        let mut next = 0_i32;
        for &(index, count) in buckets.iter().filter(|&&(_, count)| count > 0) {
            let gap = index.saturating_sub(next);
            match self.spans.last_mut() {
                Some((_, length)) if gap <= BRIDGED_GAP => {
                    *length += gap as u32 + 1;
                    self.counts.extend((0..gap).map(|_| 0));
                }
                _ => self.spans.push((gap, 1)),
            }
            self.counts.push(count);
            next = index.saturating_add(1);
        }
    }

    /// Offset and length of each run.
    pub(crate) fn spans(&self) -> &[(i32, u32)] {
        &self.spans
    }

    /// The counts, run after run.
    #[cfg(feature = "openmetrics-2")]
    pub(crate) fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The first count, then how much each differs from the one before.
    pub(crate) fn deltas(&self) -> impl Iterator<Item = i64> {
        let mut last = 0_u64;
        self.counts.iter().map(move |&count| {
            let delta = count.wrapping_sub(last) as i64;
            last = count;
            delta
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::metric::native::{bucket_index, pick_schema};

    fn spans(buckets: &[(i32, u64)]) -> Side {
        let mut spans = Spans::default();
        spans.set(buckets);
        (spans.spans().to_vec(), spans.deltas().collect())
    }

    /// Spans and deltas.
    type Side = (Vec<(i32, u32)>, Vec<i64>);

    /// The positive and the negative side after these observations.
    fn observed(factor: f64, values: &[f64]) -> [Side; 2] {
        let schema = pick_schema(factor);
        let mut sides = [BTreeMap::new(), BTreeMap::new()];
        for &value in values {
            if let Some(index) = bucket_index(value, schema) {
                *sides[usize::from(value < 0.0)].entry(index).or_insert(0) += 1;
            }
        }
        sides.map(|side| spans(&side.into_iter().collect::<Vec<_>>()))
    }

    #[test]
    fn observations_give_the_spans_that_prometheus_gives() {
        let none = (vec![], vec![]);
        let small = observed(1.1, &[0.0, 1.0, 2.0, 3.0]);
        assert_eq!(small, [(vec![(0, 1), (7, 1), (4, 1)], vec![1, 0, 0]), none.clone()]);
        let infinite = observed(1.2, &[0.0, 1.0, 1.2, 1.4, 1.8, 2.0, f64::INFINITY]);
        assert_eq!(infinite, [(vec![(0, 5), (4092, 1)], vec![1, -1, 2, -2, 2, -1]), none.clone()]);
        let negative = observed(1.2, &[f64::NEG_INFINITY]);
        assert_eq!(negative, [none, (vec![(4097, 1)], vec![1])]);
    }

    #[test]
    fn the_first_offset_may_be_negative_and_empty_buckets_make_no_run() {
        assert_eq!(spans(&[(-5, 1), (-3, 0), (1, 2)]), (vec![(-5, 1), (5, 1)], vec![1, 1]));
        assert_eq!(spans(&[(i32::MIN, 1), (i32::MAX, u64::MAX)]).0.len(), 2);
        assert_eq!(spans(&[(3, 0)]), (vec![], vec![]));
    }

    proptest! {
        #[test]
        fn spans_and_deltas_tell_the_buckets(buckets in proptest::collection::btree_map(-2000..2000_i32, 1..u64::MAX, 0..40)) {
            let buckets: Vec<_> = buckets.into_iter().collect();
            let (spans, deltas) = spans(&buckets);
            prop_assert_eq!(spans.iter().map(|span| span.1 as usize).sum::<usize>(), deltas.len());
            let (mut read, mut index, mut count, mut deltas) = (Vec::new(), 0, 0_u64, deltas.into_iter());
            for (offset, length) in spans {
                index += offset;
                for delta in deltas.by_ref().take(length as usize) {
                    count = count.wrapping_add_signed(delta);
                    read.push((index, count));
                    index += 1;
                }
            }
            read.retain(|&(_, count)| count > 0);
            prop_assert_eq!(read, buckets);
        }
    }
}
