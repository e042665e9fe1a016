//! Families. SIGNATURES ONLY FOR NOW.
#![allow(missing_docs, unused, clippy::todo)]
use crate::{
    Error, LabelSet,
    descriptor::*,
    metric::{Metric, SeriesMetric},
    registry::Registry,
};
use std::marker::PhantomData;
#[derive(Debug)]
pub struct Family<L, M>(PhantomData<fn() -> (L, M)>);
impl<L, M> Clone for Family<L, M> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}
impl<L: LabelSet + 'static, M: SeriesMetric> Family<L, M> {
    /// The series with these labels, made if it is new. The handle is small and may be kept; after its series is removed its records are dropped.
    pub fn with<Q: LabelSet<Schema = L::Schema>>(&self, labels: &Q) -> M {
        todo!()
    }
    /// Removes one series of a family with a dynamic label.
    pub fn remove<Q: LabelSet<Schema = L::Schema>>(&self, labels: &Q) -> bool {
        todo!()
    }
    pub fn clear(&self) {
        todo!()
    }
    pub fn len(&self) -> usize {
        todo!()
    }
    pub fn is_empty(&self) -> bool {
        todo!()
    }
}
impl<L: LabelSet + 'static, M: SeriesMetric> Metric for Family<L, M> {
    const TYPE: MetricType = M::TYPE;
    const LABELS: &'static [LabelDeclaration] = L::LABELS;
    fn register(registry: &Registry, descriptor: Descriptor) -> Result<Self, Error> {
        todo!()
    }
}
