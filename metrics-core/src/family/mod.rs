//! Families: one metric, several label values.
//!
//! A family whose labels can all be enumerated is *dense*: a label set is an index, its series is found by arithmetic
//! and exists from the start. A family with a dynamic label is *sparse*: its series are found in a table that is read
//! without a lock, and there are at most as many as its cap allows.

mod alive;
mod core;
mod dense;
mod sparse;
mod table;
#[cfg(test)]
mod tests;
mod told;
mod word;

pub(crate) use self::core::{Core, Pass, Progress, Source};

use self::core::Kind;
use self::sparse::Hit;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::cell::run::Place;
use crate::descriptor::{Descriptor, LabelDeclaration, LabelDescriptor, LabelValues, MetricType};
use crate::metric::Series;
use crate::registry::Registry;
use crate::{Error, LabelSet, Metric, NoLabels, SeriesMetric};

/// One metric with labels: a series for each label set.
///
/// [`Self::with`] finds a series. With enumerable labels that is arithmetic; with a dynamic label it is a hash and a
/// comparison of the text, without lock and allocation once the series exists. The handle it returns is small and may be
/// kept; after its series is removed, what it records is dropped.
///
/// ```
/// use metrics_core::{Counter, Declaration, Family, LabelSet, LabelValue, MetricType, Registry};
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum Outcome { Paid, Failed }
///
/// #[derive(LabelSet)]
/// struct Labels { outcome: Outcome }
///
/// let registry = Registry::new();
/// let declaration = Declaration::new(MetricType::Counter, "orders_total", "Orders placed.").with_labels(Labels::LABELS);
/// let orders: Family<Labels, Counter> = registry.register(declaration)?;
/// orders.with(&Labels { outcome: Outcome::Paid }).inc();
/// assert_eq!(orders.with(&Labels { outcome: Outcome::Paid }).value(), 1);
/// assert_eq!(registry.sample("orders_total", &[("outcome", "failed")]), Some(0.0));
/// # Ok::<(), metrics_core::Error>(())
/// ```
pub struct Family<L, M: SeriesMetric> {
    core: Arc<Core<M>>,
    /// Where series are found by index alone, without a look at the core; otherwise empty.
    places: Arc<[Place]>,
    labels: PhantomData<fn() -> L>,
}

impl<L: LabelSet + 'static, M: SeriesMetric> Family<L, M> {
    /// The series with these labels, made if it is new. Beyond the family's cap, and for a label value that is too long,
    /// it is the overflow series: dynamic labels are `_overflow`, enumerable ones keep their values.
    #[inline(always)]
    pub fn with<Q: LabelSet<Schema = L::Schema>>(&self, labels: &Q) -> M {
        let hit = self.find(labels);
        // Once for all, where the compiler sees that there is no owner to drop.
        M::attach(self.core.shape(), hit.place(), hit.overflow)
    }

    #[inline(always)]
    fn find<Q: LabelSet<Schema = L::Schema>>(&self, labels: &Q) -> Hit {
        if L::CARDINALITY.is_some() {
            if let Some(place) = self.places.get(labels.index()) {
                return Hit::new(*place, false);
            }
            return self.find_cold(labels);
        }
        self.core.find(labels)
    }

    /// A family that leaves marks, or a set that breaks its contract.
    #[cold]
    fn find_cold<Q: LabelSet<Schema = L::Schema>>(&self, labels: &Q) -> Hit {
        self.core.find(labels)
    }

    /// Removes a series; true if there was one. The next [`Self::with`] of the same labels begins at zero. A dense
    /// family keeps all its series.
    pub fn remove<Q: LabelSet<Schema = L::Schema>>(&self, labels: &Q) -> bool {
        match &self.core.kind {
            Kind::Dense(_) => false,
            Kind::Sparse(sparse) => sparse.remove(labels),
        }
    }

    /// Removes every series of a family with a dynamic label.
    pub fn clear(&self) {
        if let Kind::Sparse(sparse) = &self.core.kind {
            sparse.clear();
        }
    }

    /// How many series there are.
    pub fn len(&self) -> usize {
        self.core.len()
    }

    /// Whether there is no series.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<M: SeriesMetric> Family<NoLabels, M> {
    /// The one series of a family without labels, which it keeps alive.
    pub(crate) fn only(&self) -> M {
        self.with(&NoLabels).owned(self.core.clone())
    }
}

/// A family whose labels are known only at run time.
///
/// ```
/// use metrics_core::{Counter, Descriptor, DynamicFamily, MetricType, Registry};
///
/// let registry = Registry::new();
/// let mut descriptor = Descriptor::new(MetricType::Counter, "jobs_total", "Jobs done.");
/// descriptor.add_label("queue").add_label("outcome");
/// let jobs: DynamicFamily<Counter> = registry.register_dynamic(descriptor)?;
/// jobs.with(&[Some("mail"), None]).inc();
/// assert_eq!(registry.sample("jobs_total", &[("queue", "mail")]), Some(1.0));
/// # Ok::<(), metrics_core::Error>(())
/// ```
pub struct DynamicFamily<M: SeriesMetric> {
    core: Arc<Core<M>>,
}

/// One value a label, in the descriptor's order.
struct Values<'a> {
    values: &'a [Option<&'a str>],
    /// As many are told as there are here.
    labels: &'a [LabelDescriptor],
}

