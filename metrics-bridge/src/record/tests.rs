//! Are lines recorded as they are meant, within bounds?

use std::time::Duration;

use metrics_core::Registry;

use super::*;
use crate::map::{MapperOptions, NegativeGauges};

struct Setup {
    registry: Registry,
    bridge: Bridge,
    worker: Worker,
}

fn with(mapper: Mapper, options: BridgeOptions) -> Setup {
    let registry = Registry::new();
    let bridge = Bridge::new(&registry, mapper, options).unwrap();
    let worker = bridge.worker();
    Setup { registry, bridge, worker }
}

fn setup() -> Setup {
    with(Mapper::default(), BridgeOptions::default())
}

fn mapped(yaml: &str) -> Setup {
    with(Mapper::from_yaml("m.yaml", yaml, MapperOptions::default()).unwrap(), BridgeOptions::default())
}

impl Setup {
    fn sample(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        self.registry.sample(name, labels)
    }

    fn rows(&self, name: &str) -> usize {
        self.registry.encode_text().lines().filter(|line| line.starts_with(name)).count()
    }
}

#[test]
fn each_type_is_recorded() {
    let mut setup = setup();
    setup.worker.datagram(
        b"o:2|c|#p:card\no:1|c|@0.1|#p:card\no:1:2|c|#p:card\nd:5|g\nd:+3|g\nd:-1|g\nc:250:750|ms\ns:3|h|@0.5\nl:1|d\n\
          u:a|s\nu:b|s\nu:a|s\n\r\n",
    );
    assert_eq!(setup.sample("o_total", &[("p", "card")]), Some(15.0));
    assert_eq!(setup.sample("d", &[]), Some(7.0));
    assert_eq!(setup.sample("c_seconds_sum", &[]), Some(1.0));
    assert_eq!(setup.sample("c_seconds_count", &[]), Some(2.0));
    assert_eq!(setup.sample("s_count", &[]), Some(2.0));
    assert_eq!(setup.sample("s_sum", &[]), Some(6.0));
    assert_eq!(setup.sample("l_count", &[]), Some(1.0));
    assert_eq!(setup.sample("u", &[]), Some(2.0));
    assert_eq!(setup.sample("metrics_bridge_lines_total", &[]), Some(12.0));
}

#[test]
fn a_negative_gauge_is_its_value_where_datadogs_meaning_is_chosen() {
    let options = MapperOptions { negative_gauges: NegativeGauges::Value, ..MapperOptions::default() };
    let mut setup = with(Mapper::new(options), BridgeOptions::default());
    setup.worker.datagram(b"t:5|g\nt:-3|g");
    assert_eq!(setup.sample("t", &[]), Some(-3.0));
}

#[test]
fn uneven_sample_rates_count_exactly_in_the_long_run() {
    let mut setup = setup();
    for _ in 0..300 {
        setup.worker.line(b"a:1|h|@0.3").unwrap();
        setup.worker.line(b"b:1|c|@0.3").unwrap();
    }
    assert_eq!(setup.sample("a_count", &[]), Some(1000.0));
    assert!((setup.sample("b_total", &[]).unwrap() - 1000.0).abs() < 1e-6);
}

#[test]
fn events_and_service_checks_are_counted_and_shown() {
    let mut setup = setup();
    setup.worker.datagram(b"_e{1,1}:a|b|t:error\n_sc|db.up|2|#shard:1\n");
    assert_eq!(setup.sample("metrics_bridge_events_total", &[("alert_type", "error")]), Some(1.0));
    assert_eq!(setup.sample("db_up_status", &[("shard", "1")]), Some(2.0));
}

