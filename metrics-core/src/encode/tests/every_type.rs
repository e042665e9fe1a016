//! Does a registry with every type look in every format as it should?

use super::super::Format;
use super::super::protobuf::schema::{MetricFamily, Type};
use super::{exposed_families, exposed_text};
use crate::{
    Counter, Declaration, Descriptor, DynamicFamily, Gauge, Histogram, Metric as _, MetricType, Registry, SeriesMetric,
    UpDownGauge,
};

fn family<M: SeriesMetric>(registry: &Registry, name: &str, labels: &[&str]) -> DynamicFamily<M> {
    let mut descriptor = Descriptor::new(M::TYPE, name, "Help \"it\" \\ \nis.");
    for label in labels {
        descriptor.add_label(label.to_string());
    }
    registry.register_dynamic(descriptor).unwrap()
}

fn registry() -> Registry {
    let registry = Registry::new();
    let jobs: DynamicFamily<Counter> = family(&registry, "jobs_total", &["queue", "outcome"]);
    jobs.with(&[Some("a\"b\\c\nd"), Some("花火")]).add(3);
    jobs.with(&[None, Some("")]).inc();
    let busy = Declaration::new(MetricType::Counter, "busy_seconds_total", "Busy.").with_unit("seconds");
    registry.register::<Counter<f64>>(busy).unwrap().add(2.0);
    let levels: DynamicFamily<Gauge<f64>> = family(&registry, "level", &["at"]);
    for value in [-1.5, 1e6, f64::INFINITY, f64::NAN] {
        levels.with(&[Some(&value.to_string())]).set(value);
    }
    for zone in ["a", "b"] {
        let depth = Declaration::new(MetricType::Gauge, "depth", "Depth.");
        registry.with_label("shard", zone).register::<Gauge>(depth).unwrap().set(-7);
    }
    registry.register::<UpDownGauge>(Declaration::new(MetricType::Gauge, "active", "Active.")).unwrap().inc();
    let sizes = Declaration::new(MetricType::Histogram, "size_bytes", "Size.");
    let sizes = sizes.with_unit("bytes").with_buckets(&[0.5, 1.0, 1e6]);
    let sizes = registry.register::<Histogram>(sizes).unwrap();
    [0.25, 1.0, 8.5].iter().for_each(|size| sizes.observe(*size));
    let drift = Declaration::new(MetricType::Histogram, "drift", "Drift.").with_buckets(&[-1.0, 1.0]);
    registry.register::<Histogram>(drift).unwrap().observe(-3.0);
    let load = Declaration::new(MetricType::Gauge, "load", "Load.");
    registry.register_callback_gauge(load, || 0.5).unwrap();
    registry
}

#[test]
fn text_has_every_type() {
    let expected = r##"# HELP active Active.
# TYPE active gauge
active 1
# HELP busy_seconds_total Busy.
# TYPE busy_seconds_total counter
busy_seconds_total 2
# HELP depth Depth.
# TYPE depth gauge
depth{shard="a"} -7
depth{shard="b"} -7
# HELP drift Drift.
# TYPE drift histogram
drift_bucket{le="-1"} 1
drift_bucket{le="1"} 1
drift_bucket{le="+Inf"} 1
drift_sum -3
drift_count 1
# HELP jobs_total Help "it" \\ \nis.
# TYPE jobs_total counter
jobs_total{queue="a\"b\\c\nd",outcome="花火"} 3
jobs_total 1
# HELP level Help "it" \\ \nis.
# TYPE level gauge
level{at="-1.5"} -1.5
level{at="1000000"} 1e+06
level{at="inf"} +Inf
level{at="NaN"} NaN
# HELP load Load.
# TYPE load gauge
load 0.5
# HELP size_bytes Size.
# TYPE size_bytes histogram
size_bytes_bucket{le="0.5"} 1
size_bytes_bucket{le="1"} 2
size_bytes_bucket{le="1e+06"} 3
size_bytes_bucket{le="+Inf"} 3
size_bytes_sum 9.75
size_bytes_count 3
"##;
    assert_eq!(exposed_text(&registry(), Format::Text), expected);
    assert_eq!(exposed_text(&registry(), Format::TextUtf8), expected, "no name needs quotes");
}

