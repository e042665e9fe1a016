//! What do all clones of a service share? The registered metrics and how to choose among them.

use http::Extensions;
use metrics_core::metric::Moment;
use metrics_core::{BusyTime, Counter, DynamicFamily, Error, Histogram, Registry, UpDownGauge};

use super::by_address::ByAddress;
use super::classify::Classifier;
use super::config::HttpMetrics;
use super::describe::{self, Descriptors};
use super::extra::ExtraLabel;
use super::labels::{Field, Key, MethodLabel, RequestLabels, Schema};
use super::matched_path::{self, RouteId};
use super::request::{RequestHead, RouteSource};
use super::routes::{Beyond, PlaceTable, RoutePlace, RouteRef, RouteTable};
use super::rules::Rules;
use super::slo_counters::SloCounters;
use super::span::RequestSpan;
use super::values;

/// The metrics of one layer, and what decides which of them a request belongs to.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) client: bool,
    pub(crate) until_head: bool,
    pub(crate) grpc: bool,
    pub(crate) sizes: bool,
    pub(crate) span_exemplars: bool,
    pub(crate) classifier: Option<Classifier>,
    /// Whether there are labels from extensions.
    pub(crate) extra: bool,
    /// Whether nothing has to be looked at in a response's head but its status and its body.
    pub(crate) plain_head: bool,
    scheme: bool,
    version: bool,
    extras: Vec<ExtraLabel>,
    rules: Rules,
    source: RouteSource,
    schema: Schema,
    families: Families,
    active: Active,
    busy: BusyTime,
    slos: Vec<SloCounters>,
    routes: RouteTable<Series>,
    by_address: ByAddress,
}

#[derive(Debug)]
struct Families {
    duration: DynamicFamily<Histogram>,
    requests: Option<DynamicFamily<Counter>>,
    sizes: Option<(DynamicFamily<Histogram>, DynamicFamily<Histogram>)>,
}

/// The series of one (route, key).
#[derive(Debug)]
struct Series {
    duration: Histogram,
    requests: Option<Counter>,
    sizes: Option<(Histogram, Histogram)>,
}

#[derive(Debug)]
enum Active {
    ByMethod(Vec<UpDownGauge>),
    ByRoute(Box<ActiveByRoute>),
}

#[derive(Debug)]
struct ActiveByRoute {
    schema: Schema,
    family: DynamicFamily<UpDownGauge>,
    gauges: PlaceTable<UpDownGauge>,
}

/// A request that has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) nanoseconds: u64,
    pub(crate) request_size: Option<u64>,
    pub(crate) response_size: Option<u64>,
    pub(crate) span: Option<RequestSpan>,
}

impl Shared {
    pub(crate) fn register(config: &HttpMetrics, registry: &Registry) -> Result<Self, Error> {
        let descriptors = Descriptors::of(config);
        let shared = Self {
            client: config.client,
            until_head: config.until_head,
            grpc: config.grpc,
            sizes: config.body_sizes,
            span_exemplars: config.span_exemplars,
            classifier: config.classifier.clone(),
            scheme: config.scheme,
            version: config.version,
            extra: !config.extra.is_empty(),
            plain_head: !config.grpc && !config.until_head && !config.span_exemplars && config.extra.is_empty(),
            extras: config.extra.clone(),
            rules: config.rules.clone(),
            source: config.route.clone(),
            schema: describe::schema(config),
            active: Active::register(config, registry, &descriptors)?,
            busy: registry.register(descriptors.busy.clone())?,
            slos: SloCounters::register(&config.slos, registry, &descriptors)?,
            families: Families::register(registry, descriptors)?,
            routes: RouteTable::new(),
            by_address: ByAddress::new(),
        };
        shared.begin_scaled(config);
        Ok(shared)
    }

    /// What scales is there before the first request: an autoscaler takes a signal that is missing for a failure, and holds
    /// the replicas. One series is enough, of a request without a route.
    fn begin_scaled(&self, config: &HttpMetrics) {
        let mut key = Key::default();
        key.set(Field::Method, Some(values::method(&http::Method::GET)));
        if let (Some(_), Some(requests)) = (config.scale.requests, &self.families.requests) {
            requests.with_set(&RequestLabels { schema: &self.schema, route: None, key: &key });
        }
        if config.scale.active.is_some() {
            self.active.with(&RouteRef::NONE, &key, |_| (), &self.routes);
        }
    }

    /// The route of a request; `beyond` becomes its label if that is nowhere else.
    #[inline]
    pub(crate) fn resolve(&self, head: &RequestHead<'_>, beyond: &mut Beyond) -> RoutePlace {
        if let RouteSource::Matched = self.source {
            if let Some(route) = matched_path::route(head.extensions) {
                return self.by_address.find(route).unwrap_or_else(|| self.resolve_by_text(route, beyond));
            }
        }
        self.resolve_otherwise(head, beyond)
    }

    #[inline(never)]
    fn resolve_by_text(&self, route: &RouteId, beyond: &mut Beyond) -> RoutePlace {
        let place = self.routes.resolve(matched_path::text(route), &self.rules, beyond);
        if place != RoutePlace::BEYOND {
            self.by_address.remember(route, place);
        }
        place
    }

