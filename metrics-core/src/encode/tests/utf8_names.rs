//! Do names with uncommon characters reach every reader?

use super::super::{ContentType, Escaping, Format};
use super::exposed;
use crate::{Counter, Descriptor, DynamicFamily, Error, Gauge, Histogram, MetricType, Registry, StateSet};

fn descriptor(kind: MetricType, name: &str, labels: &[&str]) -> Descriptor {
    let mut descriptor = Descriptor::new(kind, name, "Help.");
    for label in labels {
        descriptor.add_label(label.to_string());
    }
    descriptor.file = "shop.rs".into();
    descriptor.line = 7;
    descriptor
}

fn register(registry: &Registry, name: &str, labels: &[&str]) -> Result<DynamicFamily<Counter>, Error> {
    registry.with_utf8_names().register_dynamic(descriptor(MetricType::Counter, name, labels))
}

fn refused(registry: &Registry, name: &str, labels: &[&str]) -> String {
    register(registry, name, labels).unwrap_err().to_string()
}

fn text(registry: &Registry, content_type: impl Into<ContentType>) -> String {
    String::from_utf8(exposed(registry, content_type)).unwrap()
}

#[test]
fn every_reader_gets_them_as_it_asked() {
    let registry = Registry::new();
    let requests = register(&registry, "http.server.requests_total", &["error.message", "plain"]).unwrap();
    requests.with(&[Some("Not \"Found\""), Some("x")]).inc();
    let rows = [
        (
            Format::TextUtf8.into(),
            "{\"http.server.requests_total\",\"error.message\"=\"Not \\\"Found\\\"\",plain=\"x\"} 1\n",
        ),
        (Format::Text.into(), "http_server_requests_total{error_message=\"Not \\\"Found\\\"\",plain=\"x\"} 1\n"),
        (
            Format::OpenMetrics.with_escaping(Escaping::AllowUtf8),
            "# TYPE \"http.server.requests\" counter\n# HELP \"http.server.requests\" Help.\n\
             {\"http.server.requests_total\",\"error.message\"=\"Not \\\"Found\\\"\",plain=\"x\"} 1\n# EOF\n",
        ),
        (
            Format::OpenMetrics.with_escaping(Escaping::Values),
            "U__http_2e_server_2e_requests__total{U__error_2e_message=\"Not \\\"Found\\\"\",plain=\"x\"} 1\n# EOF\n",
        ),
        (
            Format::Text.with_escaping(Escaping::Dots),
            "http_dot_server_dot_requests__total{error_dot_message=\"Not \\\"Found\\\"\",plain=\"x\"} 1\n",
        ),
    ];
    for (content_type, row) in rows {
        let text = text(&registry, content_type);
        assert!(text.ends_with(row), "{row} in {text}");
    }
    assert_eq!(
        registry.sample("http.server.requests_total", &[("error.message", "Not \"Found\""), ("plain", "x")]),
        Some(1.0)
    );
}

