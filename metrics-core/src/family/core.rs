//! What do dense and sparse families have in common?

use std::time::Duration;

use super::dense::Dense;
use super::sparse::Sparse;
use crate::descriptor::{Descriptor, LabelValues};
use crate::encode::Encoder;
use crate::metric::Series;
use crate::registry::{Collected, Reader};
use crate::{Error, LabelSet};

/// The series of a family.
pub(crate) enum Core<M: Series> {
    Dense(Dense<M>),
    Sparse(Box<Sparse<M>>),
}

/// What is needed to write series: made once a scrape, refreshed with each piece.
pub(crate) struct Pass<'a> {
    pub(crate) reader: &'a mut Reader,
    pub(crate) encoder: &'a mut dyn Encoder,
    pub(crate) out: &'a mut Vec<u8>,
    /// The piece is full when `out` is longer than this.
    pub(crate) limit: usize,
    /// Rows that could not be written.
    pub(crate) left_out: u64,
    /// How long collectors and callbacks took.
    pub(crate) elsewhere: Duration,
    /// What collectors told in this scrape.
    pub(crate) collected: &'a mut Collected,
}

/// How far a family has been written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The next series.
    pub(crate) next: usize,
    /// The scrape's number in the family: series born after it are not written.
    pub(crate) epoch: Option<u32>,
}

/// Something whose series can be written piece by piece.
pub(crate) trait Source: Send + Sync {
    /// Writes series until the piece is full; true when all are written.
    fn write(&self, progress: &mut Progress, pass: &mut Pass<'_>) -> bool;
    /// How many series there are.
    fn len(&self) -> usize;
    /// How many lookups went to overflow series; `None` where there can be none.
    fn overflowed(&self) -> Option<u64> {
        None
    }
    /// How long its collector took the last time; `None` where there is none, and for all but its first family.
    fn collected_in(&self) -> Option<Duration> {
        None
    }
}

impl<M: Series> Core<M> {
    pub(crate) fn new(descriptor: &Descriptor) -> Result<Self, Error> {
        let shape = M::shape(descriptor)?;
        let enumerable = descriptor.labels.iter().all(|label| matches!(label.values, LabelValues::Enumerated(_)));
        if enumerable {
            Dense::new(shape, descriptor).map(Self::Dense)
        } else {
            Ok(Self::Sparse(Box::new(Sparse::new(shape, descriptor))))
        }
    }

    /// The series with these labels; see [`super::Family::with`].
    #[inline(always)]
    pub(crate) fn with<L: LabelSet>(&self, labels: &L) -> M {
        let (shape, (place, overflow)) = match self {
            Self::Dense(dense) => (dense.shape(), (dense.find(labels.index()), false)),
            Self::Sparse(sparse) => (sparse.shape(), sparse.find_or_make(labels)),
        };
        // Once for both, where the compiler sees that there is no owner to drop.
        M::attach(shape, place, overflow)
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Dense(dense) => dense.len(),
            Self::Sparse(sparse) => sparse.len(),
        }
    }
}

impl<M: Series> Source for Core<M> {
    fn write(&self, progress: &mut Progress, pass: &mut Pass<'_>) -> bool {
        match self {
            Self::Dense(dense) => dense.write(progress, pass),
            Self::Sparse(sparse) => sparse.write(progress, pass),
        }
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn overflowed(&self) -> Option<u64> {
        match self {
            Self::Dense(_) => None,
            Self::Sparse(sparse) => Some(sparse.overflowed()),
        }
    }
}