    #[inline(never)]
    fn resolve_otherwise(&self, head: &RequestHead<'_>, beyond: &mut Beyond) -> RoutePlace {
        if let Some(route) = self.source.route(head) {
            return self.routes.resolve(&route, &self.rules, beyond);
        }
        let path = head.uri.path();
        if self.rules.skips(path) {
            return RoutePlace::SKIPPED;
        }
        match self.rules.group(path) {
            Some(label) => self.routes.resolve(label, &self.rules, beyond),
            None => RoutePlace::NONE,
        }
    }

    /// What the labels of a request are known to be at its start, but for those that are attached to it.
    #[inline]
    pub(crate) fn key(&self, head: &RequestHead<'_>) -> Key {
        let mut key = Key::default();
        key.set(Field::Method, Some(values::method(head.method)));
        if self.scheme {
            key.set(Field::Scheme, values::scheme(head.uri));
        }
        if self.version {
            key.set(Field::Version, values::version(head.version));
        }
        key
    }

    /// Puts the labels from extensions into the key.
    pub(crate) fn read_extra(&self, key: &mut Key, extensions: &Extensions, of_response: bool) {
        for (at, extra) in self.extras.iter().enumerate().filter(|(_, extra)| extra.of_response == of_response) {
            key.set(Field::Extra(at as u8), extra.read(extensions));
        }
    }

    #[inline]
    pub(crate) fn started(&self, route: &RouteRef, key: &Key, now: Moment) {
        self.active.with(route, key, |gauge| gauge.inc(), &self.routes);
        self.busy.begin_at(now);
    }

    /// Takes a request out of flight.
    #[inline]
    pub(crate) fn left(&self, route: &RouteRef, key: &Key, now: Moment) {
        self.active.with(route, key, |gauge| gauge.dec(), &self.routes);
        self.busy.end_at(now);
    }

    /// Records a request that has ended.
    #[inline]
    pub(crate) fn ended(&self, route: &RouteRef, key: &Key, ended: &Ended) {
        let make = |route: Option<&str>| self.families.series(&RequestLabels { schema: &self.schema, route, key });
        self.routes.with(route, key, make, |series| series.record(ended));
        let error = key.value(Field::Error);
        for slo in &self.slos {
            slo.count(error, ended.nanoseconds);
        }
    }
}

impl Families {
    fn register(registry: &Registry, descriptors: Descriptors) -> Result<Self, Error> {
        let sizes = match descriptors.sizes {
            Some((request, response)) => {
                Some((registry.register_dynamic(request)?, registry.register_dynamic(response)?))
            }
            None => None,
        };
        let duration = registry.register_dynamic(descriptors.duration)?;
        let requests = descriptors.requests.map(|requests| registry.register_dynamic(requests)).transpose()?;
        Ok(Self { duration, requests, sizes })
    }

    fn series(&self, labels: &RequestLabels<'_>) -> Series {
        Series {
            duration: self.duration.with_set(labels),
            requests: self.requests.as_ref().map(|family| family.with_set(labels)),
            sizes: self.sizes.as_ref().map(|(request, response)| (request.with_set(labels), response.with_set(labels))),
        }
    }
}

impl Series {
    #[inline]
    fn record(&self, ended: &Ended) {
        // Not divided, which takes much longer: the last bit of a time that was measured means nothing.
        let seconds = ended.nanoseconds as f64 * 1e-9;
        match ended.span {
            None => self.duration.observe(seconds),
            Some(span) => self.duration.observe_sampled(seconds, |value| span.exemplar(value)),
        }
        if let Some(requests) = &self.requests {
            match ended.span {
                None => requests.inc(),
                Some(span) => requests.add_sampled(1, |value| span.exemplar(value)),
            }
        }
        if let Some((request, response)) = &self.sizes {
            let observe = |histogram: &Histogram, size: Option<u64>| {
                if let Some(size) = size {
                    histogram.observe(size as f64);
                }
            };
            observe(request, ended.request_size);
            observe(response, ended.response_size);
        }
    }
}

impl Active {
    fn register(config: &HttpMetrics, registry: &Registry, descriptors: &Descriptors) -> Result<Self, Error> {
        let descriptor = descriptors.active.clone();
        if config.names.active_by_route {
            let schema = describe::active_schema(config);
            let family = registry.register_dynamic(descriptor)?;
            return Ok(Self::ByRoute(Box::new(ActiveByRoute { schema, family, gauges: PlaceTable::new() })));
        }
        let family: DynamicFamily<UpDownGauge> = registry.register_dynamic(descriptor)?;
        Ok(Self::ByMethod((0..values::METHODS.len()).map(|at| family.with_set(&MethodLabel(at as u16))).collect()))
    }

    #[inline]
    fn with(&self, route: &RouteRef, key: &Key, used: impl FnOnce(&UpDownGauge), labels: &RouteTable<Series>) {
        let method = key.value(Field::Method);
        match self {
            Self::ByMethod(gauges) => used(&gauges[usize::from(method.unwrap_or_default())]),
            Self::ByRoute(active) => active.with(route, labels, method, used),
        }
    }
}

impl ActiveByRoute {
    fn with(
        &self,
        route: &RouteRef,
        labels: &RouteTable<Series>,
        method: Option<u16>,
        used: impl FnOnce(&UpDownGauge),
    ) {
        let mut key = Key::default();
        key.set(Field::Method, method);
        let make = || {
            let route = labels.label(route);
            self.family.with_set(&RequestLabels { schema: &self.schema, route, key: &key })
        };
        self.gauges.with(route, &key, make, used);
    }
}
