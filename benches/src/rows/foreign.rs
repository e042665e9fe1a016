//! What does recording through another library's interface cost?

use std::hint::black_box;

use metrics::Recorder as _;
use metrics_bridge::facade::FacadeRecorder;
use metrics_bridge::map::Mapper;
use metrics_bridge::record::{Bridge, BridgeOptions};
use metrics_core::Registry;

use super::{HANDLES, Row, rotate};

pub(super) fn all() -> Vec<Row> {
    vec![facade()]
}

/// A handle that the caller keeps, as the `metrics` facade's macros do not; what the macros add is the facade's own lookup.
fn facade() -> Row {
    let registry = Registry::new();
    let bridge =
        Bridge::new(&registry, Mapper::default(), BridgeOptions::default()).expect("nothing is registered yet");
    let recorder = FacadeRecorder::new(&bridge);
    let metadata = metrics::Metadata::new("benches", metrics::Level::INFO, None);
    let handles: [metrics::Counter; HANDLES] = std::array::from_fn(|at| {
        let key = metrics::Key::from_parts("calls", vec![metrics::Label::new("shard", at.to_string())]);
        recorder.register_counter(&key, &metadata)
    });
    let work = move |operations| rotate(&handles, operations, |counter| counter.increment(black_box(1)));
    let total = move || {
        let of = |at: usize| registry.sample("calls_total", &[("shard", &at.to_string())]).unwrap_or(0.0);
        (0..HANDLES).map(of).sum::<f64>() as u64
    };
    Row::new("metrics facade counter, kept handle", work, total).at_most(1.3, "f64 counter")
}
