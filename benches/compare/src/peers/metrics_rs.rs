//! `metrics` with `metrics-exporter-prometheus`: handles from macros where they can be kept, macros where labels change. It
//! keeps every observation of a histogram until it is drained, which its users must see to: here after some observations.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use benches::labels::{OrderLabels, RequestLabels, orders, requests};
use benches::rows::{BOUNDS, HANDLES, Row, latencies, rotate};
use metrics::{
    Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, counter, gauge, histogram, with_recorder,
};
use metrics_core::LabelValue;
use metrics_exporter_prometheus::{
    Matcher, NativeHistogramConfig, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use super::{Library, balanced, observations_in, sum_in};
use crate::service::{Buffers, COUNTERS, HISTOGRAMS, Service, Sink, Wire, observation};
use crate::{COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM, KEPT, NATIVE, TIMER, UP_DOWN};

/// How many observations are kept before they are drained.
const DRAINED: u64 = 1 << 16;

pub fn library() -> Library {
    Library {
        name: "metrics + exporter",
        rows,
        wires: &[Wire::Text, Wire::Protobuf],
        counters: Some(|_| open(true)),
        histograms: Some(|_| open(false)),
        register: Some(register),
        seconds: 1.0,
        program: "size_metrics",
    }
}

fn builder() -> PrometheusBuilder {
    PrometheusBuilder::new().set_buckets(&BOUNDS).expect("there are buckets")
}

/// The recorder of the process, which the macros go to.
fn handle() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let native = NativeHistogramConfig::new(1.1, 160, 1e-128).expect("it is right");
        let recorder = builder().set_native_histogram_for_metric(Matcher::Full("n".into()), native).build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).expect("there is no other");
        handle
    })
}

fn rows() -> Vec<(&'static str, Row)> {
    handle();
    vec![
        (COUNTER, counter_row()),
        (ENUMS, kept("d", orders().map(|order| order_key(&order)))),
        (DYNAMIC, dynamic()),
        (KEPT, kept("k", requests().map(|texts| key(&texts)))),
        (GAUGE, gauge_row()),
        (UP_DOWN, up_down()),
        (FLOAT, float()),
        (HISTOGRAM, observe("h", false, || sum_in(&handle().render(), "h_count"))),
        (NATIVE, observe("n", false, native_count)),
        (TIMER, observe("t", true, || sum_in(&handle().render(), "t_count"))),
    ]
}

fn counter_row() -> Row {
    let all: [Counter; HANDLES] = std::array::from_fn(|at| counter!("c", "shard" => at.to_string()));
    let work = move |n| rotate(&all, n, |counter| counter.increment(1));
    Row::new("", work, || sum_in(&handle().render(), "c"))
}

/// With keys that the caller has made beforehand, to which the macros' recorder is asked for the counter.
fn kept(name: &'static str, keys: [Key; HANDLES]) -> Row {
    static METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));
    let work = move |n| {
        rotate(&keys, n, |key| {
            with_recorder(|recorder| recorder.register_counter(key, &METADATA)).increment(1);
        });
    };
    Row::new("", work, move || sum_in(&handle().render(), name))
}

fn order_key(labels: &OrderLabels) -> Key {
    Key::from_parts("d", &[("payment", labels.payment.text()), ("outcome", labels.outcome.text())])
}

fn key([method, route, code]: &[String; 3]) -> Key {
    let labels = [("method", method), ("route", route), ("code", code)];
    Key::from_parts("k", labels.map(|(name, value)| Label::new(name, value.clone())).to_vec())
}

fn dynamic() -> Row {
    let texts = requests();
    let work = move |n| {
        rotate(&texts, n, |[method, route, code]| {
            counter!("s", "method" => method.clone(), "route" => route.clone(), "code" => code.clone()).increment(1);
        });
    };
    Row::new("", work, || sum_in(&handle().render(), "s"))
}

fn gauges(name: &'static str) -> [Gauge; HANDLES] {
    std::array::from_fn(|at| gauge!(name, "shard" => at.to_string()))
}

fn gauge_row() -> Row {
    let all = gauges("g");
    // Rendering all gauges after each piece of work would be measured, too: only the last state is looked at.
    let done = Arc::new(AtomicU64::new(0));
    let total = done.clone();
    let work = move |n| {
        rotate(&all, n, |gauge| gauge.set(black_box(5.0)));
        done.fetch_add(n, Ordering::Relaxed);
    };
    let is_set = || sum_in(&handle().render(), "g") == 5 * HANDLES as u64;
    Row::new("", work, move || if is_set() { total.load(Ordering::Relaxed) } else { 0 })
}

fn up_down() -> Row {
    let all = gauges("u");
    let work = move |n| {
        rotate(&all, n, |gauge| {
            gauge.increment(1.0);
            gauge.decrement(1.0);
        });
    };
    balanced(work, || sum_in(&handle().render(), "u") == 0)
}

fn float() -> Row {
    let all = gauges("f");
    Row::new("", move |n| rotate(&all, n, |gauge| gauge.increment(black_box(1.0))), || sum_in(&handle().render(), "f"))
}

fn observe(name: &'static str, timed: bool, count: impl Fn() -> u64 + Send + Sync + 'static) -> Row {
    let all: [Histogram; HANDLES] = std::array::from_fn(|at| histogram!(name, "shard" => at.to_string()));
    let (values, kept) = (latencies(), AtomicU64::new(0));
    let work = move |n| {
        let mut at = 0;
        if timed {
            rotate(&all, n, |histogram| histogram.record(std::time::Instant::now().elapsed()));
        } else {
            rotate(&all, n, |histogram| {
                histogram.record(values[at % values.len()]);
                at += 1;
            });
        }
        if kept.fetch_add(n, Ordering::Relaxed) / DRAINED != (kept.load(Ordering::Relaxed)) / DRAINED {
            handle().run_upkeep();
        }
    };
    Row::new("", work, count)
}

/// Native histograms are told in protobuf only, where all other histograms are, too.
fn native_count() -> u64 {
    let text = handle().render();
    observations_in(&handle().render_protobuf()) - sum_in(&text, "h_count") - sum_in(&text, "t_count")
}

/// A recorder of its own.
struct Own {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    counts: bool,
}

fn open(counts: bool) -> Box<dyn Service> {
    let recorder = builder().build_recorder();
    Box::new(Own { handle: recorder.handle(), recorder, counts })
}

impl Service for Own {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        metrics::with_local_recorder(&self.recorder, || {
            let [method, route, code] = [labels.method, labels.route, labels.code].map(str::to_owned);
            if self.counts {
                counter!(COUNTERS, "method" => method, "route" => route, "code" => code).increment(amount);
            } else {
                let histogram = histogram!(HISTOGRAMS, "method" => method, "route" => route, "code" => code);
                histogram.record(observation(amount));
            }
        });
    }

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        buffers.bytes.clear();
        match wire {
            Wire::Protobuf => self.handle.render_protobuf_to_write(&mut buffers.bytes),
            _ => self.handle.render_to_write(&mut buffers.bytes),
        }
        .expect("it can be written");
        sink(&buffers.bytes);
    }
}

fn register(names: &'static [String]) -> Box<dyn std::any::Any> {
    let recorder = builder().build_recorder();
    let register = |name: &'static String| {
        recorder.describe_counter(name.as_str().into(), None, "A counter.".into());
        counter!(name.as_str())
    };
    let counters: Vec<Counter> = metrics::with_local_recorder(&recorder, || names.iter().map(register).collect());
    Box::new((recorder, counters))
}
