//! The metric types. SIGNATURES ONLY FOR NOW: bodies are being written.
#![allow(missing_docs, unused, clippy::todo)]
pub(crate) mod native;
use crate::{Error, LabelSet, descriptor::*, registry::Registry};
use std::marker::PhantomData;
use std::time::Duration;

/// A metric that a registry can make from its descriptor.
pub trait Metric: Clone + Send + Sync + 'static {
    const TYPE: MetricType;
    /// Empty, unless it is a family.
    const LABELS: &'static [LabelDeclaration];
    fn register(registry: &Registry, descriptor: Descriptor) -> Result<Self, Error>;
}

/// A metric that can be the series of a [`crate::Family`].
pub trait SeriesMetric: Metric {}

/// u64 and f64; i64 and f64
pub trait CounterNumber: Copy + Send + Sync + 'static {}
impl CounterNumber for u64 {}
impl CounterNumber for f64 {}
pub trait GaugeNumber: Copy + Send + Sync + 'static {}
impl GaugeNumber for i64 {}
impl GaugeNumber for f64 {}

#[derive(Clone, Debug)]
pub struct Counter<N = u64>(PhantomData<N>);
impl<N: CounterNumber> Counter<N> {
    pub fn inc(&self) {
        todo!()
    }
    pub fn add(&self, amount: N) {
        todo!()
    }
    pub fn value(&self) -> N {
        todo!()
    }
}
#[derive(Clone, Debug)]
pub struct Gauge<N = i64>(PhantomData<N>);
impl<N: GaugeNumber> Gauge<N> {
    pub fn set(&self, value: N) {
        todo!()
    }
    pub fn inc(&self) {
        todo!()
    }
    pub fn dec(&self) {
        todo!()
    }
    pub fn add(&self, amount: N) {
        todo!()
    }
    pub fn sub(&self, amount: N) {
        todo!()
    }
    pub fn value(&self) -> N {
        todo!()
    }
    pub fn set_to_current_time(&self) {
        todo!()
    }
}
/// In-flight work: sharded, never below zero.
#[derive(Clone, Debug)]
pub struct UpDownGauge(());
impl UpDownGauge {
    pub fn inc(&self) {
        todo!()
    }
    pub fn dec(&self) {
        todo!()
    }
    pub fn add(&self, n: u64) {
        todo!()
    }
    pub fn sub(&self, n: u64) {
        todo!()
    }
    /// `inc` now, `dec` when the guard is dropped, on whichever thread.
    pub fn guard(&self) -> UpDownGuard {
        todo!()
    }
    pub fn value(&self) -> u64 {
        todo!()
    }
}
#[derive(Debug)]
pub struct UpDownGuard(());
/// Integral of how many are in progress over time: `rate()` of it is the mean concurrency.
#[derive(Clone, Debug)]
pub struct BusyTime(());
impl BusyTime {
    pub fn start(&self) -> BusyGuard {
        todo!()
    }
    /// `now` is nanoseconds of `crate::clock::now()`; whoever started at `then` ends with `end_at(then, now)`.
    pub fn start_at(&self, now: u64) {
        todo!()
    }
    pub fn end_at(&self, then: u64, now: u64) {
        todo!()
    }
    pub fn value(&self) -> Duration {
        todo!()
    }
}
#[derive(Debug)]
pub struct BusyGuard(());
#[derive(Clone, Debug)]
pub struct Histogram(());
impl Histogram {
    pub fn observe(&self, value: f64) {
        todo!()
    }
    pub fn observe_duration(&self, value: Duration) {
        todo!()
    }
    /// Observes the seconds until the timer is dropped (or `stop()`; `discard()` observes nothing).
    pub fn start_timer(&self) -> Timer {
        todo!()
    }
    pub fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        todo!()
    }
    pub fn snapshot(&self) -> HistogramSnapshot {
        todo!()
    }
}
#[derive(Debug)]
pub struct Timer(());
impl Timer {
    pub fn stop(self) -> Duration {
        todo!()
    }
    pub fn discard(self) {
        todo!()
    }
}
#[derive(Clone, Debug)]
pub struct HistogramSnapshot {
    pub bounds: Vec<f64>,
    pub counts: Vec<u64>,
    pub sum: f64,
}
impl HistogramSnapshot {
    pub fn count(&self) -> u64 {
        todo!()
    }
}

macro_rules! stub { ($($t:ty, $k:ident);* $(;)?) => { $(impl Metric for $t { const TYPE: MetricType = MetricType::$k; const LABELS: &'static [LabelDeclaration] = &[]; fn register(_: &Registry, _: Descriptor) -> Result<Self, Error> { todo!() } } impl SeriesMetric for $t {})* } }
stub!(Counter<u64>, Counter; Counter<f64>, Counter; Gauge<i64>, Gauge; Gauge<f64>, Gauge; UpDownGauge, Gauge; BusyTime, Counter; Histogram, Histogram);

/// Default upper bounds, and helpers.
pub mod buckets {
    pub const DEFAULT: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    /// OpenTelemetry's advice for HTTP durations.
    pub const HTTP_SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
    pub const fn linear<const N: usize>(start: f64, width: f64) -> [f64; N] {
        todo!()
    }
    pub const fn exponential<const N: usize>(start: f64, factor: f64) -> [f64; N] {
        todo!()
    }
}
