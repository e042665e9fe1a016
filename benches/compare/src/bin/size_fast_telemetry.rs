//! A program that does nothing but count, observe and write, with `fast-telemetry`.

use fast_telemetry::{Counter, Histogram, PrometheusExport};

fn main() {
    let (counter, histogram) = (Counter::new(2), Histogram::new(&[10, 100, 1000], 2));
    counter.add(std::env::args().count() as isize);
    histogram.record(100);
    let mut text = String::new();
    counter.export_prometheus(&mut text, "c_total", "C.");
    histogram.export_prometheus(&mut text, "h", "H.");
    print!("{text}");
}
