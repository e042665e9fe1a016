//! How is a service wrapped?
use metrics_core::__private::ShardedArc;
use metrics_core::{Error, Registry};
use tower_layer::Layer;

use super::config::HttpMetrics;
use super::service::HttpMetricsService;
use super::shared::Shared;

/// Records every request of the services that it wraps. Cheap to clone; clones record into the same metrics.
///
/// Nothing is written that several threads share, not even a reference count. Therefore what a layer and its services share,
/// the functions that you gave included, is dropped a little after the last of them: when a scrape of any registry begins, or as
/// more layers are made.
///
/// ```no_run
/// use metrics_core::Registry;
/// use metrics_tower::HttpMetricsLayer;
/// use tower::ServiceBuilder;
/// # async fn hello(_: http::Request<String>) -> Result<http::Response<String>, std::convert::Infallible> {
/// #     Ok(http::Response::default())
/// # }
///
/// let registry = Registry::new();
/// let service = ServiceBuilder::new().layer(HttpMetricsLayer::new(&registry)?).service_fn(hello);
/// # drop(service);
/// # Ok::<(), metrics_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HttpMetricsLayer {
    shared: ShardedArc<Shared>,
}

impl HttpMetricsLayer {
    /// [`HttpMetrics::server`] on this registry.
    ///
    /// # Errors
    /// If a metric of one of its names is there and differs.
    pub fn new(registry: &Registry) -> Result<Self, Error> {
        HttpMetrics::server().layer(registry)
    }

    pub(crate) fn of(shared: Shared) -> Self {
        Self { shared: ShardedArc::new(shared) }
    }
}

impl<S> Layer<S> for HttpMetricsLayer {
    type Service = HttpMetricsService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        HttpMetricsService::new(inner, self.shared.clone())
    }
}
