//! How full is the service? A concurrency limit that exports what is used and what there is.

use std::sync::Arc;

use metrics_core::descriptor::{Descriptor, MetricType};
use metrics_core::{Error, Registry};
use tokio::sync::Semaphore;
use tower::limit::GlobalConcurrencyLimitLayer;

/// A limit on how many requests are worked on at the same time, which exports `{name}_concurrency_used` and
/// `{name}_concurrency_capacity`: their ratio is the saturation, a good signal to scale on.
///
/// Like tower's own limit it counts a service that is ready, and then its call,
/// until the response's head; put it inside
/// [`HttpMetricsLayer`](crate::HttpMetricsLayer), which counts until the end of the body and sees those that wait too.
///
/// ```no_run
/// use metrics_core::Registry;
/// use metrics_tower::{HttpMetricsLayer, limit};
/// use tower::ServiceBuilder;
///
/// let registry = Registry::new();
/// let layers = ServiceBuilder::new()
///     .layer(HttpMetricsLayer::new(&registry)?)
///     .load_shed()
///     .layer(limit::concurrency_limit(&registry, "shop", 100)?);
/// # drop(layers);
/// # Ok::<(), metrics_core::Error>(())
/// ```
///
/// # Errors
/// If one of the two metrics is there already, or `name` is not allowed in a name.
pub fn concurrency_limit(registry: &Registry, name: &str, limit: usize) -> Result<GlobalConcurrencyLimitLayer, Error> {
    let permits = Arc::new(Semaphore::new(limit));
    let gauge =
        |what: &str, help: &'static str| Descriptor::new(MetricType::Gauge, format!("{name}_concurrency_{what}"), help);
    registry.register_callback_gauge(gauge("capacity", "How many requests may be worked on at once."), move || {
        limit as f64
    })?;
    let watched = Arc::clone(&permits);
    registry.register_callback_gauge(gauge("used", "How many requests are worked on."), move || {
        limit.saturating_sub(watched.available_permits()) as f64
    })?;
    Ok(GlobalConcurrencyLimitLayer::with_semaphore(permits))
}
