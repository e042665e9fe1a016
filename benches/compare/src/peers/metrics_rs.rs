//! `metrics` with `metrics-exporter-prometheus`: handles from macros where they can be kept, macros where labels change. It
//! keeps every observation of a histogram until it is drained, which its users must see to: here once a round.

use std::hint::black_box;
use std::sync::OnceLock;

use benches::labels::{orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, latencies, rotate};
use benches::series::Texts;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use metrics_core::LabelValue;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::{setting, sum_in};
use crate::encoding::Encode;
use crate::{COUNTER, DYNAMIC, ENUMS, GAUGE, HISTOGRAM};

pub const NAME: &str = "metrics + exporter";

/// The recorder of the process, which the macros go to.
fn handle() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = PrometheusBuilder::new().set_buckets(&BOUNDS).expect("there are buckets").build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).expect("there is no other");
        handle
    })
}

pub fn rows() -> Vec<(&'static str, Row)> {
    handle();
    vec![(COUNTER, counter_row()), (ENUMS, enums()), (DYNAMIC, dynamic()), (GAUGE, gauge_row()), (HISTOGRAM, observe())]
}

fn counter_row() -> Row {
    let all: [Counter; HANDLES] = std::array::from_fn(|at| counter!("c", "shard" => at.to_string()));
    let work = move |n| rotate(&all, n, |counter| counter.increment(1));
    Row::new(NAME, work, || sum_in(&handle().render(), "c"))
}

fn enums() -> Row {
    let labels = orders();
    let work = move |n| {
        rotate(&labels, n, |labels| {
            counter!("d", "payment" => labels.payment.text(), "outcome" => labels.outcome.text()).increment(1);
        });
    };
    Row::new(NAME, work, || sum_in(&handle().render(), "d"))
}

fn dynamic() -> Row {
    let texts = requests();
    let work = move |n| {
        rotate(&texts, n, |[method, route, code]| {
            counter!("s", "method" => method.clone(), "route" => route.clone(), "code" => code.clone()).increment(1);
        });
    };
    Row::new(NAME, work, || sum_in(&handle().render(), "s"))
}

fn gauge_row() -> Row {
    let all: [Gauge; HANDLES] = std::array::from_fn(|at| gauge!("g", "shard" => at.to_string()));
    let work = move |n| rotate(&all, n, |gauge| gauge.set(black_box(5.0)));
    setting(NAME, work, || sum_in(&handle().render(), "g") == 5 * HANDLES as u64)
}

fn observe() -> Row {
    let all: [Histogram; HANDLES] = std::array::from_fn(|at| histogram!("h", "shard" => at.to_string()));
    let values = latencies();
    let work = move |n| {
        let mut at = 0;
        rotate(&all, n, |histogram| {
            histogram.record(values[at % values.len()]);
            at += 1;
        });
        handle().run_upkeep();
    };
    Row::new(NAME, work, || sum_in(&handle().render(), "h_count"))
}

pub fn fill(texts: &Texts, series: usize) -> Encode {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        for at in 0..series {
            let labels = texts.labels(at);
            let [method, route, code] = [labels.method, labels.route, labels.code].map(str::to_owned);
            counter!("requests_total", "method" => method, "route" => route, "code" => code).increment(at as u64 * 7);
        }
    });
    Box::new(move || handle.render().len())
}
