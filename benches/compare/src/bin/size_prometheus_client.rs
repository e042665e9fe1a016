//! A program that does nothing but count, observe and write, with `prometheus-client`.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

fn main() {
    let mut registry = Registry::default();
    let counter = Counter::<u64>::default();
    let histogram = Histogram::new([0.01, 0.1, 1.0]);
    registry.register("c", "C", counter.clone());
    registry.register("h_seconds", "H", histogram.clone());
    counter.inc_by(std::env::args().count() as u64);
    histogram.observe(0.1);
    let mut text = String::new();
    encode(&mut text, &registry).expect("it can be written");
    print!("{text}");
}
