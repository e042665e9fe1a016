//! A program that does nothing but count, observe and write, with `fastmetrics`.

use fastmetrics::format::text::{self, TextProfile};
use fastmetrics::metrics::counter::Counter;
use fastmetrics::metrics::histogram::Histogram;
use fastmetrics::registry::Registry;

fn main() {
    let mut registry = Registry::default();
    let counter = Counter::<u64>::default();
    let histogram = Histogram::new([0.01, 0.1, 1.0]);
    registry.register("c", "C", counter.clone()).expect("it is new");
    registry.register("h_seconds", "H", histogram.clone()).expect("it is new");
    counter.inc_by(std::env::args().count() as u64);
    histogram.observe(0.1);
    let mut text = String::new();
    text::encode(&mut text, &registry, TextProfile::PrometheusV0_0_4).expect("it can be written");
    print!("{text}");
}
