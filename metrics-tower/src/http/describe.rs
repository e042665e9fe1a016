//! Which metrics does a configuration have?

use metrics_core::descriptor::{Descriptor, LabelDescriptor, MetricType, Objective, ObjectiveBound};
use metrics_core::{LabelDeclaration, LabelSet};

use super::config::HttpMetrics;
use super::extra::ExtraValues;
use super::labels::{Field, MethodLabel, Schema, SloLabel};
use super::slo::Slo;
use super::{names, values};

/// The descriptors of a configuration's metrics: the one source for the catalogue and for registration.
#[derive(Clone, Debug)]
pub(crate) struct Descriptors {
    pub(crate) duration: Descriptor,
    pub(crate) requests: Option<Descriptor>,
    pub(crate) active: Descriptor,
    pub(crate) busy: Descriptor,
    pub(crate) sizes: Option<(Descriptor, Descriptor)>,
    pub(crate) slos: Option<(Descriptor, Descriptor)>,
}

impl Descriptors {
    pub(crate) fn of(config: &HttpMetrics) -> Self {
        let labels = schema(config).descriptors();
        Self {
            duration: duration(config, labels.clone()),
            requests: config.requests.then(|| requests(config, labels.clone())),
            active: active(config),
            busy: busy(config),
            sizes: config.body_sizes.then(|| sizes(config, &labels)),
            slos: (!config.slos.is_empty()).then(|| slos(config)),
        }
    }

    pub(crate) fn into_each(self, describe: &mut dyn FnMut(Descriptor)) {
        describe(self.duration);
        self.requests.into_iter().for_each(&mut *describe);
        describe(self.active);
        describe(self.busy);
        for (one, other) in self.sizes.into_iter().chain(self.slos) {
            describe(one);
            describe(other);
        }
    }
}

/// The labels of an ended request.
pub(crate) fn schema(config: &HttpMetrics) -> Schema {
    let mut schema = Schema::default();
    let names = &config.names;
    if names.status_first {
        schema.push(names.status, Field::Status, values::STATUSES, true);
        schema.push(names.method, Field::Method, values::METHODS, false);
        schema.push_route(names.route);
    } else {
        schema.push(names.method, Field::Method, values::METHODS, false);
        schema.push_route(names.route);
        schema.push(names.status, Field::Status, values::STATUSES, true);
    }
    schema.push("error_type", Field::Error, error_types(config), true);
    push_opt_in(config, &mut schema);
    schema
}

fn push_opt_in(config: &HttpMetrics, schema: &mut Schema) {
    if config.scheme {
        schema.push("url_scheme", Field::Scheme, values::SCHEMES, true);
    }
    if config.version {
        schema.push("network_protocol_version", Field::Version, values::VERSIONS, true);
    }
    if config.grpc {
        schema.push("rpc_grpc_status_code", Field::Grpc, values::GRPC_STATUSES, true);
    }
    for (at, extra) in config.extra.iter().enumerate() {
        let field = Field::Extra(at as u8);
        match &extra.values {
            ExtraValues::Enumerated(values, _) => schema.push(&extra.name, field, values, true),
            ExtraValues::Capped(texts, _) => schema.push_text(&extra.name, field, texts),
        }
    }
}

fn error_types(config: &HttpMetrics) -> &'static [&'static str] {
    match &config.classifier {
        Some(classifier) => classifier.values,
        None if config.grpc => values::GRPC_ERROR_TYPES,
        None => values::ERROR_TYPES,
    }
}

/// The labels of a request in flight where they are told by route.
pub(crate) fn active_schema(config: &HttpMetrics) -> Schema {
    let mut schema = Schema::default();
    schema.push(config.names.method, Field::Method, values::METHODS, false);
    schema.push_route(config.names.route);
    schema
}

fn describe(config: &HttpMetrics, kind: MetricType, name: &str, help: &'static str) -> Descriptor {
    let name = match &config.prefix {
        Some(prefix) => format!("{prefix}_{name}"),
        None => name.to_owned(),
    };
    let mut descriptor = Descriptor::new(kind, name, help);
    descriptor.max_series = config.max_series;
    descriptor
}

