//! How are observations counted in buckets?

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::layout::{Layout, Native};
use super::{HistogramSnapshot, Timer};
use crate::Error;
use crate::cell::histogram::{HEAD, observe};
use crate::cell::native::Kind;
use crate::cell::run::{Place, Run};
use crate::cell::{local, native, slots};
use crate::descriptor::{Descriptor, MetricType};
use crate::encode::{Encoder, Exemplar, HistogramValue, RowError};
use crate::metric::native::bucket_index;
use crate::metric::{Kept, Owner, Series, exemplars, ignored};
use crate::registry::Reader;

/// Observations counted in buckets, with their sum: durations, sizes.
///
/// In every scrape the sum is that of exactly the observations that the buckets count, also while threads observe.
/// An observation that is not a number is ignored, and counted in `metrics_ignored_records_total`; an infinite one counts
/// in its bucket and stays out of the sum.
///
/// ```
/// use metrics_core::{Declaration, Histogram, MetricType, Registry};
///
/// const SIZES: Declaration = Declaration::new(MetricType::Histogram, "upload_size_bytes", "Size of an upload.")
///     .with_unit("bytes")
///     .with_buckets(&[1e3, 1e6]);
///
/// let registry = Registry::new();
/// let sizes: Histogram = registry.register(SIZES)?;
/// sizes.observe(1500.0);
/// assert_eq!(sizes.snapshot().counts, [0, 1, 0]);
/// assert_eq!(sizes.snapshot().sum, 1500.0);
/// # Ok::<(), metrics_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Histogram {
    place: Place,
    layout: &'static Layout,
    _kept: Kept,
}

impl Histogram {
    /// Counts one observation, in the metric's unit.
    #[inline]
    pub fn observe(&self, value: f64) {
        if value.to_bits() < self.layout.simple_below {
            let bucket = self.layout.found(value);
            self.record_in(move |run| observe(run, bucket, value));
        } else {
            self.observe_other(value);
        }
    }

    /// Counts one observation, and keeps the exemplar for the next scrape as that of its bucket. Without waiting: where
    /// another one is put there just then, this one is dropped, and the observation is counted all the same.
    ///
    /// ```
    /// # use metrics_core::{Declaration, Histogram, MetricType, Registry};
    /// use metrics_core::encode::{Exemplar, Timestamp};
    ///
    /// # let registry = Registry::new();
    /// # let declaration = Declaration::new(MetricType::Histogram, "wait_seconds", "Wait.").with_unit("seconds");
    /// # let wait: Histogram = registry.register(declaration)?;
    /// wait.observe_with_exemplar(0.25, &Exemplar::of_trace(0.25, Timestamp::now(), 0x0af7, 0x7f));
    /// # assert_eq!(wait.snapshot().count(), 1);
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    pub fn observe_with_exemplar(&self, value: f64, exemplar: &Exemplar) {
        self.observe(value);
        if !value.is_nan() {
            exemplars::put(self.place, self.layout.words, self.exemplar_bucket(value), exemplar);
        }
    }

    /// Counts one observation, and keeps an exemplar now and then: `exemplar` is asked for one, with the value, where that
    /// of its bucket has been scraped, or there is none. So every bucket has one in every scrape if it was observed
    /// since the last, a rare one too; in between this costs a few loads more than [`Self::observe`]. `None` is asked again
    /// with the next observation. With the feature `tracing`, `span::exemplar` takes it from the current span.
    ///
    /// ```
    /// # use metrics_core::{Declaration, Histogram, MetricType, Registry};
    /// use metrics_core::encode::{Exemplar, Timestamp};
    ///
    /// # let registry = Registry::new();
    /// # let declaration = Declaration::new(MetricType::Histogram, "wait_seconds", "Wait.").with_unit("seconds");
    /// # let wait: Histogram = registry.register(declaration)?;
    /// wait.observe_sampled(0.25, |value| Some(Exemplar::of_trace(value, Timestamp::now(), 0x0af7, 0x7f)));
    /// wait.observe_sampled(0.24, |_| unreachable!("no scrape has seen the first one, which is in the same bucket"));
    /// # assert_eq!(wait.snapshot().count(), 2);
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    pub fn observe_sampled(&self, value: f64, exemplar: impl FnOnce(f64) -> Option<Exemplar>) {
        self.observe(value);
        if !value.is_nan() {
            let bucket = self.exemplar_bucket(value);
            exemplars::put_sampled(self.place, self.layout.words, bucket, || exemplar(value));
        }
    }

