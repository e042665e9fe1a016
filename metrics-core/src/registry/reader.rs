//! How are the threads' shares of a series added up?

use crate::cell::directory::Arena;
use crate::cell::native::Counted;
use crate::cell::run::Place;
use crate::cell::{histogram, local, native};
use crate::encode::NativeValue;
use crate::metric::native::Merged;
use crate::metric::{CounterNumber, Layout, Native};

/// Reads series over all arenas that existed when it was made (or [`Self::refresh`]ed).
#[derive(Default)]
pub struct Reader {
    arenas: Vec<&'static Arena>,
    counts: Vec<u64>,
    scratch: [Vec<u64>; 2],
    counted: Counted,
    merged: Merged,
}

impl Reader {
    pub(crate) fn new() -> Self {
        let mut reader = Self::default();
        reader.refresh();
        reader
    }

    /// Takes in the arenas that exist now.
    pub(crate) fn refresh(&mut self) {
        self.arenas.clear();
        self.arenas.extend(local::arenas());
    }

    pub(crate) fn arenas(&self) -> impl Iterator<Item = &'static Arena> + Clone + use<'_> {
        self.arenas.iter().copied()
    }

    /// The total over all threads.
    pub(crate) fn total<N: CounterNumber>(&self, place: Place) -> N {
        N::sum(self.arenas().filter_map(|arena| arena.peek(place.slot).load_checked(place.key(), 1)))
    }

    /// The sum of a histogram. Its counts are in [`Self::counts`] (one, if it has no classic buckets), its native buckets
    /// in [`Self::native`].
    pub(crate) fn histogram(&mut self, place: Place, layout: &Layout) -> f64 {
        self.counts.clear();
        match &layout.native {
            None => {
                self.counts.resize(layout.bounds.len() + 1, 0);
                let read = |arena: &&Arena| histogram::read(arena, place, &mut self.counts, &mut self.scratch[0]);
                self.arenas.iter().map(read).sum::<f64>() + 0.0
            }
            Some(native) => self.native_histogram(place, native),
        }
    }

    fn native_histogram(&mut self, place: Place, native: &Native) -> f64 {
        let Self { arenas, counts, scratch, counted, merged } = self;
        counts.resize(native.shape.classic, 0);
        counted.clear();
        let read = |arena: &&Arena| native::read(arena, place, native.shape, counts, counted, scratch);
        let sum = arenas.iter().map(read).sum::<f64>() + 0.0;
        merged.set(counted, native.shape.schema, native.max_buckets);
        if native.shape.classic == 0 {
            // All that a format without native buckets can say: how many there are.
            counts.push(merged.count());
        }
        sum
    }

    /// What the last [`Self::histogram`] counted.
    pub(crate) fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The native buckets of the last [`Self::histogram`].
    pub(crate) fn native(&self, zero_threshold: f64) -> NativeValue<'_> {
        let Merged { schema, zero, sides: [positive, negative] } = &self.merged;
        NativeValue { schema: *schema, zero_threshold, zero_count: *zero, positive, negative }
    }
}