impl LabelSet for Values<'_> {
    type Schema = NoLabels;
    const LABELS: &'static [LabelDeclaration] = &[];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: crate::LabelVisitor>(&self, visitor: &mut V) {
        for (value, label) in self.values.iter().zip(self.labels) {
            match (value, label.values) {
                (None, _) => visitor.absent(),
                (Some(text), LabelValues::Dynamic) => visitor.text(text),
                (Some(text), LabelValues::Enumerated(values)) => match values.iter().position(|value| value == text) {
                    Some(index) => visitor.enumerated(index),
                    // Not of the family: as a text it is known for that.
                    None => visitor.text(text),
                },
            }
        }
    }
}

impl<M: SeriesMetric> DynamicFamily<M> {
    #[inline(always)]
    fn values<'a>(&'a self, values: &'a [Option<&'a str>]) -> Values<'a> {
        Values { values, labels: self.core.labels() }
    }

    #[inline(always)]
    fn find<L: LabelSet>(&self, labels: &L) -> M {
        let hit = self.core.find_told(labels);
        M::attach(self.core.shape(), hit.place(), hit.overflow)
    }

    /// The series with these label values, one a label of the descriptor, in its order; `None` leaves the label out, and
    /// missing ones are left out too; what is too many is ignored. Made if it is new; see [`Family::with`]. Where the
    /// descriptor enumerates a label and the value is none of those, the record goes nowhere, and the lookup is counted in
    /// `metrics_ignored_records_total`.
    #[inline]
    pub fn with(&self, values: &[Option<&str>]) -> M {
        self.find(&self.values(values))
    }

    /// The same for a label set, which must tell its labels in the descriptor's order, those by index that the descriptor
    /// enumerates and no others: one type of label set can then serve families whose labels are named or chosen at run
    /// time. A number is not the text of that number: look one family up in one way only, here or with [`Self::with`].
    ///
    /// A set that tells other labels than the descriptor has, more of them, or an index that is none, harms nobody: its
    /// records go nowhere, and each lookup is counted in `metrics_ignored_records_total`.
    ///
    /// ```
    /// use metrics_core::descriptor::LabelDescriptor;
    /// use metrics_core::{Counter, Descriptor, LabelSet, LabelValue, MetricType, Registry};
    ///
    /// #[derive(LabelSet)]
    /// struct Labels { cached: bool }
    ///
    /// let registry = Registry::new();
    /// let mut descriptor = Descriptor::new(MetricType::Counter, "reads_total", "Reads.");
    /// descriptor.labels = vec![LabelDescriptor { name: "hit".into(), ..LabelDescriptor::from(&Labels::LABELS[0]) }];
    /// let reads = registry.register_dynamic::<Counter>(descriptor)?;
    /// reads.with_set(&Labels { cached: true }).inc();
    /// assert_eq!(registry.sample("reads_total", &[("hit", "true")]), Some(1.0));
    /// assert_eq!(registry.sample("reads_total", &[("hit", "false")]), Some(0.0));
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    #[inline]
    pub fn with_set<L: LabelSet>(&self, labels: &L) -> M {
        self.find(labels)
    }

    /// Removes a series; true if there was one.
    pub fn remove(&self, values: &[Option<&str>]) -> bool {
        match &self.core.kind {
            Kind::Dense(_) => false,
            Kind::Sparse(sparse) => sparse.remove(&self.values(values)),
        }
    }

    /// Removes every series.
    pub fn clear(&self) {
        if let Kind::Sparse(sparse) = &self.core.kind {
            sparse.clear();
        }
    }

    /// How many series there are.
    pub fn len(&self) -> usize {
        self.core.len()
    }

    /// Whether there is no series.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn register(registry: &Registry, mut descriptor: Descriptor) -> Result<Self, Error> {
        descriptor.kind = M::KIND;
        registry.insert(descriptor, |descriptor| Core::<M>::new(descriptor).map(Arc::new)).map(|core| Self { core })
    }
}

impl<M: SeriesMetric> Clone for DynamicFamily<M> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone() }
    }
}

impl<M: SeriesMetric> fmt::Debug for DynamicFamily<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicFamily").field("series", &self.len()).finish()
    }
}

impl<L, M: SeriesMetric> Clone for Family<L, M> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), places: self.places.clone(), labels: PhantomData }
    }
}

impl<L, M: SeriesMetric> fmt::Debug for Family<L, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family").field("series", &self.core.len()).finish()
    }
}

impl<L: LabelSet + 'static, M: SeriesMetric> Metric for Family<L, M> {
    const TYPE: MetricType = <M as Series>::KIND;
    const LABELS: &'static [LabelDeclaration] = L::LABELS;

    fn register(registry: &Registry, mut descriptor: Descriptor) -> Result<Self, Error> {
        // The types are what is true: a declaration that was written by hand may have left them out.
        descriptor.kind = M::KIND;
        descriptor.labels = L::LABELS.iter().map(LabelDescriptor::from).collect();
        registry.insert(descriptor, |descriptor| Core::<M>::new(descriptor).map(Arc::new)).map(|core| Self {
            places: core.places(),
            core,
            labels: PhantomData,
        })
    }
}
