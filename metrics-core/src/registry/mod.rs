//! Registries: what is registered, under which rules, and what a scrape makes of it.

mod callback;
mod claims;
mod collector;
mod exposition;
mod group;
mod info;
mod metrics;
mod names;
mod reader;
mod sample;
mod self_metrics;
mod state;

pub(crate) use collector::Collected;
pub use collector::{Collector, Samples};
pub use exposition::Exposition;
pub use metrics::Metrics;
#[cfg(test)]
pub(crate) use names::sample_names;
pub(crate) use reader::Reader;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use once_cell::sync::Lazy;

use self::callback::Callback;
use self::collector::CollectorEntry;
use self::group::{Group, Member};
use self::state::State;
use crate::descriptor::{Descriptor, MetricType};
use crate::encode::ContentType;
use crate::family::{DynamicFamily, Source};
use crate::sync::{AtomicU64, Mutex, Ordering};
use crate::{Error, Metric, SeriesMetric};

static GLOBAL: Lazy<Registry> = Lazy::new(Registry::new);

/// Everything that is registered and can be scraped together.
///
/// Cheap to clone; clones share everything. A registry is made per program, or per test: nothing is global unless
/// [`Registry::global`] is used. It keeps its metrics alive; only [`Self::unregister`] and dropping the last clone end
/// them.
///
/// ```
/// use metrics_core::{Counter, Declaration, MetricType, Registry};
///
/// const ORDERS: Declaration = Declaration::new(MetricType::Counter, "orders_total", "Orders placed.");
///
/// let registry = Registry::new();
/// let orders: Counter = registry.with_prefix("shop").register(ORDERS)?;
/// orders.inc();
/// assert_eq!(
///     registry.encode_text(),
///     "# HELP shop_orders_total Orders placed.\n# TYPE shop_orders_total counter\nshop_orders_total 1\n"
/// );
/// # Ok::<(), metrics_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
    /// What is put before the names of what is registered through this handle, its underscore included.
    prefix: Arc<str>,
    /// Labels that all of it gets.
    labels: Arc<[(String, String)]>,
    /// Whether all of it may have names in UTF-8.
    utf8: bool,
}