#[test]
fn openmetrics_has_every_type() {
    let expected = r##"# TYPE active gauge
# HELP active Active.
active 1
# TYPE busy_seconds counter
# UNIT busy_seconds seconds
# HELP busy_seconds Busy.
busy_seconds_total 2.0
# TYPE depth gauge
# HELP depth Depth.
depth{shard="a"} -7
depth{shard="b"} -7
# TYPE drift histogram
# HELP drift Drift.
drift_bucket{le="-1.0"} 1
drift_bucket{le="1.0"} 1
drift_bucket{le="+Inf"} 1
# TYPE jobs counter
# HELP jobs Help \"it\" \\ \nis.
jobs_total{queue="a\"b\\c\nd",outcome="花火"} 3
jobs_total 1
# TYPE level gauge
# HELP level Help \"it\" \\ \nis.
level{at="-1.5"} -1.5
level{at="1000000"} 1e+06
level{at="inf"} +Inf
level{at="NaN"} NaN
# TYPE load gauge
# HELP load Load.
load 0.5
# TYPE size_bytes histogram
# UNIT size_bytes bytes
# HELP size_bytes Size.
size_bytes_bucket{le="0.5"} 1
size_bytes_bucket{le="1.0"} 2
size_bytes_bucket{le="1e+06"} 3
size_bytes_bucket{le="+Inf"} 3
size_bytes_sum 9.75
size_bytes_count 3
# EOF
"##;
    assert_eq!(exposed_text(&registry(), Format::OpenMetrics), expected);
}

#[cfg(feature = "openmetrics-2")]
#[test]
fn openmetrics_2_has_every_type() {
    let text = exposed_text(&registry(), Format::OpenMetrics2);
    let lines = [
        "# TYPE busy_seconds_total counter\n# UNIT busy_seconds_total seconds\n",
        "\nbusy_seconds_total 2.0\n",
        "\ndrift {count:1,sum:-3.0,bucket:[-1.0:1,1.0:1,+Inf:1]}\n",
        "\nsize_bytes {count:3,sum:9.75,bucket:[0.5:1,1.0:2,1e+06:3,+Inf:3]}\n# EOF\n",
    ];
    for line in lines {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn protobuf_has_every_type() {
    let families = exposed_families(&registry());
    let heads: Vec<_> = families.iter().map(|family| (family.name(), family.kind(), family.unit())).collect();
    let expected = [
        ("active", Type::Gauge, ""),
        ("busy_seconds_total", Type::Counter, "seconds"),
        ("depth", Type::Gauge, ""),
        ("drift", Type::Histogram, ""),
        ("jobs_total", Type::Counter, ""),
        ("level", Type::Gauge, ""),
        ("load", Type::Gauge, ""),
        ("size_bytes", Type::Histogram, "bytes"),
    ];
    assert_eq!(heads, expected);
    let find = |name: &str| -> &MetricFamily { families.iter().find(|family| family.name() == name).unwrap() };
    assert_eq!(find("depth").metric.len(), 2);
    assert_eq!(find("depth").metric[1].label[0].value(), "b");
    assert_eq!(find("jobs_total").help(), "Help \"it\" \\ \nis.");
    assert_eq!(find("jobs_total").metric[0].label[0].value(), "a\"b\\c\nd");
    assert_eq!(find("jobs_total").metric[1].label, []);
    assert!(find("level").metric[3].gauge.unwrap().value().is_nan());
    let size = find("size_bytes").metric[0].histogram.clone().unwrap();
    assert_eq!((size.sample_count(), size.sample_sum()), (3, 9.75));
    let buckets: Vec<_> = size.bucket.iter().map(|bucket| (bucket.upper_bound(), bucket.cumulative_count())).collect();
    assert_eq!(buckets, [(0.5, 1), (1.0, 2), (1e6, 3)]);
}

#[test]
fn an_empty_registry_is_valid_in_every_format() {
    let registry = Registry::new();
    assert_eq!(exposed_text(&registry, Format::Text), "");
    assert_eq!(exposed_text(&registry, Format::OpenMetrics), "# EOF\n");
    assert_eq!(exposed_families(&registry), []);
}

#[test]
fn a_family_larger_than_a_piece_arrives_whole() {
    let registry = Registry::new();
    let mut descriptor = Descriptor::new(MetricType::Counter, "jobs_total", "Jobs.");
    descriptor.max_series = Some(20_000);
    descriptor.add_label("id");
    let jobs: DynamicFamily<Counter> = registry.register_dynamic(descriptor).unwrap();
    for id in 0..10_000_u64 {
        jobs.with(&[Some(&format!("{id:0>40}"))]).add(id);
    }
    let families = exposed_families(&registry);
    assert_eq!(families.len(), 1);
    let values: Vec<_> = families[0].metric.iter().map(|row| row.counter.as_ref().unwrap().value()).collect();
    assert_eq!(values, (0..10_000).map(f64::from).collect::<Vec<_>>());
    for format in [Format::Text, Format::OpenMetrics] {
        let text = exposed_text(&registry, format);
        assert_eq!(text.matches("\njobs_total{").count(), 10_000, "{format:?}");
        assert_eq!(text.matches("# TYPE").count(), 1, "{format:?}");
    }
}
