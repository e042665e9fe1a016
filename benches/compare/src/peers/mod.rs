//! Every library, used in the best way that its documentation knows.

mod fast_telemetry;
mod fastmetrics;
mod metrics_lib;
mod metrics_rs;
mod opentelemetry;
mod ours;
mod prometheus;
mod prometheus_client;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use benches::rows::Row;

use crate::Entry;
use crate::encoding::Fill;

pub fn recording() -> Vec<(Entry, Row)> {
    let all = [
        (ours::NAME, ours::rows()),
        (prometheus::NAME, prometheus::rows()),
        (prometheus_client::NAME, prometheus_client::rows()),
        (metrics_rs::NAME, metrics_rs::rows()),
        (fastmetrics::NAME, fastmetrics::rows()),
        (fast_telemetry::NAME, fast_telemetry::rows()),
        (metrics_lib::NAME, metrics_lib::rows()),
        (opentelemetry::NAME, opentelemetry::rows()),
    ];
    let entries = |(library, rows): (&'static str, Vec<(&'static str, Row)>)| {
        rows.into_iter().map(move |(kind, row)| (Entry { kind, library }, row))
    };
    all.into_iter().flat_map(entries).collect()
}

pub fn filling() -> [(&'static str, Fill); 7] {
    [
        (ours::NAME, ours::fill),
        (prometheus::NAME, prometheus::fill),
        (prometheus_client::NAME, prometheus_client::fill),
        (metrics_rs::NAME, metrics_rs::fill),
        (fast_telemetry::NAME, fast_telemetry::fill),
        (metrics_lib::NAME, metrics_lib::fill),
        (opentelemetry::NAME, opentelemetry::fill),
    ]
}

/// Work whose effect is a state, not a total: it counts what it has done where the state is right.
fn setting(
    name: &'static str,
    work: impl Fn(u64) + Send + Sync + 'static,
    is_set: impl Fn() -> bool + Send + Sync + 'static,
) -> Row {
    let done = Arc::new(AtomicU64::new(0));
    let total = done.clone();
    let work = move |operations| {
        work(operations);
        done.fetch_add(if is_set() { operations } else { 0 }, Ordering::Relaxed);
    };
    Row::new(name, work, move || total.load(Ordering::Relaxed))
}

/// The sum of the samples of this name in an exposition in text.
fn sum_in(text: &str, sample: &str) -> u64 {
    let is_sample = |line: &&str| line.strip_prefix(sample).is_some_and(|rest| rest.starts_with(['{', ' ']));
    let value = |line: &str| line.rsplit(' ').next().and_then(|value| value.parse::<f64>().ok());
    text.lines().filter(is_sample).filter_map(value).sum::<f64>() as u64
}
