//! A program that does nothing but count, observe and write, with OpenTelemetry's SDK and its exporter for Prometheus.

use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};

fn main() {
    let registry = Registry::new();
    let exporter =
        opentelemetry_prometheus::exporter().with_registry(registry.clone()).build().expect("it can be made");
    let provider = SdkMeterProvider::builder().with_reader(exporter).build();
    let meter = provider.meter("size");
    meter.u64_counter("c").build().add(std::env::args().count() as u64, &[]);
    let histogram = meter.f64_histogram("h_seconds").with_boundaries(vec![0.01, 0.1, 1.0]).build();
    histogram.record(0.1, &[]);
    print!("{}", TextEncoder::new().encode_to_string(&registry.gather()).expect("it can be written"));
}
