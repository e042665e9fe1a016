//! What is to be recorded of requests, and under which names?

use std::borrow::Cow;
use std::sync::Arc;

use metrics_core::descriptor::{Autoscale, AutoscaleTarget, Combine, Descriptor, NativeDeclaration};
use metrics_core::{Error, LabelValue, Registry, buckets};

use super::classify::Classifier;
use super::describe::Descriptors;
use super::extra::ExtraLabel;
use super::layer::HttpMetricsLayer;
use super::names::{self, Names};
use super::request::{RequestHead, RouteSource};
use super::rules::{Pattern, Rules};
use super::shared::Shared;
use super::slo::Slo;

/// What is recorded of requests: a plain value, which can describe its metrics without a registry or a service.
///
/// ```no_run
/// use metrics_core::Registry;
/// use metrics_tower::HttpMetrics;
///
/// let registry = Registry::new();
/// let metrics = HttpMetrics::server().with_body_sizes().with_group("/assets/*", "/assets");
/// let mut names = Vec::new();
/// metrics.describe(&mut |descriptor| names.push(descriptor.name));
/// assert!(names.contains(&"http_server_request_body_size_bytes".to_owned()));
/// let layer = metrics.layer(&registry)?;
/// # drop(layer);
/// # Ok::<(), metrics_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "it records nothing until `layer` is called"]
pub struct HttpMetrics {
    pub(crate) client: bool,
    pub(crate) names: Names,
    pub(crate) prefix: Option<Box<str>>,
    pub(crate) buckets: Cow<'static, [f64]>,
    pub(crate) native: Option<NativeDeclaration>,
    pub(crate) classic: bool,
    pub(crate) requests: bool,
    pub(crate) body_sizes: bool,
    pub(crate) until_head: bool,
    pub(crate) scheme: bool,
    pub(crate) version: bool,
    pub(crate) grpc: bool,
    pub(crate) span_exemplars: bool,
    pub(crate) max_series: Option<u32>,
    pub(crate) rules: Rules,
    pub(crate) route: RouteSource,
    pub(crate) classifier: Option<Classifier>,
    pub(crate) extra: Vec<ExtraLabel>,
    pub(crate) slos: Vec<Slo>,
    pub(crate) scale: Scale,
}

/// Which signals one replica's capacity is told for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scale {
    pub(crate) active: Option<Autoscale>,
    pub(crate) busy: Option<Autoscale>,
    pub(crate) requests: Option<Autoscale>,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        Self::server()
    }
}

impl HttpMetrics {
    /// Incoming requests, under OpenTelemetry's names in Prometheus spelling. `/metrics` and `/healthz` are not counted.
    pub fn server() -> Self {
        Self::with_names(names::SERVER, buckets::HTTP_SECONDS)
    }

    /// Outgoing requests, under OpenTelemetry's names: in place of the route stands `server_address`, the host that a
    /// request goes to. 4xx is a failure here. The number of series is capped as everywhere.
    pub fn client() -> Self {
        let mut metrics = Self::with_names(names::CLIENT, buckets::HTTP_SECONDS);
        metrics.client = true;
        metrics.route = RouteSource::Host;
        metrics.rules = Rules::default();
        metrics
    }

    /// Incoming requests under axum-prometheus' names and buckets. The label that it calls `endpoint` is called
    /// `exported_endpoint`, which is what the Prometheus Operator makes of it: dashboards made there work unchanged;
    /// queries made under plain scraping have to be changed from `endpoint`.
    pub fn axum_prometheus() -> Self {
        Self::with_names(names::AXUM_PROMETHEUS, names::AXUM_PROMETHEUS_BUCKETS)
    }

    /// Incoming requests under the names that Go services use: `http_requests_total{code,method,handler}`.
    pub fn classic() -> Self {
        Self::with_names(names::CLASSIC, buckets::DEFAULT)
    }

    fn with_names(names: Names, buckets: &'static [f64]) -> Self {
        let skip = ["/metrics", "/healthz"].map(Pattern::new).to_vec();
        Self {
            client: false,
            names,
            prefix: None,
            buckets: Cow::Borrowed(buckets),
            native: None,
            classic: true,
            requests: true,
            body_sizes: false,
            until_head: false,
            scheme: false,
            version: false,
            grpc: false,
            span_exemplars: false,
            max_series: None,
            rules: Rules { skip, groups: Vec::new() },
            route: RouteSource::default(),
            classifier: None,
            extra: Vec::new(),
            slos: Vec::new(),
            scale: Scale::default(),
        }
    }

    /// `prefix` and an underscore before every name.
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Other upper bounds for the duration in seconds, without `+Inf`. Wrong ones are an error of [`Self::layer`].
    pub fn with_buckets(mut self, buckets: impl Into<Cow<'static, [f64]>>) -> Self {
        self.buckets = buckets.into();
        self
    }

    /// The duration as a native histogram, with classic buckets beside it if `classic`.
    pub fn with_native(mut self, native: NativeDeclaration, classic: bool) -> Self {
        self.native = Some(native);
        self.classic = classic;
        self
    }

    /// Whether requests are counted in a counter beside the histogram's count; on by default.
    pub fn with_requests_total(mut self, on: bool) -> Self {
        self.requests = on;
        self
    }