    /// The exemplars of a native histogram alone are spread over a few places.
    fn exemplar_bucket(&self, value: f64) -> usize {
        match &self.layout.native {
            Some(native) if native.shape.classic == 0 => {
                let index = bucket_index(value, native.shape.schema).unwrap_or_default();
                index.rem_euclid(exemplars::NATIVE_BUCKETS as i32) as usize
            }
            _ => self.layout.bucket(value),
        }
    }

    /// Counts one observation in seconds.
    #[inline]
    pub fn observe_duration(&self, value: Duration) {
        self.observe(value.as_secs_f64());
    }

    /// Starts a timer that observes the seconds until it is dropped.
    #[inline]
    pub fn start_timer(&self) -> Timer {
        // Without owner: if the histogram ends before the timer, nobody can see what is missing.
        Timer::new(Self { place: self.place, layout: self.layout, _kept: Kept::default() })
    }

    /// Observes how many seconds `work` takes; also if it panics.
    pub fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        let _timer = self.start_timer();
        work()
    }

    /// Buckets and sum over all threads, of the same observations.
    pub fn snapshot(&self) -> HistogramSnapshot {
        let mut reader = Reader::new();
        let sum = reader.histogram(self.place, self.layout);
        let bounds = self.layout.bounds.to_vec();
        HistogramSnapshot {
            bounds,
            counts: reader.counts().to_vec(),
            sum,
            native: self.layout.native.map(|native| reader.native(native.zero_threshold).into()),
        }
    }

    /// What is not the common case: negative and infinite values, native buckets, bounds without a table.
    #[inline(never)]
    fn observe_other(&self, value: f64) {
        if value.is_nan() {
            return ignored();
        }
        let amount = if value.is_infinite() { 0.0 } else { value };
        match &self.layout.native {
            None => {
                let bucket = self.layout.bucket(value);
                self.record_in(move |run| observe(run, bucket, amount));
            }
            Some(native) => self.observe_native(native, value, amount),
        }
    }

    /// Counts a value that is a number, and adds `amount` to the sum.
    #[inline(always)]
    fn observe_native(&self, native: &Native, value: f64, amount: f64) {
        let negative = value < 0.0;
        let kind = if value.abs() <= native.zero_threshold {
            Kind::Zero
        } else if value.is_infinite() {
            Kind::Infinite { negative }
        } else {
            Kind::Finite { negative }
        };
        let bucket = if native.shape.classic > 0 { self.layout.bucket(value) } else { 0 };
        // Values that have no index were told apart above.
        let index_at = |schema| bucket_index(value, schema).unwrap_or_default();
        self.record_in(move |run| native::observe(run, native.shape, kind, bucket, amount, index_at));
    }

    #[inline(always)]
    fn record_in(&self, record: impl FnOnce(Run)) {
        let run = local::run(self.place, HEAD + 1);
        if run.own_key() == self.place.key() {
            record(run);
        } else {
            local::record_cold(self.place, self.layout.words, record);
        }
    }
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Histogram").field(&self.snapshot()).finish()
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl Series for Histogram {
    type Shape = &'static Layout;
    const KIND: MetricType = MetricType::Histogram;

    fn shape(descriptor: &Descriptor) -> Result<Self::Shape, Error> {
        Layout::of(descriptor)
    }

    fn allocate(layout: Self::Shape) -> Option<Place> {
        slots::allocate(layout.words)
    }

    fn allocate_some(layout: Self::Shape, count: usize, into: &mut Vec<Place>) {
        slots::allocate_some(layout.words, count, into);
    }

    fn free(layout: Self::Shape, place: Place) {
        slots::free(place, layout.words);
    }

    #[inline(always)]
    fn attach(layout: Self::Shape, place: Place, _: bool) -> Self {
        Self { place, layout, _kept: Kept::default() }
    }

    fn owned(self, owner: Arc<dyn Owner>) -> Self {
        Self { _kept: Kept::new(owner), ..self }
    }

    fn write(
        layout: Self::Shape,
        place: Place,
        reader: &mut Reader,
        encoder: &mut dyn Encoder,
        out: &mut Vec<u8>,
    ) -> Result<(), RowError> {
        exemplars::tell(place, encoder);
        let sum = reader.histogram(place, layout);
        let value = HistogramValue {
            bounds: &layout.bounds,
            counts: reader.counts(),
            sum,
            native: layout.native.map(|native| reader.native(native.zero_threshold)),
        };
        encoder.histogram(out, &value)
    }
}
