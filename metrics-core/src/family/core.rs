//! What do dense and sparse families have in common?

use std::sync::Arc;
use std::time::Duration;

use super::dense::Dense;
use super::sparse::{Hit, Sparse};
use crate::cell::run::Place;
use crate::descriptor::{Descriptor, LabelDescriptor, LabelValues};
use crate::encode::Encoder;
use crate::metric::Series;
use crate::registry::{Collected, Reader};
use crate::{Error, LabelSet};

/// The series of a family.
pub(crate) struct Core<M: Series> {
    shape: M::Shape,
    pub(super) kind: Kind<M>,
}

pub(super) enum Kind<M: Series> {
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
        let kind = if enumerable {
            Kind::Dense(Dense::new(shape, descriptor)?)
        } else {
            Kind::Sparse(Box::new(Sparse::new(shape, descriptor)))
        };
        Ok(Self { shape, kind })
    }

    #[inline(always)]
    pub(super) fn shape(&self) -> M::Shape {
        self.shape
    }

    /// The places of series that need no more than their index to be found.
    pub(super) fn places(&self) -> Arc<[Place]> {
        match &self.kind {
            Kind::Dense(dense) => dense.by_index(),
            Kind::Sparse(_) => Arc::default(),
        }
    }

    /// Where the series with these labels is, and whether it stands for many; see [`super::Family::with`].
    // Not inlined: it is much, and whoever has the index alone needs none of it.
    #[inline(never)]
    pub(super) fn find<L: LabelSet>(&self, labels: &L) -> Hit {
        match &self.kind {
            Kind::Dense(dense) => Hit::new(dense.find(labels.index()), false),
            Kind::Sparse(sparse) => sparse.find_or_make(labels),
        }
    }

    /// The same for labels of which no type tells that they are this family's.
    #[inline(never)]
    pub(super) fn find_told<L: LabelSet>(&self, labels: &L) -> Hit {
        match &self.kind {
            Kind::Dense(dense) => dense.find_told(labels),
            Kind::Sparse(sparse) => sparse.find_or_make(labels),
        }
    }

    pub(super) fn labels(&self) -> &[LabelDescriptor] {
        match &self.kind {
            Kind::Dense(dense) => dense.labels(),
            Kind::Sparse(sparse) => sparse.labels(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.kind {
            Kind::Dense(dense) => dense.len(),
            Kind::Sparse(sparse) => sparse.len(),
        }
    }
}

impl<M: Series> Source for Core<M> {
    fn write(&self, progress: &mut Progress, pass: &mut Pass<'_>) -> bool {
        match &self.kind {
            Kind::Dense(dense) => dense.write(progress, pass),
            Kind::Sparse(sparse) => sparse.write(progress, pass),
        }
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn overflowed(&self) -> Option<u64> {
        match &self.kind {
            Kind::Dense(_) => None,
            Kind::Sparse(sparse) => Some(sparse.overflowed()),
        }
    }
}
