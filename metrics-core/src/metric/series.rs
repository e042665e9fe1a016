//! What must a type be able to do to be registered, and to be the series of a family?

use std::sync::Arc;

use crate::cell::run::Place;
use crate::descriptor::{Descriptor, LabelDeclaration, MetricType};
use crate::encode::{Encoder, RowError};
use crate::registry::{Reader, Registry};
use crate::{Error, Family, NoLabels};

/// A metric that a registry can make: a [`crate::Counter`], [`crate::Gauge`], [`crate::UpDownGauge`],
/// [`crate::Histogram`], [`crate::BusyTime`], or a [`Family`] of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no metric",
    label = "no metric",
    note = "metrics are `Counter`, `Gauge`, `UpDownGauge`, `BusyTime`, `Histogram`, `StateSet`, and a `Family` of one of them",
    note = "a field that is a struct of metrics needs `#[metric(nested)]`"
)]
pub trait Metric: Clone + Send + Sync + 'static {
    /// The type under which it is exposed.
    const TYPE: MetricType;
    /// Its labels; empty unless it is a family.
    const LABELS: &'static [LabelDeclaration];
    /// Registers it, or hands back what is registered under the same definition.
    ///
    /// # Errors
    /// If the definition breaks a rule, or clashes with one that is registered.
    fn register(registry: &Registry, descriptor: Descriptor) -> Result<Self, Error>;
}

/// A metric that can be the series of a [`Family`].
pub trait SeriesMetric: Series {}

impl<M: Series> SeriesMetric for M {}

#[diagnostic::do_not_recommend]
impl<M: Series> Metric for M {
    const TYPE: MetricType = M::KIND;
    const LABELS: &'static [LabelDeclaration] = &[];

    fn register(registry: &Registry, descriptor: Descriptor) -> Result<Self, Error> {
        Family::<NoLabels, M>::register(registry, descriptor).map(|family| family.only())
    }
}

/// Keeps a series alive.
pub(crate) trait Owner: Send + Sync {}

impl<T: Send + Sync> Owner for T {}

/// What a handle keeps alive: its series, or nothing.
#[derive(Clone, Default)]
pub(crate) struct Kept(Option<Arc<dyn Owner>>);

impl Kept {
    pub(crate) fn new(owner: Arc<dyn Owner>) -> Self {
        Self(Some(owner))
    }

    #[inline(always)]
    pub(crate) fn is_something(&self) -> bool {
        self.0.is_some()
    }
}

impl Drop for Kept {
    #[inline(always)]
    fn drop(&mut self) {
        // By value: as nobody takes the address of a handle that was looked up, it stays in registers, and the compiler
        // sees that there is nothing to drop.
        if let Some(owner) = self.0.take() {
            let_go(owner);
        }
    }
}

#[cold]
fn let_go(owner: Arc<dyn Owner>) {
    drop(owner);
}

/// How the series of one type are made, written and ended. Not implementable outside this crate, whose types it names.
#[doc(hidden)]
#[expect(private_interfaces, reason = "this is what seals the trait")]
pub trait Series: Clone + Send + Sync + 'static {
    /// What all series of a family share.
    type Shape: Copy + Send + Sync + 'static;
    const KIND: MetricType;
    /// Whether it counts from a moment on, which a scrape can tell.
    const COUNTS: bool = matches!(Self::KIND, MetricType::Counter | MetricType::Histogram);

    fn shape(descriptor: &Descriptor) -> Result<Self::Shape, Error>;
    /// A place at zero; `None` if there is none left.
    fn allocate(shape: Self::Shape) -> Option<Place>;
    /// Up to `count` more of them, at least one if there is one, behind those in `into`.
    fn allocate_some(shape: Self::Shape, _count: usize, into: &mut Vec<Place>) {
        into.extend(Self::allocate(shape));
    }
    fn free(shape: Self::Shape, place: Place);
    /// A handle to the series at a place. An overflow series stands for many.
    fn attach(shape: Self::Shape, place: Place, overflow: bool) -> Self;
    /// The same handle, keeping its series alive.
    fn owned(self, owner: Arc<dyn Owner>) -> Self;
    /// Reads the series and writes its row.
    fn write(
        shape: Self::Shape,
        place: Place,
        reader: &mut Reader,
        encoder: &mut dyn Encoder,
        out: &mut Vec<u8>,
    ) -> Result<(), RowError>;
}
