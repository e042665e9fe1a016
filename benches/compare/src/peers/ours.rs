//! This library.

use benches::labels::RequestLabels;
use benches::rows::{BOUNDS, Row, find};
use metrics_core::{Counter, Declaration, Descriptor, Family, Format, Histogram, MetricType, Registry, SeriesMetric};

use super::{Library, OURS};
use crate::service::{Buffers, COUNTERS, HISTOGRAMS, Service, Sink, Wire, observation};
use crate::{BUSY, COUNTER, DYNAMIC, ENUMS, FLOAT, GAUGE, HISTOGRAM, KEPT, NATIVE, TIMER, UP_DOWN};

pub fn library() -> Library {
    Library {
        name: OURS,
        rows,
        wires: &Wire::ALL,
        counters: Some(|series| Box::new(Counters(open(series, MetricType::Counter)))),
        histograms: Some(|series| Box::new(Histograms(open(series, MetricType::Histogram)))),
        register: Some(register),
        seconds: 1.0,
        program: "size_ours",
    }
}

fn rows() -> Vec<(&'static str, Row)> {
    let names = [
        (COUNTER, "counter"),
        (ENUMS, "counter, 2 enum labels"),
        (DYNAMIC, "counter, 3 dynamic labels"),
        (KEPT, "counter, 3 dynamic labels"),
        (GAUGE, "gauge set"),
        (UP_DOWN, "up/down gauge, inc + dec"),
        (FLOAT, "f64 counter"),
        (HISTOGRAM, "histogram, 12 buckets"),
        (NATIVE, "native histogram"),
        (TIMER, "timer guard"),
        (BUSY, "busy time, start + end"),
    ];
    names.map(|(kind, name)| (kind, find(name).expect("the row exists"))).into()
}

/// A registry, and its only family.
struct Open<M: SeriesMetric> {
    registry: Registry,
    family: Family<RequestLabels<'static>, M>,
}

struct Counters(Open<Counter>);
struct Histograms(Open<Histogram>);

fn open<M: SeriesMetric>(series: usize, kind: MetricType) -> Open<M> {
    let registry = Registry::new();
    let declaration = match kind {
        MetricType::Histogram => {
            Declaration::new(kind, HISTOGRAMS, "Durations.").with_unit("seconds").with_buckets(&BOUNDS)
        }
        _ => Declaration::new(kind, COUNTERS, "Requests."),
    };
    let mut descriptor = Descriptor::from(declaration);
    descriptor.max_series = Some(series as u32);
    let family = registry.register(descriptor).expect("it is right");
    Open { registry, family }
}

/// As a scrape does it: piece by piece, into one buffer that is emptied.
fn encode(registry: &Registry, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
    let format = match wire {
        Wire::Text => Format::Text,
        Wire::OpenMetrics => Format::OpenMetrics,
        Wire::Protobuf => Format::Protobuf,
    };
    let mut exposition = registry.exposition(format);
    loop {
        buffers.bytes.clear();
        let more = exposition.next_piece(&mut buffers.bytes);
        sink(&buffers.bytes);
        if !more {
            return;
        }
    }
}

impl Service for Counters {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.0.family.with(labels).add(amount);
    }

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        encode(&self.0.registry, wire, buffers, sink);
    }
}

impl Service for Histograms {
    fn add(&self, labels: &RequestLabels<'_>, amount: u64) {
        self.0.family.with(labels).observe(observation(amount));
    }

    fn encode(&self, wire: Wire, buffers: &mut Buffers, sink: Sink<'_>) {
        encode(&self.0.registry, wire, buffers, sink);
    }
}

fn register(names: &'static [String]) -> Box<dyn std::any::Any> {
    let registry = Registry::new();
    let register = |name: &'static String| {
        let declaration = Declaration::new(MetricType::Counter, name, "A counter.");
        registry.register::<Counter>(declaration).expect("the declaration is right")
    };
    let counters: Vec<Counter> = names.iter().map(register).collect();
    Box::new((registry, counters))
}
