//! Does the registry say what is wrong, and does what users bring harm nothing but itself?

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use metrics_core::{
    Collector, Counter, Declaration, Descriptor, Format, Gauge, Histogram, MetricType, Registry, Samples,
};

fn declaration(kind: MetricType, name: &'static str) -> Declaration {
    Declaration::new(kind, name, "For a test.")
}

fn message(result: Result<impl Sized, metrics_core::Error>) -> String {
    result.err().expect("an error").to_string()
}

#[test]
fn the_same_definition_again_is_the_same_metric() {
    const ORDERS: Declaration = Declaration::new(MetricType::Counter, "orders_total", "Orders.");
    let registry = Registry::new();
    let one: Counter = registry.register(ORDERS).unwrap();
    let two: Counter = registry.register(ORDERS).unwrap();
    one.inc();
    two.inc();
    assert_eq!((one.value(), two.value()), (2, 2));
    assert_eq!(registry.descriptors().len(), 1);
}

#[test]
fn a_conflict_names_both_definitions_and_what_differs() {
    let registry = Registry::new();
    let first = declaration(MetricType::Counter, "orders_total");
    registry.register::<Counter>(first).unwrap();
    let cases = [
        (Declaration { help: "Other.", ..first }, "its help (\"Other.\", not \"For a test.\")"),
        (Declaration { unit: Some("orders"), name: "orders_total", ..first }, "unit"),
    ];
    for (second, what) in cases {
        let text = message(registry.register::<Counter>(second));
        assert!(text.contains(what), "{text}");
        assert!(text.contains("`orders_total`") && text.contains("registry.rs:"), "{text}");
    }
    let text = message(registry.register::<Gauge>(Declaration::new(MetricType::Gauge, "orders", "Orders.")));
    assert!(text.contains("would both be exposed as `orders` in one of the formats: rename one of them"), "{text}");
    let text = message(registry.register::<Counter<f64>>(first));
    assert!(text.contains("differs in the Rust type of the metric"), "{text}");
    assert_eq!(registry.descriptors().len(), 1, "nothing was changed");
}

#[test]
fn buckets_that_differ_are_a_conflict() {
    let registry = Registry::new();
    let sizes = declaration(MetricType::Histogram, "sizes");
    registry.register::<Histogram>(sizes.with_buckets(&[1.0])).unwrap();
    let text = message(registry.register::<Histogram>(sizes.with_buckets(&[1.0, 2.0])));
    assert!(
        text.contains("differs in its bucket bounds: make both definitions the same, or give one another name"),
        "{text}"
    );
}

struct Tells<F>(Vec<Descriptor>, F);

impl<F: Fn(&mut Samples<'_>) + Send + Sync + 'static> Collector for Tells<F> {
    fn describe(&self) -> Vec<Descriptor> {
        self.0.clone()
    }

    fn collect(&self, samples: &mut Samples<'_>) {
        self.1(samples);
    }
}

fn gauge(name: &str) -> Descriptor {
    Descriptor::new(MetricType::Gauge, name, "For a test.")
}

#[test]
fn a_collector_or_callback_that_panics_loses_its_rows_and_nothing_else() {
    let registry = Registry::new();
    registry.register_self_metrics().unwrap();
    let counter: Counter = registry.register(declaration(MetricType::Counter, "fine_total")).unwrap();
    counter.inc();
    let panics = |samples: &mut Samples<'_>| {
        samples.add("broken_a", &[], 1.0);
        panic!("a collector's bug");
    };
    registry.register_collector(Tells(vec![gauge("broken_a"), gauge("broken_b")], panics)).unwrap();
    registry.register_callback_gauge(gauge("broken_c"), || panic!("a callback's bug")).unwrap();
    let text = registry.encode_text();
    assert!(text.contains("fine_total 1\n") && !text.contains("\nbroken"), "{text}");
    let left_out = registry.sample("metrics_left_out_rows_total", &[]).unwrap();
    assert!(left_out >= 3.0, "two families and a callback: {left_out}");
    let openmetrics = exposed(&registry, Format::OpenMetrics);
    assert!(openmetrics.contains("fine_total 1\n") && openmetrics.ends_with("\n# EOF\n"), "{openmetrics}");
}

#[test]
fn a_series_that_a_collector_tells_twice_is_written_once_and_the_other_counted() {
    let registry = Registry::new();
    registry.register_self_metrics().unwrap();
    let mut disk = gauge("disk_free");
    disk.add_label("device").add_label("mount");
    let collects = |samples: &mut Samples<'_>| {
        samples.add("disk_free", &[Some("sda"), None], 1.0);
        samples.add("disk_free", &[Some("sdb")], 2.0);
        // An empty value is no label, nor is one that is not told.
        samples.add("disk_free", &[Some("sda"), Some("")], 3.0);
        samples.add("disk_free", &[Some("sda")], 4.0);
        samples.add("other", &[], 5.0);
    };
    registry.register_collector(Tells(vec![disk, gauge("other")], collects)).unwrap();
    let text = registry.encode_text();
    assert!(text.contains("\ndisk_free{device=\"sda\"} 1\ndisk_free{device=\"sdb\"} 2\n# "), "{text}");
    assert!(text.contains("\nother 5\n"), "{text}");
    assert_eq!(registry.sample("metrics_left_out_rows_total", &[]), Some(2.0));
}

