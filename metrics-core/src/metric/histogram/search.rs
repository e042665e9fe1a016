//! How is the bucket of a value found? Without trying one bound after the other: the leading bits of a positive float, as a
//! number, grow with it, so they are an index into a table that says how many bounds lie below all values with these bits.
//! The table is as fine as it takes for a cell to hold one bound at most; one comparison settles the rest, and no branch
//! depends on the value.

/// The most cells of a table, 8 KiB of them; bounds that need more are searched by halves.
const MOST_CELLS: u64 = 4096;
/// No mantissa bit is looked at.
const COARSEST: u32 = 52;
/// Something is left out, so that the difference of two cells does not overflow.
const FINEST: u32 = 1;

/// Bounds, made ready to be searched.
#[derive(Debug)]
pub(super) struct Search {
    /// Upper bounds without `+Inf`, and `+Inf`.
    bounds: Box<[f64]>,
    /// How many bounds are in lower cells, by cell; empty where there is no table.
    cells: Box<[u16]>,
    /// The bits of the first cell.
    first: i64,
    /// How many bits of a float are not looked at.
    shift: u32,
}

impl Search {
    /// `bounds` are sorted, and no two are equal.
    pub(super) fn new(bounds: &[f64]) -> Self {
        let with_infinity: Box<[f64]> = bounds.iter().copied().chain([f64::INFINITY]).collect();
        let table = (FINEST..=COARSEST).rev().find_map(|shift| Some((shift, cells(bounds, shift)?)));
        let (shift, cells) = table.unwrap_or((FINEST, Box::default()));
        let first = bounds.first().filter(|_| !cells.is_empty()).map_or(0, |bound| cell(*bound, shift));
        Self { bounds: with_infinity, cells, first, shift }
    }

    /// How many bounds are below `value`, which is a number.
    #[inline(always)]
    pub(super) fn below(&self, value: f64) -> usize {
        let last = self.cells.len().wrapping_sub(1);
        // Before the first cell, below zero included, is like in it; so is after the last.
        let cell = (cell(value, self.shift) - self.first).max(0) as usize;
        match self.cells.get(cell.min(last)) {
            Some(lower) => {
                let lower = usize::from(*lower);
                lower + self.bounds.get(lower).map_or(0, |bound| usize::from(*bound < value))
            }
            None => self.below_by_halves(value),
        }
    }

    #[cold]
    fn below_by_halves(&self, value: f64) -> usize {
        self.bounds.partition_point(|bound| *bound < value)
    }
}

/// The leading bits of a value; they grow with it from zero on, and are negative below.
#[inline(always)]
fn cell(value: f64, shift: u32) -> i64 {
    (value.to_bits() as i64) >> shift
}

/// The table for this shift; `None` if a cell would hold two bounds, if it were too long, or if not all bounds are positive.
fn cells(bounds: &[f64], shift: u32) -> Option<Box<[u16]>> {
    let first = bounds.first().filter(|bound| **bound > 0.0)?;
    let (first, last) = (cell(*first, shift), cell(*bounds.last()?, shift));
    let shared = bounds.windows(2).any(|pair| cell(pair[0], shift) == cell(pair[1], shift));
    if shared || last - first >= MOST_CELLS as i64 {
        return None;
    }
    let lower = |at: i64| bounds.partition_point(|bound| cell(*bound, shift) < at);
    (first..=last).map(|at| u16::try_from(lower(at)).ok()).collect()
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
        let sets: [(&[f64], bool); 9] = [
            (buckets::DEFAULT, true),
            (buckets::HTTP_SECONDS, true),
            (&[1.0], true),
            (&buckets::linear::<160>(100.0, 1.0), true),
            (&buckets::exponential::<100>(1e-9, 1.5), true),
            (&[f64::MIN_POSITIVE / 2.0, 1.0, f64::MAX], true),
            (&[1.0, 1.0 + f64::EPSILON, 1e9], false),
            (&[-1.0, 0.0, 0.5, 1.0, 2.5], false),
            (&[], false),
        ];
        for (bounds, has_table) in sets {
            let search = Search::new(bounds);
            assert_eq!(!search.cells.is_empty(), has_table, "{bounds:?}");
            let around = bounds.iter().flat_map(|bound| neighbours(*bound));
            let between = bounds.windows(2).map(|pair| pair[0] + (pair[1] - pair[0]) / 3.0);
            let extremes = [f64::NEG_INFINITY, f64::MIN, -1.0, -0.0, 0.0, 5e-324, 0.7, 1e3, f64::MAX, f64::INFINITY];
            for value in around.chain(between).chain(extremes) {
                let counted = bounds.iter().filter(|bound| **bound < value).count();
                assert_eq!(search.below(value), counted, "{value} in {bounds:?}");
            }
        }
    }
}
