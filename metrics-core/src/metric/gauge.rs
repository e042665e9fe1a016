//! How is a value kept that can be set?

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Kept, Owner, Series, ignored, shared};
use crate::Error;
use crate::cell::local;
use crate::cell::run::Place;
use crate::cell::shared::{SharedCell, guarded};
use crate::descriptor::{Descriptor, MetricType};
use crate::encode::{Encoder, Number, RowError};
use crate::registry::Reader;
use crate::sync::{AtomicU64, Ordering};

/// A value that goes up and down and can be set: a temperature, a queue's length. `Gauge<i64>` by default, or `Gauge<f64>`.
///
/// It has one place for all threads: `set` is a plain store, `add` an atomic addition. A gauge that was looked up in a
/// family pays an uncontended atomic exchange more. For work in flight, which is only counted up and down,
/// [`crate::UpDownGauge`] is faster and has a guard.
///
/// ```
/// use metrics_core::{Declaration, Gauge, MetricType, Registry};
///
/// let registry = Registry::new();
/// let queue: Gauge = registry.register(Declaration::new(MetricType::Gauge, "queue_depth", "Orders that wait."))?;
/// queue.set(5);
/// queue.dec();
/// assert_eq!(queue.value(), 4);
/// # Ok::<(), metrics_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Gauge<N = i64> {
    cell: &'static SharedCell,
    place: Place,
    /// Stands for many series, so that setting it would mean nothing.
    overflow: bool,
    /// Keeps its series and stands for one: the cell may be written plainly. One question where there were two.
    plain: bool,
    kept: Kept,
    number: PhantomData<N>,
}

/// The numbers that a [`Gauge`] can hold: `i64` and `f64`.
pub trait GaugeNumber: Copy + Send + Sync + 'static {
    #[doc(hidden)]
    const ONE: Self;
    #[doc(hidden)]
    fn bits(self) -> u64;
    #[doc(hidden)]
    fn from_bits(bits: u64) -> Self;
    #[doc(hidden)]
    fn add_to(self, cell: &AtomicU64);
    #[doc(hidden)]
    fn negated(self) -> Self;
    #[doc(hidden)]
    fn seconds(since_epoch: std::time::Duration) -> Self;
    #[doc(hidden)]
    fn number(self) -> Number;
}

impl GaugeNumber for i64 {
    const ONE: Self = 1;

    #[inline(always)]
    fn bits(self) -> u64 {
        self as u64
    }

    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        bits as Self
    }

    #[inline(always)]
    fn add_to(self, cell: &AtomicU64) {
        cell.fetch_add(self.bits(), Ordering::Release);
    }

    #[inline(always)]
    fn negated(self) -> Self {
        self.wrapping_neg()
    }

    fn seconds(since_epoch: std::time::Duration) -> Self {
        Self::try_from(since_epoch.as_secs()).unwrap_or(Self::MAX)
    }

    fn number(self) -> Number {
        Number::Signed(self)
    }
}

impl GaugeNumber for f64 {
    const ONE: Self = 1.0;

    #[inline(always)]
    fn bits(self) -> u64 {
        self.to_bits()
    }

    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        Self::from_bits(bits)
    }

    #[inline(always)]
    fn add_to(self, cell: &AtomicU64) {
        let plus = |bits| Some((Self::from_bits(bits) + self).to_bits());
        // Always Ok: the closure never gives up.
        let _ = cell.fetch_update(Ordering::Release, Ordering::Relaxed, plus);
    }

    #[inline(always)]
    fn negated(self) -> Self {
        -self
    }

    fn seconds(since_epoch: std::time::Duration) -> Self {
        since_epoch.as_secs_f64()
    }

    fn number(self) -> Number {
        Number::Float(self)
    }
}

impl<N: GaugeNumber> Gauge<N> {
    /// Sets the value. On the overflow series of a family it means nothing: it is ignored and counted.
    #[inline]
    pub fn set(&self, value: N) {
        // Release, both: as in `shared::allocate`.
        if self.plain {
            self.cell.value.store(value.bits(), Ordering::Release);
        } else if self.overflow {
            ignored();
        } else {
            self.write(|cell| cell.store(value.bits(), Ordering::Release));
        }
    }

    /// Adds one.
    #[inline]
    pub fn inc(&self) {
        self.add(N::ONE);
    }

    /// Subtracts one.
    #[inline]
    pub fn dec(&self) {
        self.add(N::ONE.negated());
    }

    /// Adds an amount, which may be negative.
    #[inline]
    pub fn add(&self, amount: N) {
        self.write(|cell| amount.add_to(cell));
    }

    /// Subtracts an amount.
    #[inline]
    pub fn sub(&self, amount: N) {
        self.add(amount.negated());
    }

    /// Sets the value to the seconds since 1970.
    pub fn set_to_current_time(&self) {
        self.set(N::seconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()));
    }

    /// The value; zero after its series was removed.
    pub fn value(&self) -> N {
        let bits = self.cell.value.load(Ordering::Acquire);
        let alive = self.cell.generation() == self.place.key();
        N::from_bits(if alive { bits } else { 0 })
    }

    #[inline(always)]
    fn write(&self, write: impl FnOnce(&AtomicU64)) {
        if self.kept.is_something() {
            write(&self.cell.value);
        } else {
            self.write_announced(write);
        }
    }

    /// For a handle that was looked up.
    #[inline(never)]
    fn write_announced(&self, write: impl FnOnce(&AtomicU64)) {
        local::with_arena(|arena| guarded(arena, self.cell, self.place.slot, self.place.key(), write));
    }
}

impl<N: GaugeNumber + fmt::Debug> fmt::Debug for Gauge<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gauge").field(&self.value()).finish()
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl<N: GaugeNumber> Series for Gauge<N> {
    type Shape = ();
    const KIND: MetricType = MetricType::Gauge;

    fn shape(_: &Descriptor) -> Result<(), Error> {
        Ok(())
    }

    fn allocate((): ()) -> Option<Place> {
        shared::allocate()
    }

    fn free((): (), place: Place) {
        shared::free(place);
    }

    #[inline]
    fn attach((): (), place: Place, overflow: bool) -> Self {
        let kept = Kept::default();
        Self { cell: shared::cell(place.slot), place, overflow, plain: false, kept, number: PhantomData }
    }

    fn owned(self, owner: Arc<dyn Owner>) -> Self {
        Self { plain: !self.overflow, kept: Kept::new(owner), ..self }
    }

    fn write(
        (): (),
        place: Place,
        _: &mut Reader,
        encoder: &mut dyn Encoder,
        out: &mut Vec<u8>,
    ) -> Result<(), RowError> {
        let bits = shared::cell(place.slot).value.load(Ordering::Relaxed);
        encoder.gauge(out, N::from_bits(bits).number())
    }
}
