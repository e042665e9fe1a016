//! A program that does nothing but count, observe and write, with this library.

use metrics_core::{Counter, Declaration, Format, Histogram, MetricType, Registry};

fn main() {
    let registry = Registry::new();
    let counter: Counter =
        registry.register(Declaration::new(MetricType::Counter, "c_total", "C.")).expect("it is right");
    let histogram = Declaration::new(MetricType::Histogram, "h_seconds", "H.").with_unit("seconds");
    let histogram: Histogram = registry.register(histogram.with_buckets(&BOUNDS)).expect("it is right");
    counter.add(std::env::args().count() as u64);
    histogram.observe(0.1);
    let (mut exposition, mut text) = (registry.exposition(Format::Text), Vec::new());
    while exposition.next_piece(&mut text) {}
    print!("{}", String::from_utf8_lossy(&text));
}

const BOUNDS: [f64; 3] = [0.01, 0.1, 1.0];
