//! How is work in flight counted?

use std::fmt;
use std::sync::Arc;

use super::{Kept, Owner, Series};
use crate::Error;
use crate::cell::run::{Place, Run};
use crate::cell::updown::{WORDS, decrement, increment, read};
use crate::cell::{local, slots};
use crate::descriptor::{Descriptor, MetricType};
use crate::encode::{Encoder, Number, RowError};
use crate::registry::Reader;

/// A gauge that is only counted up and down: requests in flight, connections open.
///
/// It is kept per thread, so it costs what a counter costs, and a reading is never below zero: an increment that was
/// followed by its decrement on another thread is never missed when the decrement is seen.
///
/// ```
/// use metrics_core::{Declaration, MetricType, Registry, UpDownGauge};
///
/// let registry = Registry::new();
/// let jobs: UpDownGauge = registry.register(Declaration::new(MetricType::Gauge, "jobs_active", "Jobs that run."))?;
/// {
///     let _running = jobs.guard();
///     assert_eq!(jobs.value(), 1);
/// }
/// assert_eq!(jobs.value(), 0);
/// # Ok::<(), metrics_core::Error>(())
/// ```
#[derive(Clone)]
pub struct UpDownGauge {
    place: Place,
    _kept: Kept,
}

/// Counts down when it is dropped, on whichever thread.
#[must_use = "the guard counts down when it is dropped"]
#[derive(Debug)]
pub struct UpDownGuard(UpDownGauge);

impl UpDownGauge {
    /// Adds one.
    #[inline]
    pub fn inc(&self) {
        self.add(1);
    }

    /// Subtracts one, which was added before.
    #[inline]
    pub fn dec(&self) {
        self.sub(1);
    }

    /// Adds an amount.
    #[inline]
    pub fn add(&self, amount: u64) {
        self.record(move |run| increment(run, amount));
    }

    /// Subtracts an amount, which was added before.
    #[inline]
    pub fn sub(&self, amount: u64) {
        self.record(move |run| decrement(run, amount));
    }

    /// Adds one now, and subtracts it when the guard is dropped: on return, on error, on cancellation, on panic.
    #[inline]
    pub fn guard(&self) -> UpDownGuard {
        self.inc();
        // Without owner: if the gauge ends before the guard, nobody can see what is missing.
        UpDownGuard(Self { place: self.place, _kept: Kept::default() })
    }

    /// The value over all threads, never below zero.
    pub fn value(&self) -> u64 {
        read(local::arenas, self.place)
    }

    #[inline(always)]
    fn record(&self, record: impl FnOnce(Run)) {
        local::record(self.place, WORDS, record);
    }
}

impl Drop for UpDownGuard {
    #[inline]
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl fmt::Debug for UpDownGauge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UpDownGauge").field(&self.value()).finish()
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl Series for UpDownGauge {
    type Shape = ();
    const KIND: MetricType = MetricType::Gauge;

    fn shape(_: &Descriptor) -> Result<(), Error> {
        Ok(())
    }

    fn allocate((): ()) -> Option<Place> {
        slots::allocate(WORDS)
    }

    fn allocate_some((): (), count: usize, into: &mut Vec<Place>) {
        slots::allocate_some(WORDS, count, into);
    }

    fn free((): (), place: Place) {
        slots::free(place, WORDS);
    }

    #[inline(always)]
    fn attach((): (), place: Place, _: bool) -> Self {
        Self { place, _kept: Kept::default() }
    }

    fn owned(self, owner: Arc<dyn Owner>) -> Self {
        Self { _kept: Kept::new(owner), ..self }
    }

    fn write(
        (): (),
        place: Place,
        _: &mut Reader,
        encoder: &mut dyn Encoder,
        out: &mut Vec<u8>,
    ) -> Result<(), RowError> {
        encoder.gauge(out, Number::Unsigned(read(local::arenas, place)))
    }
}