#[test]
fn a_piece_ends_behind_a_collector_that_took_long() {
    let registry = Registry::new();
    for name in ["a", "b", "c"] {
        registry
            .register_callback_gauge(gauge(name), || {
                let started = Instant::now();
                while started.elapsed() < Duration::from_millis(2) {}
                1.0
            })
            .unwrap();
    }
    let (mut exposition, mut body) = (registry.exposition(Format::Text), Vec::new());
    for written in 1..=3 {
        assert!(exposition.next_piece(&mut body));
        assert_eq!(body.iter().filter(|&&byte| byte == b'\n').count(), 3 * written);
    }
    assert!(!exposition.next_piece(&mut body));
    assert_eq!(String::from_utf8(body).unwrap(), registry.encode_text());
}

#[test]
fn what_is_known_of_the_target_stands_first() {
    let registry = Registry::new();
    registry.register::<Counter>(declaration(MetricType::Counter, "a_total")).unwrap();
    let target = Declaration::new(MetricType::Info, "target_info", "What is known of the target.");
    registry.register_info(target, &[("service_name", "shop")]).unwrap();
    registry.register::<Counter>(declaration(MetricType::Counter, "z_total")).unwrap();
    let text = exposed(&registry, Format::OpenMetrics);
    let head = "# TYPE target info\n# HELP target What is known of the target.\ntarget_info{service_name=\"shop\"} 1\n";
    assert!(text.starts_with(&format!("{head}# TYPE a counter\n")), "{text}");
}

fn exposed(registry: &Registry, format: Format) -> String {
    let (mut exposition, mut body) = (registry.exposition(format), Vec::new());
    while exposition.next_piece(&mut body) {}
    String::from_utf8(body).unwrap()
}

#[test]
fn a_collector_may_register_and_scrape_while_it_is_collected() {
    let registry = Registry::new();
    let own: Arc<OnceLock<Registry>> = Arc::default();
    own.set(registry.clone()).unwrap();
    let calls = Arc::new(AtomicU64::new(0));
    let collects = {
        let (own, calls) = (own.clone(), calls.clone());
        move |samples: &mut Samples<'_>| {
            let registry = own.get().unwrap();
            registry.register::<Counter>(declaration(MetricType::Counter, "lazy_total")).unwrap().inc();
            if calls.fetch_add(1, Ordering::Relaxed) == 0 {
                assert!(registry.encode_text().contains("collected 2"));
            }
            samples.add("collected", &[], 2.0);
        }
    };
    registry.register_collector(Tells(vec![gauge("collected")], collects)).unwrap();
    assert!(registry.encode_text().contains("collected 2\n"));
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert!(registry.encode_text().contains("lazy_total"));
    // The collector holds the registry that holds it.
    registry.unregister("collected");
}

#[test]
fn a_collector_that_declares_one_family_in_two_ways_is_refused_as_a_whole() {
    let registry = Registry::new();
    let mut other = gauge("twice");
    other.help = "Something else.".into();
    let text = message(
        registry.register_collector(Tells(vec![gauge("once"), gauge("twice"), other], |_: &mut Samples<'_>| ())),
    );
    assert!(text.contains("`twice`") && text.contains("its help"), "{text}");
    assert!(registry.descriptors().is_empty());
}

#[test]
fn a_collector_s_histogram_without_proper_bounds_is_left_out_and_counted() {
    let bounds: [&[f64]; 7] = [
        &[0.5, 1.0],
        &[0.5, f64::INFINITY],
        &[f64::NEG_INFINITY, 0.5],
        &[f64::NAN, 1.0],
        &[1.0, 0.5],
        &[1.0, 1.0],
        &[0.5, 1.0, 2.0],
    ];
    let registry = Registry::new();
    registry.register_self_metrics().unwrap();
    let mut sizes = Descriptor::new(MetricType::Histogram, "sizes", "For a test.");
    sizes.add_label("of");
    let tells = move |samples: &mut Samples<'_>| {
        for (of, bounds) in bounds.iter().enumerate() {
            samples.add_histogram("sizes", &[Some(&of.to_string())], bounds, &[1, 2, 3], 4.5);
        }
    };
    registry.register_collector(Tells(vec![sizes], tells)).unwrap();
    let text = registry.encode_text();
    assert!(text.contains("sizes_bucket{of=\"0\",le=\"+Inf\"} 6\nsizes_sum{of=\"0\"} 4.5\n"), "{text}");
    assert_eq!(text.matches("\nsizes_").count(), 5, "{text}");
    assert_eq!(registry.sample("metrics_left_out_rows_total", &[]), Some(6.0));
}

#[test]
fn what_a_collector_did_not_declare_is_left_out_and_counted() {
    let registry = Registry::new();
    registry.register_self_metrics().unwrap();
    let collects = |samples: &mut Samples<'_>| samples.add("undeclared", &[], 1.0);
    registry.register_collector(Tells(vec![gauge("declared")], collects)).unwrap();
    let text = registry.encode_text();
    assert!(!text.lines().any(|line| line.starts_with("declared") || line.starts_with("undeclared")), "{text}");
    assert!(registry.sample("metrics_left_out_rows_total", &[]).unwrap() >= 1.0);
}

#[test]
fn a_metric_that_is_unregistered_is_gone_and_its_name_is_free() {
    let registry = Registry::new();
    let old: Counter = registry.register(declaration(MetricType::Counter, "orders_total")).unwrap();
    old.add(5);
    assert!(registry.unregister("orders_total"));
    assert!(!registry.unregister("orders_total"));
    old.inc();
    let new: Gauge = registry.register(declaration(MetricType::Gauge, "orders")).unwrap();
    new.set(1);
    assert_eq!(registry.encode_text().matches("orders").count(), 3);
}
