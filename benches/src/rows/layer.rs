//! What does a request through a layer cost?

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics_core::Registry;
use metrics_tower::HttpMetrics;
use tower::{Layer, service_fn};

use super::Row;
use crate::exchange::{NoOpLayer, answer, exchange};

pub(super) fn all() -> Vec<Row> {
    vec![no_op(), ours()]
}

/// The same exchange past everything that could be measured.
pub fn no_op() -> Row {
    let (answered, total) = counter();
    let work = move |requests| {
        let mut service = NoOpLayer.layer(service_fn(answer));
        answered.fetch_add(exchange(&mut service, requests), Ordering::Relaxed);
    };
    Row::new("request, no-op layer", work, move || total.load(Ordering::Relaxed))
}

/// This library's layer as it comes: duration, counter, in flight, busy time.
pub fn ours() -> Row {
    let registry = Registry::new();
    let layer = HttpMetrics::server().layer(&registry).expect("nothing else is registered");
    let work = move |requests| {
        exchange(&mut layer.layer(service_fn(answer)), requests);
    };
    Row::new("request, HttpMetricsLayer", work, move || recorded(&registry))
}

/// What stands in the counter, if the histogram agrees and nothing is in flight.
fn recorded(registry: &Registry) -> u64 {
    let text = registry.encode_text();
    let sum = |name: &str| {
        let rows = text.lines().filter(|row| row.starts_with(name) && row[name.len()..].starts_with(['{', ' ']));
        rows.filter_map(|row| row.rsplit(' ').next()?.parse::<u64>().ok()).sum::<u64>()
    };
    let [counted, timed, active] = ["requests_total", "request_duration_seconds_count", "active_requests"]
        .map(|name| sum(&format!("http_server_{name}")));
    if timed == counted && active == 0 { counted } else { 0 }
}

fn counter() -> (Arc<AtomicU64>, Arc<AtomicU64>) {
    let counter = Arc::new(AtomicU64::new(0));
    (Arc::clone(&counter), counter)
}
