//! Does a registry with every type look in every format as it should?

use std::time::Duration;

use super::super::Format;
use super::super::protobuf::schema::{MetricFamily, Type};
use super::{exposed_families, exposed_text};
use crate::descriptor::NativeDeclaration;
use crate::encode::{Exemplar, Timestamp};
use crate::{
    Collector, Counter, Declaration, Descriptor, DynamicFamily, Gauge, Histogram, Metric as _, MetricType, Registry,
    Samples, SeriesMetric, StateSet, UpDownGauge,
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
    let build = Declaration::new(MetricType::Info, "build_info", "Build.");
    registry.register_info(build, &[("version", "1.2")]).unwrap();
    let light = Declaration::new(MetricType::StateSet, "light", "Light.");
    registry.register::<StateSet<bool>>(light).unwrap().set(true);
    registry.register_collector(Upstream).unwrap();
    register_with_exemplars(&registry);
    registry
}

struct Upstream;

impl Collector for Upstream {
    fn describe(&self) -> Vec<Descriptor> {
        vec![Descriptor::new(MetricType::Summary, "upstream", "Upstream.")]
    }

    fn collect(&self, samples: &mut Samples<'_>) {
        samples.add_summary("upstream", &[], &[(0.5, 20.0)], 600.0, 25);
    }
}

const MOMENT: Timestamp = Timestamp::from_epoch(Duration::from_millis(1_520_879_607_789));

/// A counter, and native histograms with and without classic buckets, each with an exemplar.
fn register_with_exemplars(registry: &Registry) {
    let exemplar = |value| Exemplar::of_trace(value, MOMENT, 0xab, 0xcd);
    let orders = Declaration::new(MetricType::Counter, "orders_total", "Orders.");
    registry.register::<Counter>(orders).unwrap().add_with_exemplar(1, &exemplar(1.0));
    let native = Declaration::new(MetricType::Histogram, "native", "Native.");
    let native = native.with_native(NativeDeclaration::DEFAULT, false);
    let native = registry.register::<Histogram>(native).unwrap();
    [0.0, 1.0, 2.0].iter().for_each(|value| native.observe(*value));
    native.observe_with_exemplar(3.0, &exemplar(3.0));
    let both = Declaration::new(MetricType::Histogram, "both", "Both.").with_buckets(&[2.0]);
    let both = both.with_native(NativeDeclaration::DEFAULT, true);
    registry.register::<Histogram>(both).unwrap().observe_with_exemplar(3.0, &exemplar(3.0));
}

#[test]
fn text_has_every_type() {
    let expected = r##"# HELP active Active.
# TYPE active gauge
active 1
# HELP both Both.
# TYPE both histogram
both_bucket{le="2"} 0
both_bucket{le="+Inf"} 1
both_sum 3
both_count 1
# HELP build_info Build.
# TYPE build_info gauge
build_info{version="1.2"} 1
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
# HELP light Light.
# TYPE light gauge
light{light="false"} 0
light{light="true"} 1
# HELP load Load.
# TYPE load gauge
load 0.5
# HELP native Native.
# TYPE native histogram
native_bucket{le="+Inf"} 4
native_sum 6
native_count 4
# HELP orders_total Orders.
# TYPE orders_total counter
orders_total 1
# HELP size_bytes Size.
# TYPE size_bytes histogram
size_bytes_bucket{le="0.5"} 1
size_bytes_bucket{le="1"} 2
size_bytes_bucket{le="1e+06"} 3
size_bytes_bucket{le="+Inf"} 3
size_bytes_sum 9.75
size_bytes_count 3
# HELP upstream Upstream.
# TYPE upstream summary
upstream{quantile="0.5"} 20
upstream_sum 600
upstream_count 25
"##;
    assert_eq!(exposed_text(&registry(), Format::Text), expected);
    assert_eq!(exposed_text(&registry(), Format::TextUtf8), expected, "no name needs quotes");
}

