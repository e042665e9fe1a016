//! A program that does nothing but count, observe and write, with `foundations-metrics`.

use foundations_metrics::{
    CollectionOptions, Counter, EncodeMetric, NamedMetric, RegistrationMetadata, ServiceNameFormat, TimeHistogram,
    collect, encode_to_text, register,
};

fn main() {
    let counter = Counter::<u64>::default();
    let histogram = TimeHistogram::new([0.01, 0.1, 1.0]);
    let metrics: Vec<Box<dyn EncodeMetric>> = vec![
        Box::new(NamedMetric::new("c_total", "C.", counter.clone())),
        Box::new(NamedMetric::new("h_seconds", "H.", histogram.clone())),
    ];
    register(metrics, RegistrationMetadata::default());
    counter.inc_by(std::env::args().count() as u64);
    histogram.observe(100_000_000);
    let options = CollectionOptions {
        include_optional: false,
        service_name: None,
        service_name_format: ServiceNameFormat::MetricPrefix,
    };
    print!("{}", encode_to_text(&collect(options)));
}
