//! What does it cost with this library?

use std::hint::black_box;

use metrics_core::descriptor::NativeDeclaration;
use metrics_core::metric::Moment;
use metrics_core::{
    BusyTime, Counter, Declaration, Family, Gauge, Histogram, Metric, MetricType, Registry, UpDownGauge,
};

use super::floors::{FETCH_ADD, HASH, STORE, THREAD_LOCAL_F64};
use super::{HANDLES, Row, rotate};
use crate::labels::{OrderLabels, RequestLabels, orders, requests};

/// Twelve buckets and `+Inf`.
pub(crate) const BOUNDS: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

pub(super) fn all() -> Vec<Row> {
    vec![
        counter().at_most(0.65, FETCH_ADD),
        dense().at_most(0.9, FETCH_ADD),
        sparse().at_most(2.6, HASH),
        gauge().at_most(1.1, STORE),
        up_down().at_most(1.4, FETCH_ADD),
        float().at_most(1.3, THREAD_LOCAL_F64),
        histogram().at_most(2.1, FETCH_ADD),
        native().at_most(2.5, FETCH_ADD),
        timer(),
        busy().at_most(2.5, FETCH_ADD),
    ]
}

/// 64 metrics of one type, each registered by itself.
fn handles<M: Metric>(declaration: Declaration) -> [M; HANDLES] {
    let registry = Registry::new();
    std::array::from_fn(|at| {
        let labelled = registry.with_label("shard", &at.to_string());
        labelled.register(declaration).expect("the declaration is right")
    })
}

fn counter() -> Row {
    let counters: [Counter; HANDLES] = handles(Declaration::new(MetricType::Counter, "c_total", "C."));
    let read = counters.clone();
    let work = move |operations| rotate(&counters, operations, Counter::inc);
    Row::new("counter", work, move || read.iter().map(Counter::value).sum())
}

fn dense() -> Row {
    let labels = orders();
    let family: Family<OrderLabels, Counter> =
        Registry::new().register(Declaration::new(MetricType::Counter, "d_total", "D.")).expect("it is right");
    let read = family.clone();
    let work = move |operations| rotate(&labels, operations, |labels| family.with(labels).inc());
    Row::new("counter, 2 enum labels", work, move || labels.iter().map(|labels| read.with(labels).value()).sum())
}

fn sparse() -> Row {
    let texts = requests();
    let family: Family<RequestLabels<'static>, Counter> =
        Registry::new().register(Declaration::new(MetricType::Counter, "s_total", "S.")).expect("it is right");
    let (read, known) = (family.clone(), texts.clone());
    let work = move |operations| {
        let labels: [RequestLabels<'_>; HANDLES] = std::array::from_fn(|at| (&texts[at]).into());
        rotate(&labels, operations, |labels| family.with(labels).inc());
    };
    let total = move || known.iter().map(|texts| read.with(&RequestLabels::from(texts)).value()).sum();
    Row::new("counter, 3 dynamic labels", work, total)
}

/// Sets, and counts what it set where the gauges hold what was set.
fn gauge() -> Row {
    let gauges: [Gauge; HANDLES] = handles(Declaration::new(MetricType::Gauge, "g", "G."));
    let set = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let total = set.clone();
    let work = move |operations| {
        rotate(&gauges, operations, |gauge| gauge.set(black_box(5)));
        let all_set = gauges.iter().take(operations as usize).all(|gauge| gauge.value() == 5);
        set.fetch_add(if all_set { operations } else { 0 }, std::sync::atomic::Ordering::Relaxed);
    };
    Row::new("gauge set", work, move || total.load(std::sync::atomic::Ordering::Relaxed))
}

/// One operation is an increment and a decrement; the total is that of a counter's value of one more increment.
fn up_down() -> Row {
    let gauges: [UpDownGauge; HANDLES] = handles(Declaration::new(MetricType::Gauge, "u", "U."));
    let done = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let (read, total) = (gauges.clone(), done.clone());
    let work = move |operations| {
        rotate(&gauges, operations, |gauge| {
            gauge.inc();
            gauge.dec();
        });
        done.fetch_add(operations, std::sync::atomic::Ordering::Relaxed);
    };
    let balanced = move || read.iter().all(|gauge| gauge.value() == 0);
    Row::new("up/down gauge, inc + dec", work, move || {
        if balanced() { total.load(std::sync::atomic::Ordering::Relaxed) } else { 0 }
    })
}

fn float() -> Row {
    let counters: [Counter<f64>; HANDLES] = handles(Declaration::new(MetricType::Counter, "f_total", "F."));
    let read = counters.clone();
    let work = move |operations| rotate(&counters, operations, |counter| counter.add(black_box(1.0)));
    Row::new("f64 counter", work, move || read.iter().map(Counter::value).sum::<f64>() as u64)
}

fn classic() -> Declaration {
    Declaration::new(MetricType::Histogram, "h_seconds", "H.").with_unit("seconds").with_buckets(&BOUNDS)
}

fn histogram() -> Row {
    observing("histogram, 12 buckets", classic(), |histogram| histogram.snapshot().count())
}

/// As Prometheus keeps them unless told otherwise: at most 160 buckets, each 1.1 times as wide as the one before.
fn native() -> Row {
    let declaration = Declaration::new(MetricType::Histogram, "n_seconds", "N.").with_unit("seconds");
    let declaration = declaration.with_native(NativeDeclaration::DEFAULT, false);
    observing("native histogram", declaration, |histogram| histogram.snapshot().count())
}

fn observing(name: &'static str, declaration: Declaration, count: fn(&Histogram) -> u64) -> Row {
    let histograms: [Histogram; HANDLES] = handles(declaration);
    let read = histograms.clone();
    let values = latencies();
    let work = move |operations| {
        let mut at = 0;
        rotate(&histograms, operations, |histogram| {
            histogram.observe(values[at % values.len()]);
            at += 1;
        });
    };
    Row::new(name, work, move || read.iter().map(count).sum())
}

/// One operation is a timer that is started and dropped, two readings of the clock included.
fn timer() -> Row {
    let histograms: [Histogram; HANDLES] = handles(classic());
    let read = histograms.clone();
    let work = move |operations| rotate(&histograms, operations, |histogram| drop(histogram.start_timer()));
    Row::new("timer guard", work, move || read.iter().map(|histogram| histogram.snapshot().count()).sum())
}

/// Latencies between half a millisecond and twenty seconds, evenly spread over the orders of magnitude, in no order.
pub fn latencies() -> Box<[f64; 4096]> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    Box::new(std::array::from_fn(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        0.0005 * 40_000_f64.powf((state >> 11) as f64 / (1_u64 << 53) as f64)
    }))
}

/// One operation is a start and an end without the clock, which the caller has read. They are some nanoseconds apart; the
/// total counts how often.
fn busy() -> Row {
    let declaration = Declaration::new(MetricType::Counter, "b_seconds_total", "B.").with_unit("seconds");
    let all: [BusyTime; HANDLES] = handles(declaration);
    let read = all.clone();
    let since = Moment::now();
    let (now, apart) = std::iter::repeat_with(Moment::now)
        .map(|now| (now, now.nanoseconds_since(since)))
        .find(|(_, apart)| *apart > 0)
        .expect("the clock goes on");
    let work = move |operations| {
        rotate(&all, operations, |busy| {
            busy.begin_at(black_box(since));
            busy.end_at(black_box(now));
        });
    };
    let total = move || read.iter().map(|busy| busy.value().as_nanos() as u64).sum::<u64>() / apart;
    Row::new("busy time, start + end", work, total)
}