#[test]
fn openmetrics_has_every_type() {
    let expected = r##"# TYPE active gauge
# HELP active Active.
active 1
# TYPE both histogram
# HELP both Both.
both_bucket{le="2.0"} 0
both_bucket{le="+Inf"} 1 # {trace_id="000000000000000000000000000000ab",span_id="00000000000000cd"} 3.0 1520879607.789
both_sum 3.0
both_count 1
# TYPE build info
# HELP build Build.
build_info{version="1.2"} 1
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
# TYPE light stateset
# HELP light Light.
light{light="false"} 0
light{light="true"} 1
# TYPE load gauge
# HELP load Load.
load 0.5
# TYPE native histogram
# HELP native Native.
native_bucket{le="+Inf"} 4 # {trace_id="000000000000000000000000000000ab",span_id="00000000000000cd"} 3.0 1520879607.789
native_sum 6.0
native_count 4
# TYPE orders counter
# HELP orders Orders.
orders_total 1 # {trace_id="000000000000000000000000000000ab",span_id="00000000000000cd"} 1.0 1520879607.789
# TYPE size_bytes histogram
# UNIT size_bytes bytes
# HELP size_bytes Size.
size_bytes_bucket{le="0.5"} 1
size_bytes_bucket{le="1.0"} 2
size_bytes_bucket{le="1e+06"} 3
size_bytes_bucket{le="+Inf"} 3
size_bytes_sum 9.75
size_bytes_count 3
# TYPE upstream summary
# HELP upstream Upstream.
upstream{quantile="0.5"} 20.0
upstream_sum 600.0
upstream_count 25
# EOF
"##;
    assert_eq!(exposed_text(&registry(), Format::OpenMetrics), expected);
}

#[cfg(feature = "openmetrics-2")]
#[test]
fn openmetrics_2_has_every_type() {
    let text = exposed_text(&registry(), Format::OpenMetrics2);
    // Since when rows have counted is another moment in every run.
    let parts = text.split(" st@").enumerate();
    let parts = parts.map(|(at, part)| if at == 0 { part } else { &part[part.find([' ', '\n']).unwrap()..] });
    let text: String = parts.collect();
    let lines = [
        "# TYPE busy_seconds_total counter\n# UNIT busy_seconds_total seconds\n",
        "\nbusy_seconds_total 2.0\n",
        "\ndrift {count:1,sum:-3.0,bucket:[-1.0:1,1.0:1,+Inf:1]}\n",
        "\nsize_bytes {count:3,sum:9.75,bucket:[0.5:1,1.0:2,1e+06:3,+Inf:3]}\n",
        "\nbuild_info{version=\"1.2\"} 1\n",
        "\nnative {count:4,sum:6.0,schema:3,zero_threshold:2.938735877055719e-39,zero_count:1,\
         positive_spans:[0:1,7:1,4:1],positive_buckets:[1,1,1]} # {trace_id=",
        "\nupstream {count:25,sum:600.0,quantile:[0.5:20.0]}\n# EOF\n",
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
        ("both", Type::Histogram, ""),
        ("build_info", Type::Gauge, ""),
        ("busy_seconds_total", Type::Counter, "seconds"),
        ("depth", Type::Gauge, ""),
        ("drift", Type::Histogram, ""),
        ("jobs_total", Type::Counter, ""),
        ("level", Type::Gauge, ""),
        ("light", Type::Gauge, ""),
        ("load", Type::Gauge, ""),
        ("native", Type::Histogram, ""),
        ("orders_total", Type::Counter, ""),
        ("size_bytes", Type::Histogram, "bytes"),
        ("upstream", Type::Summary, ""),
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
    assert!(size.created.is_some());
    let orders = find("orders_total").metric[0].counter.clone().unwrap();
    assert_eq!(orders.exemplar.unwrap().label[0].value(), "000000000000000000000000000000ab");
    assert!(orders.created.is_some());
    assert_eq!(find("upstream").metric[0].summary.as_ref().unwrap().sample_count(), 25);
}

#[test]
fn protobuf_has_native_buckets() {
    let families = exposed_families(&registry());
    let find = |name: &str| {
        let family = families.iter().find(|family| family.name() == name).unwrap();
        family.metric[0].histogram.clone().unwrap()
    };
    let native = find("native");
    assert_eq!((native.schema, native.zero_count(), native.sample_count()), (Some(3), 1, 4));
    let spans: Vec<_> = native.positive_span.iter().map(|span| (span.offset(), span.length())).collect();
    assert_eq!((spans, native.positive_delta), (vec![(0, 1), (7, 1), (4, 1)], vec![1, 0, 0]));
    assert_eq!((native.bucket, native.exemplars.len()), (vec![], 1));
    let both = find("both");
    assert_eq!((both.schema, both.positive_delta), (Some(3), vec![1]));
    let buckets: Vec<_> = both.bucket.iter().map(|bucket| (bucket.upper_bound(), bucket.exemplar.is_some())).collect();
    assert_eq!((buckets, both.exemplars.len()), (vec![(2.0, false), (f64::INFINITY, true)], 1));
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
