//! A program that does nothing but count, observe and write, with `metrics` and `metrics-exporter-prometheus`.

use metrics::{counter, histogram};
use metrics_exporter_prometheus::PrometheusBuilder;

fn main() {
    let recorder = PrometheusBuilder::new().set_buckets(&[0.01, 0.1, 1.0]).expect("there are some").build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        counter!("c_total").increment(std::env::args().count() as u64);
        histogram!("h_seconds").record(0.1);
    });
    print!("{}", handle.render());
}
