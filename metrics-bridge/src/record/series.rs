//! What is a resolved series, and how does a record change it?

use std::sync::Arc;

use metrics_core::{Counter, Gauge, Histogram};
use parking_lot::Mutex;

use super::distinct::Distinct;

/// A series to record into. Cheap to clone.
#[derive(Clone)]
pub(crate) enum Series {
    Counter(Counter<f64>),
    Gauge(Gauge<f64>),
    Histogram(Histogram),
    Set(Arc<DistinctSeries>),
}

/// A set's series: its distinct values and the gauge that shows their number.
pub(crate) struct DistinctSeries {
    distinct: Mutex<Distinct>,
    gauge: Gauge<f64>,
}

impl DistinctSeries {
    pub(super) fn new(gauge: Gauge<f64>) -> Self {
        Self { distinct: Mutex::new(Distinct::default()), gauge }
    }

    pub(crate) fn add(&self, hash: u64) {
        let mut distinct = self.distinct.lock();
        distinct.add(hash);
        self.gauge.set(distinct.estimate());
    }

    pub(super) fn turn(&self) {
        let mut distinct = self.distinct.lock();
        distinct.turn();
        self.gauge.set(distinct.estimate());
    }
}