    /// Histograms of the sizes of request and response bodies. A request's size is its `Content-Length`; one that is
    /// sent in chunks is not observed. A response's size is what was handed to the server until the end.
    pub fn with_body_sizes(mut self) -> Self {
        self.body_sizes = true;
        self
    }

    /// The duration until the response's head instead of the end of its body. The request is still in flight, and still
    /// recorded, until the end. Costs a third clock read.
    pub fn with_duration_until_head(mut self) -> Self {
        self.until_head = true;
        self
    }

    /// A label `url_scheme` from the request's URI; HTTP/1.1 requests to a server rarely tell it.
    pub fn with_scheme(mut self) -> Self {
        self.scheme = true;
        self
    }

    /// A label `network_protocol_version`.
    pub fn with_protocol_version(mut self) -> Self {
        self.version = true;
        self
    }

    /// A label `rpc_grpc_status_code` from `grpc-status` in the headers or the trailers, and an `error_type` by code.
    pub fn with_grpc_status(mut self) -> Self {
        self.grpc = true;
        self
    }

    /// At most this many series a metric, 2,000 unless told; beyond it route and other texts are `_overflow`. Such series come
    /// on top: one for each combination of the other labels that occurs, see [what is recorded](super#what-is-recorded).
    pub fn with_max_series(mut self, max_series: u32) -> Self {
        self.max_series = Some(max_series);
        self
    }

    /// Routes that are not counted, exact or with a final `*`, in place of `/metrics` and `/healthz`. Where a request
    /// has no route, its path is looked at.
    pub fn with_skipped<'a>(mut self, patterns: impl IntoIterator<Item = &'a str>) -> Self {
        self.rules.skip = patterns.into_iter().map(Pattern::new).collect();
        self
    }

    /// Routes that share a label, by an exact pattern or one with a final `*`; the first that matches counts. Where a
    /// request has no route, its path is looked at: this is how a service without a router gets routes.
    pub fn with_group(mut self, pattern: &str, label: &str) -> Self {
        self.rules.groups.push((Pattern::new(pattern), label.into()));
        self
    }

    /// The route by a function; `None` leaves the label out. It should answer a template (`/orders/{id}`), never the
    /// path: however many it answers, the number of series stays capped.
    pub fn with_route(
        mut self,
        route: impl for<'a> Fn(&RequestHead<'a>) -> Option<Cow<'a, str>> + Send + Sync + 'static,
    ) -> Self {
        self.route = RouteSource::Function(Arc::new(route));
        self
    }

    /// The `error_type` of errors of type `E` that the inner service returns (`E` is its very error type, such as
    /// `tower::BoxError`). `None` falls back on what is known without it. The sources of an error are only looked at behind a
    /// `Box<dyn Error + Send + Sync>`; for an error type of your own that wraps a timeout, say so here.
    pub fn with_error_classifier<E, V>(mut self, classify: impl Fn(&E) -> Option<V> + Send + Sync + 'static) -> Self
    where
        E: 'static,
        V: LabelValue,
    {
        self.classifier = Some(Classifier::new(classify));
        self
    }

    /// Counts the events of a service level objective.
    pub fn with_slo(mut self, slo: Slo) -> Self {
        self.slos.push(slo);
        self
    }

    /// One replica bears this many requests in flight.
    pub fn with_autoscale_active(mut self, target: f64) -> Self {
        self.scale.active = Some(autoscale(AutoscaleTarget::PerPod(target), Some(Combine::Sum)));
        self
    }

    /// One replica bears this many requests in flight on average: what an autoscaler should read.
    pub fn with_autoscale_busy(mut self, concurrency: f64) -> Self {
        self.scale.busy = Some(autoscale(AutoscaleTarget::Concurrency(concurrency), None));
        self
    }

    /// One replica bears this many requests a second. Turns the requests counter on.
    pub fn with_autoscale_requests(mut self, per_second: f64) -> Self {
        self.scale.requests = Some(autoscale(AutoscaleTarget::PerSecond(per_second), Some(Combine::Sum)));
        self.requests = true;
        self
    }

    /// At least `min` and at most `max` replicas, for every signal chosen before.
    pub fn with_replicas(mut self, min: u32, max: u32) -> Self {
        let signals = [&mut self.scale.active, &mut self.scale.busy, &mut self.scale.requests];
        for signal in signals.into_iter().flatten() {
            signal.min = Some(min);
            signal.max = Some(max);
        }
        self
    }

    /// Tells every metric that [`Self::layer`] registers.
    pub fn describe(&self, describe: &mut dyn FnMut(Descriptor)) {
        Descriptors::of(self).into_each(describe);
    }

    /// Registers the metrics and makes a layer that records them. Layers of the same configuration on one registry
    /// share their metrics.
    ///
    /// # Errors
    /// If a metric of the same name is there and differs, or a name, a label or the buckets are not allowed.
    pub fn layer(&self, registry: &Registry) -> Result<HttpMetricsLayer, Error> {
        Ok(HttpMetricsLayer::of(Shared::register(self, registry)?))
    }
}

fn autoscale(target: AutoscaleTarget, combine: Option<Combine>) -> Autoscale {
    Autoscale { target, combine, over_seconds: None, min: None, max: None, scale_down_seconds: None }
}
