//! May names that other software gave break our conventions, and share a name with other labels?

use metrics_core::{Counter, Descriptor, Gauge, MetricType, Registry};

fn foreign(kind: MetricType, name: &str, labels: &[&'static str]) -> Descriptor {
    let mut descriptor = Descriptor::new(kind, name, "Named elsewhere.");
    descriptor.foreign = true;
    for label in labels {
        descriptor.add_label(*label);
    }
    descriptor
}

#[test]
fn a_foreign_name_need_not_tell_its_unit_or_type() {
    let registry = Registry::new();
    for name in ["mem_total", "queue_wait_ms", "disk_used_percent"] {
        registry.register_dynamic::<Gauge<f64>>(foreign(MetricType::Gauge, name, &[])).unwrap();
        let own = Descriptor::new(MetricType::Gauge, name, "Ours.");
        assert!(Registry::new().register_dynamic::<Gauge<f64>>(own).is_err(), "{name}");
    }
    let error = registry.register_dynamic::<Counter>(foreign(MetricType::Counter, "orders", &[])).unwrap_err();
    assert!(
        error.to_string().starts_with("counter `orders` must end with `_total`: name it `orders_total`"),
        "{error}"
    );
}

#[test]
fn definitions_with_other_labels_share_a_foreign_name_and_one_head() {
    let registry = Registry::new();
    let register = |labels: &[&'static str]| {
        registry.register_dynamic::<Counter>(foreign(MetricType::Counter, "orders_total", labels)).unwrap()
    };
    register(&["payment"]).with(&[Some("card")]).inc();
    register(&["env", "payment"]).with(&[Some("prod"), Some("card")]).add(2);
    register(&["payment"]).with(&[Some("card")]).add(3);
    register(&[]).with(&[]).add(4);
    assert_eq!(
        registry.encode_text(),
        "# HELP orders_total Named elsewhere.\n# TYPE orders_total counter\norders_total{payment=\"card\"} 4\n\
         orders_total{env=\"prod\",payment=\"card\"} 2\norders_total 4\n"
    );
    assert_eq!(registry.sample("orders_total", &[("env", "prod"), ("payment", "card")]), Some(2.0));
}

#[test]
fn our_own_names_still_have_one_set_of_labels() {
    let registry = Registry::new();
    let own =
        |labels: &[&'static str]| Descriptor { foreign: false, ..foreign(MetricType::Counter, "a_total", labels) };
    registry.register_dynamic::<Counter>(own(&["x"])).unwrap();
    assert!(registry.register_dynamic::<Counter>(own(&["x", "y"])).is_err());
    assert!(registry.register_dynamic::<Counter>(foreign(MetricType::Counter, "a_total", &["x", "y"])).is_err());
}
