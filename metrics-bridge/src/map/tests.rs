//! Are foreign metrics mapped as statsd_exporter maps them by a file, and by our conventions without one?

use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn mapper(yaml: &str) -> Mapper {
    Mapper::from_yaml("m.yaml", yaml, MapperOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(yaml: &str) -> String {
    Mapper::from_yaml("m.yaml", yaml, MapperOptions::default()).expect_err("accepted").to_string()
}

fn plan(mapper: &Mapper, name: &str, kind: Kind) -> Plan {
    match mapper.map(Source::of_line(name, kind)) {
        Mapping::Recorded(plan) => plan,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn default_names_follow_the_conventions() {
    let mapper = Mapper::default();
    for (name, kind, expected) in [
        ("shop.orders", Kind::Count, "shop_orders_total"),
        ("shop.orders_total", Kind::Count, "shop_orders_total"),
        ("total", Kind::Count, "total"),
        ("shop.queue-depth", Kind::Gauge, "shop_queue_depth"),
        ("shop.cart", Kind::Timer, "shop_cart_seconds"),
        ("shop.cart.ms", Kind::Timer, "shop_cart_seconds"),
        ("shop.cart_milliseconds", Kind::Timer, "shop_cart_seconds"),
        ("shop.cart.seconds", Kind::Timer, "shop_cart_seconds"),
        ("ms", Kind::Timer, "ms_seconds"),
        ("shop.size", Kind::Histogram, "shop_size"),
        ("shop.size", Kind::Distribution, "shop_size"),
        ("users", Kind::Set, "users"),
        ("5xx", Kind::Count, "_5xx_total"),
    ] {
        assert_eq!(plan(&mapper, name, kind).name, expected, "{name}");
    }
    assert_eq!(plan(&mapper, "cart", Kind::Timer).scale, 0.001);
    assert_eq!(plan(&mapper, "cart", Kind::Histogram).scale, 1.0);
}

#[test]
fn units_of_the_facade_become_base_units() {
    let name = |name, unit| default_name(Source { name, kind: Kind::Histogram, unit });
    assert_eq!(name("io_us", Unit::Microseconds), ("io_seconds".to_owned(), Some("seconds")));
    assert_eq!(name("heap", Unit::Mebibytes), ("heap_bytes".to_owned(), Some("bytes")));
    let counted = default_name(Source { name: "sent_bytes", kind: Kind::Count, unit: Unit::Bytes });
    assert_eq!(counted.0, "sent_bytes_total");
}

#[test]
fn plain_naming_keeps_the_name() {
    let mapper = Mapper::new(MapperOptions { naming: Naming::Plain, prefix: "dd_".into(), ..Default::default() });
    assert_eq!(plan(&mapper, "shop.orders", Kind::Count).name, "dd_shop_orders_total");
    assert_eq!(plan(&mapper, "shop.cart", Kind::Timer).scale, 0.001);
}

#[test]
fn a_file_with_every_supported_setting_is_followed() {
    let mapper = mapper(
        r#"
defaults:
  observer_type: histogram
  histogram_options: {buckets: [.005, 0.1, 1]}
  match_type: glob
  ttl: 10m
  glob_disable_ordering: false
mappings:
- match: "shop.checkout.*.latency"
  match_metric_type: observer
  name: checkout_latency_seconds
  help: Time to check out.
  labels: {step: "$1", job: "${1}_x", code: 200}
  honor_labels: true
  ttl: 1m30s
  scale: 2
  histogram_options:
    buckets: [1, 2]
    native_histogram_bucket_factor: 1.05
    native_histogram_max_buckets: 40
- match: shop\.(.*)\.count
  match_type: regex
  name: shop_${1}_total
- match: legacy.*
  action: drop
  name: dropped
- match: shop.orders
  match_metric_type: counter
  name: orders
"#,
    );
    let latency = plan(&mapper, "shop.checkout.pay.latency", Kind::Timer);
    assert_eq!((latency.name.as_str(), latency.rule), ("checkout_latency_seconds", Some(9)));
    assert_eq!((latency.scale, latency.ttl), (0.002, Some(Duration::from_secs(90))));
    assert_eq!((latency.help.as_deref(), latency.honor_labels), (Some("Time to check out."), true));
    let labels: Vec<_> = latency.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(labels, [("step", "pay"), ("exported_job", "pay_x"), ("code", "200")]);
    let PlannedMetric::Histogram { buckets, classic, native } = latency.metric else { panic!() };
    assert_eq!((&*buckets, classic), (&[1.0, 2.0][..], true));
    assert_eq!(native.map(|native| (native.factor, native.max_buckets)), Some((1.05, 40)));

    // Another type does not match the first rule and takes the defaults.
    assert_eq!(plan(&mapper, "shop.checkout.pay.latency", Kind::Count).name, "shop_checkout_pay_latency_total");
    let counted = plan(&mapper, "shop.a.b.count", Kind::Count);
    assert_eq!((counted.name.as_str(), counted.ttl), ("shop_a_b_total", Some(Duration::from_secs(600))));
    assert_eq!(mapper.map(Source::of_line("legacy.x", Kind::Gauge)), Mapping::Dropped(24));
    assert_eq!(plan(&mapper, "shop.orders", Kind::Count).name, "orders_total");
    let PlannedMetric::Histogram { buckets, .. } = plan(&mapper, "other", Kind::Histogram).metric else { panic!() };
    assert_eq!(&*buckets, [0.005, 0.1, 1.0]);
}

#[test]
fn the_keys_of_older_files_are_understood() {
    let mapper = mapper(
        r#"
defaults: {timer_type: histogram, buckets: [1, 2]}
mappings:
- {match: a.*, match_metric_type: timer, name: a, buckets: [3]}
- {match: b.*, name: b, timer_type: summary, observer_type: histogram, buckets: [3], histogram_options: {buckets: [4]}}
"#,
    );
    for (name, bounds) in [("a.x", &[3.0][..]), ("b.x", &[4.0]), ("c.x", &[1.0, 2.0])] {
        let PlannedMetric::Histogram { buckets, .. } = plan(&mapper, name, Kind::Timer).metric else { panic!() };
        assert_eq!(&*buckets, bounds, "{name}");
    }
    assert_eq!(plan(&mapper, "a.x", Kind::Gauge).rule, None);
}

#[test]
fn the_first_glob_wins_and_globs_win_over_regexes() {
    let mapper = mapper(
        "mappings:\n- {match: 'a\\..*', match_type: regex, name: regex}\n- {match: a.*, name: first}\n- {match: a.b, name: second}\n",
    );
    assert_eq!(plan(&mapper, "a.b", Kind::Gauge).name, "first");
    assert_eq!(plan(&mapper, "a.b.c", Kind::Gauge).name, "regex");
}

#[test]
fn a_glob_star_is_one_part() {
    let mapper = mapper("mappings:\n- {match: a.*.c, name: \"x_$1_$1\"}\n");
    assert_eq!(plan(&mapper, "a.b-b.c", Kind::Gauge).name, "x_b_b_b_b");
    assert_eq!(plan(&mapper, "a.b.b.c", Kind::Gauge).name, "a_b_b_c");
}

#[test]
fn a_regex_without_text_for_its_name_is_reported() {
    let mapper = mapper("mappings:\n- {match: 'a(b?)', match_type: regex, name: $1}\n");
    assert_eq!(mapper.map(Source::of_line("ac", Kind::Gauge)), Mapping::Nameless(2));
}

#[test]
fn an_empty_file_has_no_rules() {
    for text in ["", "---\n", "mappings: []\n", "# nothing\n"] {
        assert_eq!(plan(&mapper(text), "a.b", Kind::Gauge).name, "a_b");
    }
}

#[test]
fn what_is_not_supported_is_refused_with_file_line_and_reason() {
    for (yaml, expected) in [
        (
            "defaults:\n  observer_type: summary\n",
            "m.yaml:2: observer_type: summary is not supported: quantiles computed in one process cannot be combined over several; use `observer_type: histogram` and histogram_quantile()",
        ),
        (
            "defaults:\n  glob_disable_ordering: true\n",
            "m.yaml:2: glob_disable_ordering: true is not supported: here the first glob that matches wins; put the more specific globs first and remove this line",
        ),
        (
            "mappings:\n- match: a.*\n  name: a\n  timer_type: summary\n",
            "m.yaml:4: timer_type: summary is not supported: quantiles computed in one process cannot be combined over several; use `observer_type: histogram` and histogram_quantile()",
        ),
        (
            "mappings:\n- match: a.*\n  name: a\n  quantiles: []\n",
            "m.yaml:4: quantiles is not supported: quantiles computed in one process cannot be combined over several; use `observer_type: histogram` and histogram_quantile()",
        ),
        (
            "mappings:\n- match: a.*\n  name: a\n  native_histogram_bucket_factor: 1.1\n",
            "m.yaml:4: there is no key \"native_histogram_bucket_factor\" here; it belongs under `histogram_options`; known are match, match_type, match_metric_type, name, labels, honor_labels, help, action, observer_type, histogram_options, ttl, scale",
        ),
        (
            "mappings:\n- match: a.*\n  name: a\n  summary_options:\n    quantiles: []\n",
            "m.yaml:4: summary_options is not supported: quantiles computed in one process cannot be combined over several; use `observer_type: histogram` and histogram_quantile()",
        ),
        ("mappings:\n- name: a\n", "m.yaml:2: this mapping has no `match`; say which metrics it is for"),
        ("mappings:\n- match: a\n", "m.yaml:2: this mapping has no `name`; say under which name it is recorded"),
        (
            "mappings:\n- match: a.b*\n  name: a\n",
            "m.yaml:2: match is \"a.b*\"; a glob consists of parts between dots, each a * or letters, digits, _ and -, and does not begin with a digit; for anything else use `match_type: regex`",
        ),
        (
            "mappings:\n- match: a.*\n  name: a_$2\n",
            "m.yaml:3: \"a_$2\" refers to $2, but `match` captures 1; refer to one that exists",
        ),
        (
            "mappings:\n- match: a.*\n  name: a-b\n",
            "m.yaml:3: name is \"a-b\"; it must consist of letters, digits, _ and references such as $1 or ${1}, and not begin with a digit",
        ),
        (
            "mappings:\n- match: a.*\n  name: a\n  labels:\n    a-b: c\n",
            "m.yaml:5: the label name is \"a-b\"; it must consist of letters, digits and _, and not begin with a digit",
        ),
        (
            "mappings:\n- match: a\n  name: a\n  ttl: 5\n",
            "m.yaml:4: ttl is \"5\"; it must be a duration as in 90s, 10m or 1h30m",
        ),
        ("mappings:\n- match: a\n  name: a\n  action: skip\n", "m.yaml:4: action is \"skip\"; it must be map or drop"),
        (
            "mappings:\n- match: a\n  name: a\n  histogram_options:\n    buckets: [1,\n      1]\n",
            "m.yaml:6: the bucket bound 1 does not follow the one before; bounds must rise",
        ),
        ("mapping:\n", "m.yaml:1: there is no key \"mapping\" here; known are defaults, mappings"),
        ("mappings: 3\n", "m.yaml:1: `mappings` is not a list; write `- item` lines or `[a, b]`"),
    ] {
        assert_eq!(refusal(yaml), expected);
    }
    assert!(
        refusal("mappings:\n- match: '('\n  match_type: regex\n  name: a\n")
            .starts_with("m.yaml:2: match \"(\" is no regular expression")
    );
    assert!(refusal("mappings: [\n").starts_with("m.yaml:2: this is not YAML"));
    assert_eq!(
        refusal(
            "mappings: []
---
b: 2
"
        ),
        "m.yaml:3: a second YAML document; a mapping file has one"
    );
}

fn labels(tags: &[(&str, Option<&str>)], rule: &[(&str, &str)], honor: bool) -> String {
    let rule: Vec<_> = rule.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let labels = clean_labels(tags.iter().copied(), &rule, honor);
    labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn tags_become_labels() {
    assert_eq!(labels(&[("b", Some("2")), ("a", None), ("c", Some(""))], &[], false), "a=true b=2");
    assert_eq!(labels(&[("service", Some("x")), ("__y", Some("z"))], &[], false), "_y=z exported_service=x");
    assert_eq!(labels(&[("k", Some("2")), ("k", Some("1")), ("k", Some("2"))], &[], false), "k=2,1");
    assert_eq!(labels(&[("a.b", Some("1")), ("a-b", Some("2"))], &[], false), "a_b=1,2");
    assert_eq!(labels(&[("a", Some(" x\ty\n"))], &[], false), "a=x y");
    let long = "é".repeat(400);
    assert_eq!(labels(&[("a", Some(&long))], &[], false).len(), 2 + 512);
}

#[test]
fn a_rules_label_replaces_a_tag_unless_tags_are_honoured() {
    assert_eq!(labels(&[("a", Some("tag"))], &[("a", "rule"), ("b", "rule")], false), "a=rule b=rule");
    assert_eq!(labels(&[("a", Some("tag"))], &[("a", "rule"), ("b", "rule")], true), "a=tag b=rule");
    assert_eq!(labels(&[("a", Some("tag"))], &[("a", "")], false), "");
}

proptest! {
    #[test]
    fn every_name_and_label_is_one_that_prometheus_takes(name in "\\PC{1,40}", key in "\\PC{1,20}", value in "\\PC{0,20}") {
        let valid = |name: &str| !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        for kind in Kind::ALL {
            prop_assert!(valid(&plan(&Mapper::default(), &name, kind).name));
        }
        for (label, value) in clean_labels([(key.as_str(), Some(value.as_str()))].into_iter(), &[], false) {
            prop_assert!(valid(&label) && !label.starts_with("__") && !RESERVED_LABELS.contains(&label.as_str()));
            prop_assert!(!value.is_empty() && !value.chars().any(char::is_control));
        }
    }
}