#[test]
fn they_are_refused_where_nobody_asked_for_them() {
    let error = Registry::new().register::<Gauge>(descriptor(MetricType::Gauge, "queue.depth", &[])).unwrap_err();
    let expected = "metric name `queue.depth` may have letters, digits and `_` only, and no digit first: `queue_depth` \
                    would do (declared at shop.rs:7)";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn names_that_become_one_when_escaped_are_refused() {
    let registry = Registry::new();
    register(&registry, "a.b_total", &[]).unwrap();
    let expected = "`a-b_total` (shop.rs:7) and `a.b_total` (shop.rs:7) would both be exposed as `a_b` in one of the formats: \
                    rename one of them";
    assert_eq!(refused(&registry, "a-b_total", &[]), expected);
    let plain = descriptor(MetricType::Counter, "a_b_total", &[]);
    assert!(registry.register_dynamic::<Counter>(plain).is_err());
    register(&registry, "花火_total", &[]).unwrap();
    assert!(refused(&registry, "火花_total", &[]).contains("would both be exposed as `__`"));
}

/// `a.total` is not called `…_total`, and so no family is called `a` for any reader, whatever becomes of the dot.
#[test]
fn a_suffix_that_only_the_escaping_makes_is_none() {
    let registry = Registry::new().with_utf8_names();
    let gauge = |name| registry.register::<Gauge>(descriptor(MetricType::Gauge, name, &[])).unwrap().set(2);
    registry.register::<Counter>(descriptor(MetricType::Counter, "a.total", &[])).unwrap().inc();
    registry.register_info(descriptor(MetricType::Info, "b.info", &[]), &[]).unwrap();
    gauge("a");
    gauge("b");
    let escaped = "# TYPE a gauge\n# HELP a Help.\na 2\n# TYPE a_total unknown\n# HELP a_total Help.\na_total 1\n\
                   # TYPE b gauge\n# HELP b Help.\nb 2\n# TYPE b_info gauge\n# HELP b_info Help.\nb_info 1\n# EOF\n";
    assert_eq!(text(&registry, Format::OpenMetrics), escaped);
    let whole = text(&registry, Format::OpenMetrics.with_escaping(Escaping::AllowUtf8));
    assert!(whole.contains("# TYPE \"a.total\" unknown\n") && whole.contains("# TYPE \"b.info\" gauge\n"), "{whole}");
}

/// What is put behind a name is not escaped with it.
#[test]
fn samples_are_compared_as_they_are_written() {
    let registry = Registry::new().with_utf8_names();
    registry.register::<Histogram>(descriptor(MetricType::Histogram, "é", &[])).unwrap();
    assert!(text(&registry, Format::Text.with_escaping(Escaping::Values)).contains("\nU___e9__count 0\n"));
    let gauge = registry.register::<Gauge>(descriptor(MetricType::Gauge, "U___e9__count", &[]));
    assert!(gauge.unwrap_err().to_string().contains("would both be exposed as `U___e9__count`"));
}

#[test]
fn labels_that_become_one_when_escaped_are_refused() {
    let expected = "labels `a.b` and `a-b` of `x_total` (shop.rs:7) are both `a_b` for readers that want names escaped as \
                    `underscores`: rename one of them";
    assert_eq!(refused(&Registry::new(), "x_total", &["a.b", "a-b"]), expected);
}

#[test]
fn a_state_set_that_becomes_one_of_its_labels_when_escaped_is_refused() {
    let refused = |name, label| {
        let phase = descriptor(MetricType::StateSet, name, &[label]);
        let registered = Registry::new().with_utf8_names().register_dynamic::<StateSet<bool>>(phase);
        registered.map_err(|error| error.to_string()).err().unwrap_or_default()
    };
    let expected = "labels `a_b` and `a.b` of `a.b` (shop.rs:7) are both `a_b` for readers that want names escaped as \
                    `underscores`: rename one of them";
    assert_eq!(refused("a.b", "a_b"), expected);
    assert!(refused("a.b", "a.b").starts_with("label `a.b` is called like its state set"));
    assert_eq!(refused("a.b", "b"), "");
}

#[test]
fn the_other_rules_still_hold() {
    let registry = Registry::new();
    assert!(refused(&registry, "requests_total", &["le"]).contains("belongs to histograms"));
    assert!(refused(&registry, "a.b_total", &[""]).contains("is empty"));
    let gauge = descriptor(MetricType::Gauge, "", &[]);
    let error = registry.with_utf8_names().register::<Gauge>(gauge).unwrap_err().to_string();
    assert!(error.contains("is empty"), "{error}");
}

/// OpenMetrics knows a counter by its suffix, and would give this one another name.
#[test]
fn a_counter_without_the_suffix_is_unknown_to_openmetrics() {
    let registry = Registry::new();
    register(&registry, "http.requests", &[]).unwrap().with(&[]).inc();
    let expected = "# TYPE \"http.requests\" unknown\n# HELP \"http.requests\" Help.\n{\"http.requests\"} 1\n# EOF\n";
    assert_eq!(text(&registry, Format::OpenMetrics.with_escaping(Escaping::AllowUtf8)), expected);
    assert!(text(&registry, Format::Text).contains("# TYPE http_requests counter\n"));
}