fn duration(config: &HttpMetrics, labels: Vec<LabelDescriptor>) -> Descriptor {
    let help = match (config.client, config.until_head) {
        (false, false) => "Time from the request's head to the end of the response's body.",
        (false, true) => "Time from the request's head to the response's head.",
        (true, false) => "Time from sending the request to the end of the response's body.",
        (true, true) => "Time from sending the request to the response's head.",
    };
    let mut descriptor = describe(config, MetricType::Histogram, config.names.duration, help);
    descriptor.unit = Some("seconds".into());
    descriptor.buckets = config.classic.then(|| config.buckets.clone());
    descriptor.native = config.native;
    descriptor.classic = config.classic;
    descriptor.labels = labels;
    descriptor
}

fn requests(config: &HttpMetrics, labels: Vec<LabelDescriptor>) -> Descriptor {
    let help = "Requests that have ended, whichever way.";
    let mut descriptor = describe(config, MetricType::Counter, config.names.requests, help);
    descriptor.labels = labels;
    descriptor.autoscale = config.scale.requests;
    descriptor
}

fn active(config: &HttpMetrics) -> Descriptor {
    let help = "Requests in flight, from their head to the end of the response's body.";
    let mut descriptor = describe(config, MetricType::Gauge, config.names.active, help);
    descriptor.labels = if config.names.active_by_route {
        active_schema(config).descriptors()
    } else {
        declared(&[LabelDeclaration { name: config.names.method, ..MethodLabel::LABELS[0] }])
    };
    descriptor.autoscale = config.scale.active;
    descriptor
}

fn busy(config: &HttpMetrics) -> Descriptor {
    let help = "Requests in flight, integrated over time: the rate is how many there were on average.";
    let mut descriptor = describe(config, MetricType::Counter, config.names.busy, help);
    descriptor.unit = Some("seconds".into());
    descriptor.autoscale = config.scale.busy;
    descriptor
}

fn sizes(config: &HttpMetrics, labels: &[LabelDescriptor]) -> (Descriptor, Descriptor) {
    let size = |name, help| {
        let mut descriptor = describe(config, MetricType::Histogram, name, help);
        descriptor.unit = Some("bytes".into());
        descriptor.buckets = Some(names::SIZE_BUCKETS.into());
        descriptor.labels = labels.to_vec();
        descriptor
    };
    let request = size(config.names.request_size, "Sizes of request bodies, as their Content-Length tells.");
    (request, size(config.names.response_size, "Sizes of response bodies, as far as they were sent."))
}

fn slos(config: &HttpMetrics) -> (Descriptor, Descriptor) {
    let side = if config.client { "client" } else { "server" };
    let slo = |what: &str, help| {
        let mut descriptor = describe(config, MetricType::Counter, &format!("http_{side}_slo_{what}_total"), help);
        descriptor.labels = declared(SloLabel::LABELS);
        descriptor
    };
    let bad = slo("bad_events", "Requests that miss an objective.");
    let mut all = slo("events", "Requests that count for an objective: all but cancelled ones.");
    all.objectives = config.slos.iter().map(|slo| objective(config, slo, &bad.name)).collect();
    (all, bad)
}

/// What a promise says in words that rules can be made from.
fn objective(config: &HttpMetrics, slo: &Slo, bad_counter: &str) -> Objective {
    let bad_counter = match (config.client, &config.prefix) {
        (false, None) => "http_server_slo_bad_events_total",
        (true, None) => "http_client_slo_bad_events_total",
        // Objectives live for ever, a prefix may have been made at run time: leaked, once a description.
        (_, Some(_)) => bad_counter.to_owned().leak(),
    };
    let bound = ObjectiveBound::Counted { bad_counter, label: "slo", value: slo.name };
    Objective { ratio: slo.ratio, bound, window_seconds: slo.window.as_secs() }
}

fn declared(labels: &[LabelDeclaration]) -> Vec<LabelDescriptor> {
    let label = |label: &LabelDeclaration| LabelDescriptor {
        name: label.name.into(),
        values: label.values,
        optional: label.optional,
    };
    labels.iter().map(label).collect()
}
