//! How is a state exposed that is one of several?

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::{Gauge, Owner, Series};
use crate::cell::run::Place;
use crate::descriptor::{Descriptor, MetricType};
use crate::encode::{Encoder, RowError};
use crate::registry::Reader;
use crate::{Error, LabelValue};

/// One of several states: a series for each, of which exactly one is 1. It begins with the first. In text 0.0.4 and in
/// protobuf it is a gauge. The label that tells the state is called like the metric.
///
/// ```
/// use metrics_core::{Declaration, LabelValue, MetricType, Registry, StateSet};
///
/// #[derive(Clone, Copy)]
/// enum Breaker {
///     Closed,
///     Open,
/// }
///
/// impl LabelValue for Breaker {
///     const VALUES: &'static [&'static str] = &["closed", "open"];
///
///     fn index(self) -> usize {
///         self as usize
///     }
/// }
///
/// let registry = Registry::new();
/// let breaker: StateSet<Breaker> =
///     registry.register(Declaration::new(MetricType::StateSet, "breaker_state", "State of the circuit breaker."))?;
/// breaker.set(Breaker::Open);
/// assert_eq!(registry.sample("breaker_state", &[("breaker_state", "open")]), Some(1.0));
/// assert_eq!(registry.sample("breaker_state", &[("breaker_state", "closed")]), Some(0.0));
/// # Ok::<(), metrics_core::Error>(())
/// ```
pub struct StateSet<S> {
    index: Gauge<i64>,
    states: PhantomData<fn() -> S>,
}

impl<S: LabelValue + 'static> StateSet<S> {
    /// Sets the state. Costs a plain store, as [`Gauge::set`].
    #[inline]
    pub fn set(&self, state: S) {
        self.index.set(state.index() as i64);
    }

    /// The text of the state.
    pub fn value(&self) -> &'static str {
        usize::try_from(self.index.value()).ok().and_then(|index| S::VALUES.get(index)).copied().unwrap_or_default()
    }
}

impl<S> Clone for StateSet<S> {
    fn clone(&self) -> Self {
        Self { index: self.index.clone(), states: PhantomData }
    }
}

impl<S: LabelValue + 'static> fmt::Debug for StateSet<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StateSet").field(&self.value()).finish()
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl<S: LabelValue + 'static> Series for StateSet<S> {
    type Shape = ();
    const KIND: MetricType = MetricType::StateSet;

    fn shape(descriptor: &Descriptor) -> Result<(), Error> {
        <Gauge<i64> as Series>::shape(descriptor)
    }

    fn allocate((): ()) -> Option<Place> {
        <Gauge<i64> as Series>::allocate(())
    }

    fn free((): (), place: Place) {
        <Gauge<i64> as Series>::free((), place);
    }

    fn attach((): (), place: Place, overflow: bool) -> Self {
        Self { index: Gauge::attach((), place, overflow), states: PhantomData }
    }

    fn owned(self, owner: Arc<dyn Owner>) -> Self {
        Self { index: self.index.owned(owner), ..self }
    }

    fn write(
        (): (),
        place: Place,
        _: &mut Reader,
        encoder: &mut dyn Encoder,
        out: &mut Vec<u8>,
    ) -> Result<(), RowError> {
        let current = Self::attach((), place, false).value();
        let states: Vec<(&str, bool)> = S::VALUES.iter().map(|state| (*state, *state == current)).collect();
        encoder.state_set(out, &states)
    }
}
