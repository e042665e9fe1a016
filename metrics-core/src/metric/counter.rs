//! How is a total counted?

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::{Kept, Owner, Series, exemplars, ignored};
use crate::Error;
use crate::cell::run::{Place, Run};
use crate::cell::{local, slots};
use crate::descriptor::{Descriptor, MetricType};
use crate::encode::{Encoder, Exemplar, Number, RowError};
use crate::registry::Reader;
use crate::sync::Ordering;

/// Key and total.
const WORDS: usize = 2;

/// A total that only rises: requests, bytes, errors. `Counter<u64>` by default, `Counter<f64>` for sums of amounts.
///
/// Recording costs a load, an addition and a store on memory that belongs to the recording thread.
///
/// ```
/// use metrics_core::{Counter, Declaration, MetricType, Registry};
///
/// let registry = Registry::new();
/// let orders: Counter = registry.register(Declaration::new(MetricType::Counter, "orders_total", "Orders placed."))?;
/// orders.inc();
/// orders.add(2);
/// assert_eq!(orders.value(), 3);
/// # Ok::<(), metrics_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Counter<N = u64> {
    place: Place,
    _kept: Kept,
    number: PhantomData<N>,
}

/// The numbers that a [`Counter`] can count in: `u64` and `f64`.
#[expect(private_interfaces, reason = "this is what seals the trait")]
pub trait CounterNumber: Copy + Send + Sync + 'static {
    #[doc(hidden)]
    const ONE: Self;
    /// Whether a counter rises by this; false also for some amounts that change nothing.
    #[doc(hidden)]
    fn is_amount(self) -> bool;
    /// Whether a counter may be told this.
    #[doc(hidden)]
    fn is_allowed(self) -> bool;
    #[doc(hidden)]
    fn add_to(self, run: Run);
    #[doc(hidden)]
    fn sum(words: impl Iterator<Item = u64>) -> Self;
    #[doc(hidden)]
    fn number(self) -> Number;
}

#[expect(private_interfaces, reason = "as the trait")]
impl CounterNumber for u64 {
    const ONE: Self = 1;

    #[inline(always)]
    fn is_amount(self) -> bool {
        true
    }

    fn is_allowed(self) -> bool {
        true
    }

    #[inline(always)]
    fn add_to(self, run: Run) {
        run.add(1, self, Ordering::Relaxed);
    }

    fn sum(words: impl Iterator<Item = u64>) -> Self {
        words.fold(0, u64::wrapping_add)
    }

    fn number(self) -> Number {
        Number::Unsigned(self)
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl CounterNumber for f64 {
    const ONE: Self = 1.0;

    /// One comparison: the bits of floats that are not negative are in the order of the floats, infinity and NaN last, and
    /// those of negative ones, minus zero included, are above them.
    #[inline(always)]
    fn is_amount(self) -> bool {
        self.to_bits() < f64::INFINITY.to_bits()
    }

    fn is_allowed(self) -> bool {
        (0.0..f64::INFINITY).contains(&self)
    }

    #[inline(always)]
    fn add_to(self, run: Run) {
        run.add_f64(1, self);
    }

    fn sum(words: impl Iterator<Item = u64>) -> Self {
        words.map(f64::from_bits).sum::<f64>() + 0.0
    }

    fn number(self) -> Number {
        Number::Float(self)
    }
}

impl<N: CounterNumber> Counter<N> {
    /// Adds one.
    #[inline]
    pub fn inc(&self) {
        self.record(N::ONE);
    }

    /// Adds an amount. One that is negative, infinite or not a number is ignored, and counted in
    /// `metrics_ignored_records_total`.
    #[inline]
    pub fn add(&self, amount: N) {
        if amount.is_amount() {
            self.record(amount);
        } else {
            add_nothing(amount);
        }
    }

    /// Adds an amount, and keeps the exemplar for the next scrape, in the place of the one before. Without waiting: where
    /// another record is at it just then, this one is dropped, and the amount is counted all the same.
    ///
    /// ```
    /// # use metrics_core::{Counter, Declaration, MetricType, Registry};
    /// use metrics_core::encode::{Exemplar, Timestamp};
    ///
    /// # let registry = Registry::new();
    /// # let orders: Counter = registry.register(Declaration::new(MetricType::Counter, "orders_total", "Orders."))?;
    /// orders.add_with_exemplar(1, &Exemplar::of_trace(1.0, Timestamp::now(), 0x0af7, 0x7f));
    /// # assert_eq!(orders.value(), 1);
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    pub fn add_with_exemplar(&self, amount: N, exemplar: &Exemplar) {
        self.add(amount);
        if amount.is_allowed() {
            exemplars::put(self.place, 1, 0, exemplar);
        }
    }

    /// Adds an amount, and keeps an exemplar now and then: `exemplar` is asked for one, with the amount, where the last one
    /// has been scraped, or there is none. In between this costs a few loads more than [`Self::add`]. `None` is asked
    /// again with the next record. With the feature `tracing`, `span::exemplar` takes it from the current span.
    ///
    /// ```
    /// # use metrics_core::{Counter, Declaration, MetricType, Registry};
    /// use metrics_core::encode::{Exemplar, Timestamp};
    ///
    /// # let registry = Registry::new();
    /// # let orders: Counter = registry.register(Declaration::new(MetricType::Counter, "orders_total", "Orders."))?;
    /// orders.add_sampled(1, |amount| Some(Exemplar::of_trace(amount, Timestamp::now(), 0x0af7, 0x7f)));
    /// orders.add_sampled(1, |_| unreachable!("no scrape has seen the first one"));
    /// # assert_eq!(orders.value(), 2);
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    pub fn add_sampled(&self, amount: N, exemplar: impl FnOnce(f64) -> Option<Exemplar>) {
        self.add(amount);
        if amount.is_amount() {
            exemplars::put_sampled(self.place, 1, 0, || exemplar(amount.number().as_f64()));
        }
    }

    /// The total over all threads. It costs a few loads a thread: for tests and reports, not for the recording path.
    pub fn value(&self) -> N {
        Reader::new().total(self.place)
    }

    #[inline(always)]
    fn record(&self, amount: N) {
        local::record(self.place, WORDS, move |run| amount.add_to(run));
    }
}

/// Counts what is not allowed; minus zero is, and changes nothing.
#[cold]
fn add_nothing<N: CounterNumber>(amount: N) {
    if !amount.is_allowed() {
        ignored();
    }
}

impl<N: CounterNumber + fmt::Debug> fmt::Debug for Counter<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Counter").field(&self.value()).finish()
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl<N: CounterNumber> Series for Counter<N> {
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
        slots::free(place, WORDS);
    }

    #[inline(always)]
    fn attach((): (), place: Place, _: bool) -> Self {
        Self { place, _kept: Kept::default(), number: PhantomData }
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
        exemplars::tell(place, encoder);
        encoder.counter(out, reader.total::<N>(place).number())
    }
}
