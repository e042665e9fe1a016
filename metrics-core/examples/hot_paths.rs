//! What does recording compile to? `metrics-core/codegen.py` reads the assembly of the functions whose names begin with
//! `hot_`; run as a program, this only calls them.

use std::hint::black_box;

use metrics_core::metric::Moment;
use metrics_core::{
    BusyTime, Counter, Declaration, Family, Gauge, Histogram, LabelSet, MetricType, Registry, UpDownGauge,
};

#[derive(LabelSet)]
struct Outcome {
    cached: bool,
    retried: bool,
}

#[inline(never)]
fn hot_counter_inc(counter: &Counter) {
    counter.inc();
}

#[inline(never)]
fn hot_float_counter_add(counter: &Counter<f64>, amount: f64) {
    counter.add(amount);
}

#[inline(never)]
fn hot_gauge_set(gauge: &Gauge, value: i64) {
    gauge.set(value);
}

#[inline(never)]
fn hot_busy_begin(busy: &BusyTime, now: Moment) {
    busy.begin_at(now);
}

#[inline(never)]
fn hot_busy_end(busy: &BusyTime, now: Moment) {
    busy.end_at(now);
}

#[inline(never)]
fn hot_updown_inc(gauge: &UpDownGauge) {
    gauge.inc();
}

#[inline(never)]
fn hot_updown_dec(gauge: &UpDownGauge) {
    gauge.dec();
}

#[inline(never)]
fn hot_histogram_observe(histogram: &Histogram, value: f64) {
    histogram.observe(value);
}

#[inline(never)]
fn hot_dense_inc(family: &Family<Outcome, Counter>, cached: bool, retried: bool) {
    family.with(&Outcome { cached, retried }).inc();
}

fn main() -> Result<(), metrics_core::Error> {
    let registry = Registry::new();
    let declaration = |kind, name| Declaration::new(kind, name, "For the check of generated code.");
    hot_counter_inc(black_box(&registry.register(declaration(MetricType::Counter, "a_total"))?));
    hot_float_counter_add(black_box(&registry.register(declaration(MetricType::Counter, "b_total"))?), black_box(0.5));
    let gauge = registry.register(declaration(MetricType::Gauge, "c"))?;
    hot_updown_inc(black_box(&gauge));
    hot_updown_dec(black_box(&gauge));
    hot_histogram_observe(black_box(&registry.register(declaration(MetricType::Histogram, "d"))?), black_box(0.5));
    let busy = declaration(MetricType::Counter, "f_seconds_total").with_unit("seconds");
    let busy = registry.register(busy)?;
    hot_busy_begin(black_box(&busy), Moment::now());
    hot_busy_end(black_box(&busy), Moment::now());
    hot_gauge_set(black_box(&registry.register(declaration(MetricType::Gauge, "g"))?), black_box(5));
    hot_dense_inc(black_box(&registry.register(declaration(MetricType::Counter, "e_total"))?), black_box(true), true);
    print!("{}", registry.encode_text());
    Ok(())
}
