//! `fastmetrics`: handles, and families of typed labels under a closure. Its label sets own their texts: they are made
//! beforehand, which a real caller with borrowed texts cannot do.

use std::hint::black_box;

use benches::labels::{orders, requests};
use benches::rows::{HANDLES, Row, rotate};
use fastmetrics::metrics::counter::Counter;
use fastmetrics::metrics::family::Family;
use fastmetrics::metrics::gauge::Gauge;

use super::setting;
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE};

pub const NAME: &str = "fastmetrics";

pub fn rows() -> Vec<(&'static str, Row)> {
    let enums = orders().map(|order| (order.payment as u8, order.outcome as u8));
    let dynamic = requests().map(|[method, route, code]| (method, route, code));
    vec![(COUNTER, counter()), (ENUMS, family(enums)), (DYNAMIC, family(dynamic)), (GAUGE, gauge()), (FLOAT, float())]
}

fn counter() -> Row {
    let all: [Counter; HANDLES] = std::array::from_fn(|_| Counter::default());
    let read = all.clone();
    Row::new(
        NAME,
        move |n| rotate(&all, n, |counter| counter.inc()),
        move || read.iter().map(|counter| counter.total()).sum(),
    )
}

fn family<L: Clone + Eq + std::hash::Hash + Send + Sync + 'static>(labels: [L; HANDLES]) -> Row {
    let family = Family::<L, Counter>::default();
    let (read, known) = (family.clone(), labels.clone());
    let work = move |n| rotate(&labels, n, |labels| family.with_or_new(labels, |counter| counter.inc()));
    let total = move || known.iter().filter_map(|labels| read.with(labels, |counter| counter.total())).sum();
    Row::new(NAME, work, total)
}

fn gauge() -> Row {
    let all: [Gauge; HANDLES] = std::array::from_fn(|_| Gauge::default());
    let read = all.clone();
    let is_set = move || read.iter().all(|gauge| gauge.get() == 5);
    setting(NAME, move |n| rotate(&all, n, |gauge| gauge.set(black_box(5))), is_set)
}

fn float() -> Row {
    let all: [Counter<f64>; HANDLES] = std::array::from_fn(|_| Counter::default());
    let read = all.clone();
    let total = move || read.iter().map(|counter| counter.total()).sum::<f64>() as u64;
    Row::new(NAME, move |n| rotate(&all, n, |counter| counter.inc_by(black_box(1.0))), total)
}
