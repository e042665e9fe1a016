//! Which catalogues do the tests generate from?
#![allow(dead_code, reason = "each test binary uses a part")]

use std::path::PathBuf;

use metrics_core::MetricType::{Counter, Gauge, Histogram, Info};
use metrics_core::catalogue::Catalogue;
use metrics_core::descriptor::{
    Autoscale, AutoscaleTarget, Combine, Declaration, LabelDeclaration, LabelValues, NativeDeclaration, Objective,
    ObjectiveBound,
};

const MONTH: u64 = 30 * 86_400;

pub(crate) const fn autoscale(target: AutoscaleTarget) -> Autoscale {
    Autoscale { target, combine: None, over_seconds: None, min: None, max: None, scale_down_seconds: None }
}

const fn summed(target: AutoscaleTarget) -> Autoscale {
    Autoscale { combine: Some(Combine::Sum), ..autoscale(target) }
}

const ORDER: &[LabelDeclaration] = &[
    LabelDeclaration::new("payment", LabelValues::Enumerated(&["card", "transfer"])),
    LabelDeclaration::new("outcome", LabelValues::Enumerated(&["paid", "refused", "failed"])),
];
const QUEUE: &[LabelDeclaration] = &[LabelDeclaration::new("queue", LabelValues::Enumerated(&["orders", "mail"]))];
const METHOD: &[LabelDeclaration] =
    &[LabelDeclaration::new("http_request_method", LabelValues::Enumerated(&["GET", "POST", "_OTHER"]))];
const SLO: &[LabelDeclaration] = &[LabelDeclaration::new("slo", LabelValues::Dynamic)];
const ROUTE: &[LabelDeclaration] = &[
    LabelDeclaration::new("http_request_method", LabelValues::Enumerated(&["GET", "POST", "_OTHER"])),
    LabelDeclaration::new("http_route", LabelValues::Dynamic),
    LabelDeclaration::new("http_response_status_code", LabelValues::Dynamic),
    LabelDeclaration { name: "error_type", values: LabelValues::Dynamic, optional: true },
];

const SHOP: &[Declaration] = &[
    Declaration::new(Counter, "orders_total", "Orders placed, by payment method and outcome.")
        .with_labels(ORDER)
        .with_autoscale(summed(AutoscaleTarget::PerSecond(100.0)))
        .with_objectives(&[Objective {
            ratio: 0.99,
            bound: ObjectiveBound::Bad { label: "outcome", bad: &["refused", "failed"] },
            window_seconds: MONTH,
        }]),
    Declaration::new(Gauge, "queue_depth", "Jobs that wait, in the queue that all replicas share.")
        .with_labels(QUEUE)
        .with_autoscale(summed(AutoscaleTarget::Shared(30.0))),
    Declaration::new(Gauge, "pool_busy", "Connections of the pool that are in use.").with_autoscale(Autoscale {
        over_seconds: Some(60.0),
        max: Some(12),
        ..autoscale(AutoscaleTarget::PerPod(7.5))
    }),
    Declaration::new(Histogram, "charge_duration_seconds", "Time to charge a card.")
        .with_unit("seconds")
        .with_buckets(&[0.01, 0.1, 0.5, 1.0])
        .with_objectives(&[
            Objective { ratio: 0.999, bound: ObjectiveBound::AtMost(0.5), window_seconds: MONTH },
            Objective { ratio: 0.9, bound: ObjectiveBound::AtMost(1.0), window_seconds: 7 * 86_400 },
        ]),
    Declaration::new(Gauge, "cache_bytes", "Memory that the cache holds.").with_unit("bytes"),
    Declaration::new(Info, "build", "What runs."),
];

const HTTP: &[Declaration] = &[
    Declaration::new(Histogram, "http_server_request_duration_seconds", "Time to answer a request.")
        .with_unit("seconds")
        .with_labels(ROUTE)
        .with_buckets(&[0.005, 0.05, 0.5, 5.0]),
    Declaration::new(Gauge, "http_server_active_requests", "Requests in flight.")
        .with_labels(METHOD)
        .with_autoscale(summed(AutoscaleTarget::PerPod(10.0))),
    Declaration::new(Counter, "http_server_busy_seconds_total", "Requests in flight, added up over time.")
        .with_unit("seconds")
        .with_autoscale(autoscale(AutoscaleTarget::Concurrency(10.0))),
    Declaration::new(Counter, "http_server_slo_events_total", "Requests that an objective counts.")
        .with_labels(SLO)
        .with_objectives(&[Objective {
            ratio: 0.995,
            bound: ObjectiveBound::Counted {
                bad_counter: "http_server_slo_bad_events_total",
                label: "slo",
                value: "checkout",
            },
            window_seconds: MONTH,
        }]),
    Declaration::new(Counter, "http_server_slo_bad_events_total", "Requests that an objective counts as bad.")
        .with_labels(SLO),
];

/// One of everything that has classic buckets.
pub(crate) fn shop() -> Catalogue {
    Catalogue::new()
        .with_prefix("shop")
        .with_group("ShopMetrics", of(SHOP))
        .with_prefix("")
        .with_group("HTTP", of(HTTP))
}

/// A service with native histograms, alone and beside classic buckets.
pub(crate) fn native() -> Catalogue {
    const OBJECTIVE: &[Objective] =
        &[Objective { ratio: 0.99, bound: ObjectiveBound::AtMost(0.25), window_seconds: MONTH }];
    let native = |name, classic| {
        Declaration::new(Histogram, name, "Time to render.")
            .with_unit("seconds")
            .with_buckets(&[0.25, 1.0])
            .with_native(NativeDeclaration::DEFAULT, classic)
            .with_objectives(OBJECTIVE)
    };
    let all = [native("render_seconds", false), native("paint_seconds", true)];
    Catalogue::new().with_group("Render", |describe| all.into_iter().for_each(|one| describe(one.into())))
}

/// A shared queue, and a rate with an objective.
pub(crate) fn ways() -> Catalogue {
    const SENT: &[LabelDeclaration] = &[LabelDeclaration::new("result", LabelValues::Enumerated(&["sent", "bounced"]))];
    let queue = Declaration::new(Gauge, "queue_depth", "Mails that wait, as every replica sees it.")
        .with_labels(QUEUE)
        .with_autoscale(Autoscale { max: Some(6), ..summed(AutoscaleTarget::Shared(30.0)) });
    let sent = Declaration::new(Counter, "mails_total", "Mails sent.")
        .with_labels(SENT)
        .with_autoscale(summed(AutoscaleTarget::PerSecond(0.5)))
        .with_objectives(&[Objective {
            ratio: 0.95,
            bound: ObjectiveBound::Bad { label: "result", bad: &["bounced"] },
            window_seconds: MONTH,
        }]);
    Catalogue::new().with_group("Mailer", |describe| [queue, sent].into_iter().for_each(|one| describe(one.into())))
}

/// The least that scales.
pub(crate) fn small() -> Catalogue {
    let target = Autoscale { max: Some(8), ..autoscale(AutoscaleTarget::PerPod(4.0)) };
    one(Declaration::new(Gauge, "in_progress", "Jobs that this replica works on.").with_autoscale(target))
}

fn of(declarations: &'static [Declaration]) -> impl FnOnce(&mut dyn FnMut(metrics_core::Descriptor)) {
    move |describe| declarations.iter().for_each(|one| describe((*one).into()))
}

/// A catalogue of one declaration.
pub(crate) fn one(declaration: Declaration) -> Catalogue {
    Catalogue::new().with_group("One", |describe| describe(declaration.into()))
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}