#[test]
fn what_is_refused_costs_its_line_only_and_is_counted_by_reason() {
    let mut setup = setup();
    setup.worker.datagram(b"a:1|c\na:x|c\na:-1|c\na:1|q\na:1|g\nb:1:1|h|@0.00001\na:1|c");
    assert_eq!(setup.sample("a_total", &[]), Some(2.0));
    for reason in ["bad_value", "negative_count", "unknown_type", "conflict", "sample_rate_too_small"] {
        assert_eq!(setup.sample("metrics_bridge_refused_total", &[("reason", reason)]), Some(1.0), "{reason}");
    }
    let refused = setup.worker.line(b"a:x|c").unwrap_err();
    assert_eq!(refused.to_string(), "byte 2: this is not a finite number; write it as in `name:12.5|g`");
    assert_eq!(setup.bridge.refused(Refusal::NegativeCount), 1);
}

#[test]
fn keys_that_come_later_are_recorded_beside() {
    let mut setup = setup();
    setup.worker.datagram(b"a:1|c|#x:1\na:1|c|#x:1,y:2\na:1|c|#y:2\na:1|c\na:1|c|#x:1\n");
    assert_eq!(setup.sample("a_total", &[("x", "1")]), Some(2.0));
    assert_eq!(setup.sample("a_total", &[("x", "1"), ("y", "2")]), Some(1.0));
    assert_eq!(setup.sample("a_total", &[("y", "2")]), Some(1.0));
    assert_eq!(setup.sample("a_total", &[]), Some(1.0));
    assert_eq!(setup.rows("# TYPE a_total"), 1);
}

#[test]
fn labels_of_one_name_are_bounded_and_what_is_left_out_is_counted() {
    let mut setup = setup();
    for key in 0..100 {
        setup.worker.line(format!("a:1|c|#k{key}:1").as_bytes()).unwrap();
    }
    let text = setup.registry.encode_text();
    let rows = text.lines().filter(|line| line.starts_with("a_total"));
    let total: f64 = rows.clone().map(|row| row.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()).sum();
    assert_eq!(total, 100.0, "{text}");
    assert_eq!(rows.count(), MAX_DEFINITIONS + 1);
    let left_out = setup.sample("metrics_bridge_labels_left_out_total", &[]);
    assert_eq!(left_out, Some(100.0 - MAX_DEFINITIONS as f64));
}

#[test]
fn unbounded_values_names_and_keys_stay_bounded() {
    let mut setup = with(Mapper::default(), BridgeOptions { max_metrics: 50, max_series: 100, ..Default::default() });
    for value in 0..20_000 {
        setup.worker.line(format!("a:1|c|#user:{value}").as_bytes()).unwrap();
    }
    assert_eq!(setup.rows("a_total"), 101);
    assert_eq!(setup.sample("a_total", &[("user", "_overflow")]), Some(19_900.0));
    for name in 0..1_000 {
        let _ = setup.worker.line(format!("n{name}:1|c").as_bytes());
    }
    assert_eq!(setup.sample("metrics_bridge_refused_total", &[("reason", "too_many_metrics")]), Some(951.0));
    for user in 0..1_000 {
        setup.worker.line(format!("a:1|c|#user:{}{user}", "x".repeat(3_000)).as_bytes()).unwrap();
    }
    assert_eq!(setup.rows("a_total"), 101);
}

#[test]
fn all_series_together_stay_bounded_and_nothing_is_lost() {
    let options = BridgeOptions { max_total_series: 100, max_set_series: 10, ..Default::default() };
    let mut setup = with(Mapper::default(), options);
    for number in 0..3_000 {
        let (name, user) = (number % 10, number / 10);
        setup.worker.line(format!("n{name}:1|c|#user:{user}").as_bytes()).unwrap();
        setup.worker.line(format!("s{name}:{number}|s|#user:{user}").as_bytes()).unwrap();
    }
    let text = setup.registry.encode_text();
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with(['n', 's'])).collect();
    // An overflow series to a name beyond the bound.
    assert!(rows.len() <= 100 + 20, "{}", rows.len());
    let counted = rows.iter().filter(|row| row.starts_with('n'));
    let total: f64 = counted.map(|row| row.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()).sum();
    assert_eq!(total, 3_000.0);
    assert!(setup.sample("n0_total", &[("user", "_overflow")]) > Some(200.0));
    // 300 members of each set, nearly all of them counted together.
    assert!(setup.sample("s5", &[("user", "_overflow")]) > Some(250.0), "{text}");
}

