//! A program that does nothing but count, observe and write, with `prometheus`.

use prometheus::{Histogram, HistogramOpts, IntCounter, Registry, TextEncoder};

fn main() {
    let registry = Registry::new();
    let counter = IntCounter::new("c_total", "C.").expect("it is right");
    let options = HistogramOpts::new("h_seconds", "H.").buckets(vec![0.01, 0.1, 1.0]);
    let histogram = Histogram::with_opts(options).expect("it is right");
    registry.register(Box::new(counter.clone())).expect("it is new");
    registry.register(Box::new(histogram.clone())).expect("it is new");
    counter.inc_by(std::env::args().count() as u64);
    histogram.observe(0.1);
    print!("{}", TextEncoder::new().encode_to_string(&registry.gather()).expect("it can be written"));
}
