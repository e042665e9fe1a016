//! A program that does nothing but count, observe and write, with `measured`.

use measured::metric::histogram::Thresholds;
use measured::text::BufferedTextEncoder;
use measured::{Counter, Histogram, MetricGroup};

#[derive(MetricGroup)]
struct Metrics {
    /// C.
    c_total: Counter,
    /// H.
    h_seconds: Histogram<3>,
}

fn main() {
    let h_seconds = Histogram::with_metadata(Thresholds::with_buckets([0.01, 0.1, 1.0]));
    let metrics = Metrics { c_total: Counter::new(), h_seconds };
    metrics.c_total.inc_by(std::env::args().count() as u64);
    metrics.h_seconds.get_metric().observe(0.1);
    let mut encoder = BufferedTextEncoder::new();
    let Ok(()) = metrics.collect_group_into(&mut encoder);
    print!("{}", String::from_utf8_lossy(&encoder.finish()));
}