#[test]
fn a_rule_drops_maps_and_scales() {
    let mut setup = mapped(
        "mappings:\n- {match: a.*, name: a, labels: {who: $1}, scale: 2}\n- {match: b.*, name: b, action: drop}\n\
         - {match: 'c(x?).*', match_type: regex, name: $1}\n",
    );
    setup.worker.datagram(b"a.me:3|c|#who:tag\na.me:3|g\nb.x:1|c\nc.x:1|c\n");
    assert_eq!(setup.sample("a_total", &[("who", "me")]), Some(6.0));
    assert_eq!(setup.sample("metrics_bridge_dropped_total", &[]), Some(1.0));
    assert_eq!(setup.sample("metrics_bridge_refused_total", &[("reason", "nameless")]), Some(1.0));
    // The counter a_total has the family name a in OpenMetrics.
    assert_eq!(setup.sample("metrics_bridge_refused_total", &[("reason", "conflict")]), Some(1.0));
}

#[test]
fn series_are_forgotten_after_their_time_to_live() {
    let mut setup = mapped("defaults: {ttl: 10m}\nmappings: []\n");
    setup.worker.datagram(b"a:1|c|#x:1\na:1|c|#x:2\nb:1|g\n");
    let inner = setup.bridge.inner();
    assert!(!inner.families.expire(inner.now() + Duration::from_secs(590), Duration::MAX));
    assert_eq!(setup.rows("a_total"), 2);
    assert!(inner.families.expire(inner.now() + Duration::from_secs(601), Duration::MAX));
    inner.generation.fetch_add(1, Ordering::Release);
    assert_eq!((setup.rows("a_total"), setup.rows("b ")), (0, 0));
    setup.worker.datagram(b"a:1|c|#x:1\nb:4|g\n");
    assert_eq!(setup.sample("a_total", &[("x", "1")]), Some(1.0));
    assert_eq!(setup.sample("b", &[]), Some(4.0));
}

#[test]
fn what_is_recorded_again_lives_on() {
    let mut setup = mapped("defaults: {ttl: 10m}\nmappings: []\n");
    let lines = b"a:1|c\n_sc|db.up|0\n";
    setup.worker.datagram(lines);
    // As if it were 500 s later.
    setup.worker.now = 500_000;
    lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .for_each(|line| setup.worker.line(line).unwrap());
    let inner = setup.bridge.inner();
    assert!(!inner.families.expire(Duration::from_secs(1_000), Duration::MAX));
    assert!(inner.families.expire(Duration::from_secs(1_100), Duration::MAX));
    assert_eq!((setup.rows("a_total"), setup.rows("db_up_status")), (0, 0));
}

#[test]
fn a_set_forgets_after_two_windows() {
    let mut setup = setup();
    setup.worker.datagram(b"u:a|s\nu:b|s\n");
    for (turn, expected) in [2.0, 0.0].into_iter().enumerate() {
        let window = Duration::from_secs(60);
        setup.bridge.inner().families.expire(window * (turn as u32 + 1), window);
        assert_eq!(setup.sample("u", &[]), Some(expected));
    }
}

#[test]
fn two_workers_share_their_series() {
    let mut setup = setup();
    let mut other = setup.bridge.worker();
    setup.worker.datagram(b"u:a|s\no:1|c\n");
    other.datagram(b"u:b|s\no:1|c\n");
    assert_eq!(setup.sample("u", &[]), Some(2.0));
    assert_eq!(setup.sample("o_total", &[]), Some(2.0));
}
