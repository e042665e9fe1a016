//! How is the bucket of a value found? Without trying one bound after the other: the leading bits of a positive float, as a
//! number, grow with it, so they are an index into a table that says how many bounds lie below all values with these bits.
//! The table is as fine as it takes for a cell to hold one bound at most; one comparison settles the rest, and no branch
//! depends on the value.
//!
//! Both arrays have fixed lengths, so that no length is loaded and none is checked; what of them is never looked at takes
//! no cache.

/// The cells of a table. Bounds that need more are searched by halves.
const CELLS: usize = 4096;
/// A cell counts in a byte.
const MOST_BOUNDS: usize = 255;
/// No mantissa bit is looked at.
const COARSEST: u32 = 52;
/// Something is left out, so that the difference of two cells does not overflow.
const FINEST: u32 = 1;

/// Bounds, made ready to be searched.
#[derive(Debug)]
pub(super) struct Search {
    /// How many bounds are in lower cells, by cell.
    cells: [u8; CELLS],
    /// Upper bounds, and `+Inf` behind them.
    bounds: [f64; MOST_BOUNDS + 1],
    /// The bits of the first cell.
    first: u64,
    /// How many bits of a float are not looked at.
    shift: u8,
}

impl Search {
    /// A table of nothing.
    pub(super) const NONE: Self =
        Self { cells: [0; CELLS], bounds: [f64::INFINITY; MOST_BOUNDS + 1], first: 0, shift: 0 };

    /// `bounds` are sorted, and no two are equal. `None` if there is no table for them.
    pub(super) fn new(bounds: &[f64]) -> Option<Self> {
        let first = bounds.first().filter(|bound| **bound > 0.0)?;
        let (shift, cells) = (FINEST..=COARSEST).rev().find_map(|shift| Some((shift, cells(bounds, shift)?)))?;
        let mut padded = [f64::INFINITY; MOST_BOUNDS + 1];
        padded.get_mut(..bounds.len())?.copy_from_slice(bounds);
        Some(Self { cells, bounds: padded, first: cell(*first, shift), shift: u8::try_from(shift).ok()? })
    }

    /// How many bounds are below `value`, which is not negative, minus zero included, and no NaN.
    #[inline(always)]
    pub(super) fn below(&self, value: f64) -> usize {
        // Before the first cell is like in it; behind the last is like in that.
        let cell = cell(value, u32::from(self.shift) & 63).saturating_sub(self.first).min(CELLS as u64 - 1);
        let lower = usize::from(self.cells[cell as usize]);
        lower + usize::from(self.bounds[lower] < value)
    }
}

/// How many bounds are below `value`, for those that have no table and for values that a table does not have.
pub(super) fn below_by_halves(bounds: &[f64], value: f64) -> usize {
    bounds.partition_point(|bound| *bound < value)
}

/// The leading bits of a value that is not negative; they grow with it.
#[inline(always)]
fn cell(value: f64, shift: u32) -> u64 {
    value.to_bits() >> shift
}

/// The table for this shift; `None` if a cell would hold two bounds, or if it were too long.
fn cells(bounds: &[f64], shift: u32) -> Option<[u8; CELLS]> {
    let first = cell(*bounds.first()?, shift);
    let shared = bounds.windows(2).any(|pair| cell(pair[0], shift) == cell(pair[1], shift));
    // The last cell is for all that is above.
    if shared || cell(*bounds.last()?, shift) - first >= CELLS as u64 - 1 {
        return None;
    }
    let mut cells = [0; CELLS];
    let mut lower = 0;
    for (at, count) in cells.iter_mut().enumerate() {
        while bounds.get(lower).is_some_and(|bound| cell(*bound, shift) < first + at as u64) {
            lower += 1;
        }
        *count = u8::try_from(lower).ok()?;
    }
    Some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::buckets;

    fn neighbours(value: f64) -> [f64; 3] {
        [value.next_down(), value, value.next_up()]
    }

    #[test]
    fn a_search_finds_what_counting_finds() {
        let sets: [&[f64]; 7] = [
            buckets::DEFAULT,
            buckets::HTTP_SECONDS,
            &[1.0],
            &buckets::linear::<160>(100.0, 1.0),
            &buckets::linear::<255>(1.0, 1.0),
            &buckets::exponential::<100>(1e-9, 1.5),
            &[f64::MIN_POSITIVE / 2.0, 1.0, f64::MAX],
        ];
        for bounds in sets {
            let search = Search::new(bounds).expect("there is a table");
            let around = bounds.iter().flat_map(|bound| neighbours(*bound));
            let between = bounds.windows(2).map(|pair| pair[0] + (pair[1] - pair[0]) / 3.0);
            let extremes = [-0.0, 0.0, 5e-324, 0.7, 1e3, f64::MAX, f64::INFINITY];
            for value in around.chain(between).chain(extremes).map(f64::abs) {
                let counted = bounds.iter().filter(|bound| **bound < value).count();
                assert_eq!(search.below(value), counted, "{value} in {bounds:?}");
                assert_eq!(below_by_halves(bounds, value), counted, "{value} in {bounds:?}");
            }
        }
    }

    #[test]
    fn bounds_that_are_close_many_or_not_positive_have_no_table() {
        let many: Vec<f64> = (1..=256).map(f64::from).collect();
        let sets: [&[f64]; 5] = [&[1.0, 1.0 + f64::EPSILON, 1e9], &[-1.0, 0.0, 0.5], &[0.0, 1.0], &[], &many];
        for bounds in sets {
            assert!(Search::new(bounds).is_none(), "{bounds:?}");
        }
    }
}
