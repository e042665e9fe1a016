//! What does a record through the facade cost beside one of our own?

use std::hint::black_box;
use std::time::Instant;

use metrics_bridge::facade::FacadeRecorder;
use metrics_bridge::map::Mapper;
use metrics_bridge::record::{Bridge, BridgeOptions};
use metrics_core::{Counter, Declaration, MetricType, Registry};

const RECORDS: u32 = 10_000_000;

/// The least nanoseconds a record of seven rounds.
fn measure(what: &str, mut record: impl FnMut()) {
    let round = |_| {
        let started = Instant::now();
        (0..RECORDS).for_each(|_| record());
        started.elapsed().as_secs_f64() * 1e9 / f64::from(RECORDS)
    };
    let least = (0..7).map(round).fold(f64::INFINITY, f64::min);
    println!("{what:<40} {least:6.2} ns");
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let registry = Registry::new();
    let own: Counter<f64> = registry.register(Declaration::new(MetricType::Counter, "own_total", "Own."))?;
    let bridge = Bridge::new(&registry, Mapper::default(), BridgeOptions::default())?;
    let recorder = FacadeRecorder::new(&bridge);
    measure("our own counter", || black_box(&own).add(1.0));
    metrics::with_local_recorder(&recorder, || {
        let handle = metrics::counter!("cached");
        measure("a cached handle of the facade", || black_box(&handle).increment(1));
        measure("the facade's macro", || metrics::counter!("looked_up", "payment" => "card").increment(1));
    });
    let mut worker = bridge.worker();
    measure("a DogStatsD line", || worker.line(black_box(b"orders:1|c|#payment:card,env:prod")).unwrap());
    Ok(())
}
