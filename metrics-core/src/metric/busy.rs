//! How is the time measured during which something is in progress, without a clock that ticks?

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Kept, Moment, Owner, Series};
use crate::Error;
use crate::cell::busy::{WORDS, end, read, start};
use crate::cell::run::{Place, Run};
use crate::cell::{local, slots};
use crate::descriptor::{Descriptor, MetricType};
use crate::encode::{Encoder, Number, RowError};
use crate::registry::Reader;
use crate::sync::Mutex;

/// The integral of "how many are in progress" over time, exposed as a counter of seconds: `rate()` of it is the exact
/// mean concurrency over any interval, work still in progress included. For pools, queues and requests; the best
/// signal to scale a service on.
///
/// A start and an end cost a clock reading and two words of the recording thread's memory each.
///
/// A reading is exact up to the starts and ends that happen while it is taken: its error is at most their number times
/// the duration of the reading (microseconds). It never falls.
///
/// ```
/// use metrics_core::{BusyTime, Declaration, MetricType, Registry};
/// use std::time::Duration;
///
/// let registry = Registry::new();
/// let busy: BusyTime =
///     registry.register(Declaration::new(MetricType::Counter, "pool_busy_seconds_total", "Busy time of the pool.").with_unit("seconds"))?;
/// let working = busy.start();
/// drop(working);
/// assert!(busy.value() > Duration::ZERO);
/// # Ok::<(), metrics_core::Error>(())
/// ```
#[derive(Clone)]
pub struct BusyTime {
    place: Place,
    _kept: Kept,
}

/// In progress until it is dropped, on whichever thread.
#[must_use = "the work counts as in progress until the guard is dropped"]
#[derive(Debug)]
pub struct BusyGuard(BusyTime);

impl BusyTime {
    /// One more is in progress, until the guard is dropped.
    #[inline]
    pub fn start(&self) -> BusyGuard {
        self.begin_at(Moment::now());
        self.guard()
    }

    /// The same for a caller that has read the clock already: one more is in progress since `since`.
    #[inline]
    pub fn start_at(&self, since: Instant) -> BusyGuard {
        self.begin_at(since.into());
        self.guard()
    }

    /// The same without a guard, for a caller that keeps the time itself and reads the clock once for several metrics:
    /// one more is in progress since `since`, until [`Self::end_at`] is called. Forgetting that counts for ever.
    ///
    /// ```
    /// # use metrics_core::{BusyTime, Declaration, MetricType, Registry};
    /// use metrics_core::metric::Moment;
    /// # let registry = Registry::new();
    /// # let declaration = Declaration::new(MetricType::Counter, "pool_busy_seconds_total", "Busy time.").with_unit("seconds");
    /// let busy: BusyTime = registry.register(declaration)?;
    /// let since = Moment::now();
    /// busy.begin_at(since);
    /// let now = Moment::now();
    /// busy.end_at(now);
    /// assert_eq!(busy.value().as_nanos(), u128::from(now.nanoseconds_since(since)));
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    #[inline]
    pub fn begin_at(&self, since: Moment) {
        self.record(move |run| start(run, since.nanoseconds()));
    }

    /// Ends one of those which [`Self::begin_at`] began, on whichever thread.
    #[inline]
    pub fn end_at(&self, now: Moment) {
        self.record(move |run| end(run, now.nanoseconds()));
    }

    /// The integral up to now.
    pub fn value(&self) -> Duration {
        Duration::from_nanos(reading(&Reader::new(), self.place))
    }

    #[inline(always)]
    fn record(&self, record: impl FnOnce(Run)) {
        local::record(self.place, WORDS, record);
    }

    /// Without owner: if the metric ends before the guard, nobody can see what is missing.
    #[inline]
    fn guard(&self) -> BusyGuard {
        BusyGuard(Self { place: self.place, _kept: Kept::default() })
    }
}

impl Drop for BusyGuard {
    #[inline]
    fn drop(&mut self) {
        self.0.end_at(Moment::now());
    }
}

/// The highest reading of each series, so that no reading falls. Only readers lock it.
static HIGHEST: Mutex<BTreeMap<u64, u64>> = Mutex::new(BTreeMap::new());

/// A start is seen without its time, or an end without its start, only while they happen during the reading; such a
/// reading can be off by the reading's duration, and below the last one. Hence the clamp. A reading that wrapped below
/// zero counts as zero.
fn reading(reader: &Reader, place: Place) -> u64 {
    let busy = read(reader.arenas(), place);
    let reading = busy.until(Moment::now().nanoseconds());
    let reading = if reading > u64::MAX / 2 { 0 } else { reading };
    let mut highest = HIGHEST.lock();
    let highest = highest.entry(place.pack()).or_default();
    *highest = reading.max(*highest);
    *highest
}

impl fmt::Debug for BusyTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BusyTime").field(&self.value()).finish()
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl Series for BusyTime {
    type Shape = ();
    const KIND: MetricType = MetricType::Counter;

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
        HIGHEST.lock().remove(&place.pack());
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
        reader: &mut Reader,
        encoder: &mut dyn Encoder,
        out: &mut Vec<u8>,
    ) -> Result<(), RowError> {
        let seconds = Duration::from_nanos(reading(reader, place)).as_secs_f64();
        encoder.counter(out, Number::Float(seconds))
    }
}
