//! How are the threads' shares of a series added up?

use crate::cell::directory::Arena;
use crate::cell::run::{Place, Run};
use crate::cell::{histogram, local};
use crate::metric::CounterNumber;
use crate::sync::Ordering;

/// Reads series over all arenas that existed when it was made (or [`Self::refresh`]ed).
#[derive(Default)]
pub struct Reader {
    arenas: Vec<&'static Arena>,
    counts: Vec<u64>,
    scratch: Vec<u64>,
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

    /// The runs of a series that hold records of its generation.
    fn runs(&self, place: Place) -> impl Iterator<Item = Run> + use<'_> {
        self.arenas().map(move |arena| arena.peek(place.slot)).filter(move |run| run.generation() == place.key())
    }

    /// Whether anybody has recorded.
    pub(crate) fn total<N: CounterNumber>(&self, place: Place) -> N {
        N::sum(self.runs(place).map(|run| run.load(1, Ordering::Relaxed)))
    }

    /// The sum of a histogram; its `buckets` counts are in [`Self::counts`].
    pub(crate) fn histogram(&mut self, place: Place, buckets: usize) -> f64 {
        self.counts.clear();
        self.counts.resize(buckets, 0);
        let mut sum = 0.0;
        for arena in &self.arenas {
            sum += histogram::read(arena, place, &mut self.counts, &mut self.scratch);
        }
        sum
    }

    /// What the last [`Self::histogram`] counted.
    pub(crate) fn counts(&self) -> &[u64] {
        &self.counts
    }
}
