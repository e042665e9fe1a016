//! Every library, used in the best way that its documentation knows.

mod fast_telemetry;
mod fastmetrics;
mod foundations;
mod measured;
mod metrics_lib;
mod metrics_rs;
mod opentelemetry;
mod ours;
mod prometheus;
mod prometheus_client;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use benches::rows::{HANDLES, Row, latencies, rotate};

use crate::service::{Open, Register, Wire};
use crate::written::{observations_in, sum_in};
use crate::{HISTOGRAM, NATIVE, TIMER};

/// How this library is called.
pub const OURS: &str = "ours";

/// What a library can do.
pub struct Library {
    pub name: &'static str,
    /// Ways of recording, by kind.
    pub rows: fn() -> Vec<(&'static str, Row)>,
    /// The formats that it writes.
    pub wires: &'static [Wire],
    pub counters: Option<Open>,
    pub histograms: Option<Open>,
    pub register: Option<Register>,
    /// What a second is in the sums that it writes.
    pub seconds: f64,
    /// The small program that does nothing but use it.
    pub program: &'static str,
}

/// All of them, this one first.
pub fn all() -> [Library; 10] {
    [
        ours::library(),
        prometheus::library(),
        prometheus_client::library(),
        metrics_rs::library(),
        measured::library(),
        fastmetrics::library(),
        foundations::library(),
        fast_telemetry::library(),
        metrics_lib::library(),
        opentelemetry::library(),
    ]
}

/// The library of this name.
pub fn find(name: &str) -> Option<Library> {
    all().into_iter().find(|library| library.name == name)
}

/// What a library does in this row instead, where that is so much less that the two are not compared.
pub fn instead(library: &str, kind: &str) -> Option<&'static str> {
    (library == "fast-telemetry" && kind == NATIVE).then_some("a bucket a factor of two, not compared")
}

/// Whether a library loses observations by its own doing, which is told and fails nothing: `metrics-exporter-prometheus` keeps
/// observations in blocks, and what comes to a block while it is drained can be missed. Drained it is in every scrape.
pub fn loses(library: &str, kind: &str) -> bool {
    library == "metrics + exporter" && [HISTOGRAM, NATIVE, TIMER].contains(&kind)
}

/// Work whose effect is a state, not a total: it counts what it has done where the state is right.
fn setting(work: impl Fn(u64) + Send + Sync + 'static, is_set: impl Fn() -> bool + Send + Sync + 'static) -> Row {
    let done = Arc::new(AtomicU64::new(0));
    let total = done.clone();
    let work = move |operations| {
        work(operations);
        done.fetch_add(if is_set() { operations } else { 0 }, Ordering::Relaxed);
    };
    Row::new("", work, move || total.load(Ordering::Relaxed))
}

/// Work that comes back to where it began: it counts what it has done, and nothing if it did not come back.
fn balanced(work: impl Fn(u64) + Send + Sync + 'static, is_zero: impl Fn() -> bool + Send + Sync + 'static) -> Row {
    let done = Arc::new(AtomicU64::new(0));
    let total = done.clone();
    let work = move |operations| {
        work(operations);
        done.fetch_add(operations, Ordering::Relaxed);
    };
    Row::new("", work, move || if is_zero() { total.load(Ordering::Relaxed) } else { 0 })
}

/// Observes latencies in turn.
fn observing<H: Send + Sync + 'static>(
    all: Arc<[H; HANDLES]>,
    observe: impl Fn(&H, f64) + Send + Sync + 'static,
    count: impl Fn(&[H; HANDLES]) -> u64 + Send + Sync + 'static,
) -> Row {
    let (read, values) = (all.clone(), latencies());
    let work = move |operations| {
        let mut at = 0;
        rotate(&all, operations, |histogram| {
            observe(histogram, values[at % values.len()]);
            at += 1;
        });
    };
    Row::new("", work, move || count(&read))
}

/// A timer by hand, where the library has none: the clock before, the clock after, and the seconds observed.
fn timing<H: Send + Sync + 'static>(
    all: Arc<[H; HANDLES]>,
    observe: impl Fn(&H, f64) + Send + Sync + 'static,
    count: impl Fn(&[H; HANDLES]) -> u64 + Send + Sync + 'static,
) -> Row {
    let read = all.clone();
    let work = move |operations| {
        rotate(&all, operations, |histogram| {
            let started = Instant::now();
            observe(histogram, started.elapsed().as_secs_f64());
        });
    };
    Row::new("", work, move || count(&read))
}