pub(crate) struct Inner {
    state: Mutex<State>,
    /// Rows that could not be written, over all scrapes.
    left_out: AtomicU64,
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        let inner = Inner { state: Mutex::new(State::default()), left_out: AtomicU64::new(0) };
        Self { inner: Arc::new(inner), prefix: "".into(), labels: [].into(), utf8: false }
    }

    /// The registry of the process, for programs that want one.
    pub fn global() -> &'static Self {
        &GLOBAL
    }

    /// The same registry; names of what is registered through the new handle begin with `prefix` and an underscore, after
    /// the prefix of this handle. An empty prefix changes nothing.
    #[must_use]
    pub fn with_prefix(&self, prefix: &str) -> Self {
        let separator = if prefix.is_empty() { "" } else { "_" };
        Self { prefix: format!("{}{prefix}{separator}", self.prefix).into(), ..self.clone() }
    }

    /// The same registry; what is registered through the new handle has one more label, with the same value in all its
    /// series. Whether the label is allowed is checked when something is registered.
    #[must_use]
    pub fn with_label(&self, name: &str, value: &str) -> Self {
        let labels = self.labels.iter().cloned().chain([(name.to_owned(), value.to_owned())]);
        Self { labels: labels.collect(), ..self.clone() }
    }

    /// The same registry; what is registered through the new handle may have any character in the names of metrics and
    /// labels. Readers that do not know such names get them escaped, in the way they ask for; names that become one in any
    /// of these ways are refused at registration.
    ///
    /// ```
    /// use metrics_core::{Descriptor, Format, Histogram, MetricType, Registry};
    ///
    /// let registry = Registry::new();
    /// let duration = Descriptor::new(MetricType::Histogram, "http.server.request.duration", "Duration of requests.");
    /// registry.with_utf8_names().register::<Histogram>(duration)?;
    /// assert!(registry.encode_text().contains("http_server_request_duration_count 0"));
    /// let clash = Descriptor::new(MetricType::Histogram, "http/server/request/duration", "The same, escaped.");
    /// assert!(registry.with_utf8_names().register::<Histogram>(clash).is_err());
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_utf8_names(&self) -> Self {
        Self { utf8: true, ..self.clone() }
    }

    /// Makes a metric, or hands back the one that is registered under the same definition: the same name, constant
    /// labels, type, help, unit, labels and buckets.
    ///
    /// # Errors
    /// If the definition breaks a rule of [`crate::descriptor::validate`], or if it clashes with one that is registered:
    /// the same name with another definition, or a sample name of another family (`x_total`, `x_bucket`, …). Nothing is
    /// changed then.
    pub fn register<M: Metric>(&self, descriptor: impl Into<Descriptor>) -> Result<M, Error> {
        M::register(self, descriptor.into())
    }

    /// Makes a family whose labels are known only at run time, or hands it back; see [`Self::register`].
    ///
    /// # Errors
    /// As [`Self::register`].
    pub fn register_dynamic<M: SeriesMetric>(
        &self,
        descriptor: impl Into<Descriptor>,
    ) -> Result<DynamicFamily<M>, Error> {
        DynamicFamily::register(self, descriptor.into())
    }

    /// A gauge whose value is asked for in every scrape. No lock is held meanwhile; a panic in `read` leaves the row out
    /// and is counted. The scrape takes as long as `read` takes.
    ///
    /// # Errors
    /// As [`Self::register`], and if the name is taken.
    pub fn register_callback_gauge(
        &self,
        descriptor: impl Into<Descriptor>,
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) -> Result<(), Error> {
        self.register_callback(descriptor.into(), MetricType::Gauge, read)
    }

    /// A counter whose total is asked for in every scrape; `read` must never fall. See [`Self::register_callback_gauge`].
    ///
    /// # Errors
    /// As [`Self::register`], and if the name is taken.
    pub fn register_callback_counter(
        &self,
        descriptor: impl Into<Descriptor>,
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) -> Result<(), Error> {
        self.register_callback(descriptor.into(), MetricType::Counter, read)
    }

    fn register_callback(
        &self,
        mut descriptor: Descriptor,
        kind: MetricType,
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) -> Result<(), Error> {
        descriptor.kind = kind;
        let source = Arc::new(Callback::new(kind, read));
        self.insert_new(vec![(descriptor, source)])
    }

    /// Text that never changes, as labels of a series whose value is 1: a version, a build. Again with the same labels is
    /// no error.
    ///
    /// ```
    /// use metrics_core::{Declaration, MetricType, Registry};
    ///
    /// let registry = Registry::new();
    /// let build = Declaration::new(MetricType::Info, "shop_build_info", "The build that runs.");
    /// registry.register_info(build, &[("version", "1.2.3")])?;
    /// assert_eq!(registry.sample("shop_build_info", &[("version", "1.2.3")]), Some(1.0));
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Self::register`].
    pub fn register_info(&self, descriptor: impl Into<Descriptor>, labels: &[(&str, &str)]) -> Result<(), Error> {
        let mut descriptor = descriptor.into();
        descriptor.kind = MetricType::Info;
        descriptor.const_labels.extend(labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.insert(descriptor, |_| Ok(Arc::new(info::Info))).map(drop)
    }

    /// Registers a collector: its families are collected in every scrape, without any lock held.
    ///
    /// # Errors
    /// As [`Self::register`] for any of its families, and if a name is taken; then none of them is registered.
    pub fn register_collector(&self, collector: impl Collector) -> Result<(), Error> {
        let descriptors: Vec<Descriptor> =
            collector.describe().into_iter().map(|descriptor| self.scoped(descriptor)).collect();
        let entry = Arc::new(CollectorEntry::new(collector, &descriptors, &self.prefix));
        let sources = descriptors.into_iter().enumerate();
        self.insert_scoped(sources.map(|(family, descriptor)| (descriptor, entry.clone().family(family))).collect())
    }

    /// Registers what the library tells about itself: ignored records, rows left out of scrapes, how long each collector
    /// took the last time, and for each family with a dynamic label its series and the lookups that went to overflow
    /// series. Again is no error.
    ///
    /// # Errors
    /// As [`Self::register`].
    pub fn register_self_metrics(&self) -> Result<(), Error> {
        self_metrics::register(self)
    }

    /// Checks whether these could be registered now, and changes nothing.
    ///
    /// # Errors
    /// As [`Self::register`].
    pub fn check(&self, descriptors: &[Descriptor]) -> Result<(), Error> {
        let scoped: Vec<Descriptor> = descriptors.iter().map(|descriptor| self.scoped(descriptor.clone())).collect();
        let state = self.inner.state.lock();
        scoped.iter().try_for_each(|descriptor| state.existing(descriptor).map(drop))?;
        state.check(&scoped)
    }

    /// Ends a metric by its full name, all its series included, whatever their constant labels; false if there is none.
    /// What its handles record from then on is not exposed.
    pub fn unregister(&self, name: &str) -> bool {
        // Dropped after the lock is given back.
        let removed = self.inner.state.lock().remove(name);
        removed.is_some()
    }

    /// Everything that is registered, by name.
    pub fn descriptors(&self) -> Vec<Descriptor> {
        let groups = self.groups();
        let members = groups.iter().flat_map(|group| group.members.iter());
        members.map(|member| Descriptor::clone(&member.descriptor)).collect()
    }

    /// The value of one series, for tests; `None` if there is no such series. All labels of the series must be given, in
    /// any order, constant ones included. A histogram is asked for by its sample names: `x_count`, `x_sum`, and `x_bucket`
    /// with the label `le`.
    ///
    /// ```
    /// use metrics_core::{Declaration, Histogram, MetricType, Registry};
    ///
    /// let registry = Registry::new();
    /// let sizes = Declaration::new(MetricType::Histogram, "size_bytes", "Size.");
    /// let sizes = sizes.with_unit("bytes").with_buckets(&[10.0, 20.0]);
    /// registry.register::<Histogram>(sizes)?.observe(15.0);
    /// assert_eq!(registry.sample("size_bytes_sum", &[]), Some(15.0));
    /// assert_eq!(registry.sample("size_bytes_bucket", &[("le", "20")]), Some(1.0));
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    pub fn sample(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        sample::sample(self, name, labels)
    }

    /// Everything as Prometheus text 0.0.4.
    pub fn encode_text(&self) -> String {
        let mut out = Vec::new();
        let mut exposition = self.exposition(ContentType::default());
        while exposition.next_piece(&mut out) {}
        String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// Begins a scrape. It holds no lock, and what is registered or removed meanwhile waits for nothing.
    pub fn exposition(&self, format: impl Into<ContentType>) -> Exposition {
        Exposition::new(self.inner.clone(), self.groups(), format.into())
    }

    /// What is registered now.
    pub(crate) fn groups(&self) -> Arc<[Arc<Group>]> {
        self.inner.state.lock().groups()
    }

    /// Rows that could not be written, over all scrapes so far.
    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// The descriptor with the prefix and the labels of this handle.
    fn scoped(&self, mut descriptor: Descriptor) -> Descriptor {
        descriptor.name.insert_str(0, &self.prefix);
        descriptor.const_labels.extend(self.labels.iter().cloned());
        descriptor.utf8 |= self.utf8;
        descriptor
    }

    /// Hands back the source under the same definition, or makes and registers it.
    pub(crate) fn insert<S: Source + 'static>(
        &self,
        descriptor: Descriptor,
        make: impl FnOnce(&Descriptor) -> Result<Arc<S>, Error>,
    ) -> Result<Arc<S>, Error> {
        let descriptor = self.scoped(descriptor);
        let mut state = self.inner.state.lock();
        if let Some(existing) = state.existing(&descriptor)? {
            let any: Arc<dyn Any + Send + Sync> = existing.handle.clone();
            return any.downcast().map_err(|_| names::other_type(&descriptor, &existing.descriptor));
        }
        state.check(std::slice::from_ref(&descriptor))?;
        let source = make(&descriptor)?;
        state.add(Member { descriptor: Arc::new(descriptor), source: source.clone(), handle: source.clone() });
        Ok(source)
    }

    fn insert_new<S: Source + 'static>(&self, sources: Vec<(Descriptor, Arc<S>)>) -> Result<(), Error> {
        let scoped = sources.into_iter().map(|(descriptor, source)| (self.scoped(descriptor), source));
        self.insert_scoped(scoped.collect())
    }

    /// Registers all of them or, where one is not allowed or taken, none.
    fn insert_scoped<S: Source + 'static>(&self, sources: Vec<(Descriptor, Arc<S>)>) -> Result<(), Error> {
        let descriptors: Vec<Descriptor> = sources.iter().map(|(descriptor, _)| descriptor.clone()).collect();
        let mut state = self.inner.state.lock();
        for descriptor in &descriptors {
            if let Some(existing) = state.existing(descriptor)? {
                return Err(names::taken(descriptor, &existing.descriptor));
            }
        }
        state.check(&descriptors)?;
        for (descriptor, source) in sources {
            state.add(Member { descriptor: Arc::new(descriptor), source: source.clone(), handle: source });
        }
        Ok(())
    }
}

impl Inner {
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    pub(crate) fn add_left_out(&self, rows: u64) {
        if rows > 0 {
            self.left_out.fetch_add(rows, Ordering::Relaxed);
        }
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("prefix", &self.prefix).field("families", &self.groups().len()).finish()
    }
}
