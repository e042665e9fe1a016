//! Does every translation say the same in valid PromQL, and is everything else refused by name?

use serde_json::json;

use super::*;
use crate::line::Kind;

fn translator() -> Translator {
    let mut catalogue = Catalogue::new(Mapper::default());
    for (name, kind) in [
        ("shop.orders", Kind::Count),
        ("shop.errors", Kind::Count),
        ("shop.queue-depth", Kind::Gauge),
        ("shop.users", Kind::Set),
        ("shop.charge", Kind::Timer),
        ("shop.size", Kind::Histogram),
        ("shop.latency", Kind::Distribution),
    ] {
        catalogue.declare(name, kind).unwrap();
    }
    Translator::new(catalogue, TranslatorOptions::default())
}

/// The test set: also executed on a real Prometheus by the crate's script.
const QUERIES: &str = include_str!("../../tests/queries.tsv");

#[test]
fn every_query_of_the_test_set_is_translated_as_written_there() {
    let translator = translator();
    for line in QUERIES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (query, expected) = line.split_once('\t').expect("two columns");
        let translated = translator.query(query).unwrap_or_else(|error| panic!("{query}: {error}"));
        assert_eq!(translated.promql, expected, "{query}");
        promql_parser::parser::parse(&translated.promql).unwrap_or_else(|error| panic!("{query}: {error}"));
    }
}

#[test]
fn what_cannot_be_translated_names_the_part_and_what_to_do() {
    let translator = translator();
    for (query, expected) in [
        (
            "anomalies(avg:shop.queue_depth{*}, 'basic', 2)",
            "byte 0, `anomalies(avg:shop.queue_depth{*}, 'basic', 2)`: Prometheus has no such model; alert on a ratio to an earlier time (`offset 1w`), on an objective's burn rate, or on predict_linear()",
        ),
        (
            "avg:shop.unknown{*}",
            "byte 4, `shop.unknown`: the type of this metric is not known; declare it as c, g, ms, h, d or s, or give a capture of the lines that the service sends",
        ),
        ("shop.orders{*}", "byte 0, `shop.orders`: there is no aggregator; write for example `avg:` before the metric"),
        (
            "sum:shop.queue_depth{*}.as_count()",
            "byte 4, `shop.queue_depth`: this metric is a gauge, of which there is no count and no rate; leave .as_count() or .as_rate() out",
        ),
        (
            "sum:shop.orders{env:$env}.as_count()",
            "byte 16, `env:$env`: a dashboard variable has no value here; replace it by the value, or leave the condition out and add `label=~\"$variable\"` to the translated query in Grafana",
        ),
        (
            "sum:shop.orders{env:a OR team:b}.as_count()",
            "byte 22, `OR`: PromQL has no OR between different tags, or of excluded ones; write one query for each side and join the translations with `or`",
        ),
        (
            "sum:shop.orders{env:a AND team:b OR team:c}.as_count()",
            "byte 33, `OR`: OR beside AND or a comma; put parentheses around what belongs together, as in `(a:1 OR a:2) AND b:3`",
        ),
        (
            "sum:shop.orders{*}.as_count().rollup(max, 60)",
            "byte 30, `rollup(max)`: this depends on the agent's flush interval of 10 s, which a cumulative counter does not keep; use rollup(sum, seconds)",
        ),
        (
            "sum:shop.orders{*}.as_rate().rollup(sum, 60)",
            "byte 29, `rollup(sum)`: this depends on the agent's flush interval of 10 s, which a cumulative counter does not keep; use rollup(avg, seconds), or .as_count().rollup(sum, seconds)",
        ),
        (
            "count:shop.latency{*}.as_count().rollup(max, 60)",
            "byte 33, `rollup(max)`: this depends on the agent's flush interval of 10 s, which a cumulative counter does not keep; use rollup(sum, seconds)",
        ),
        (
            "p99:shop.latency{*}.rollup(max, 60)",
            "byte 20, `rollup(max)`: here it is taken of all observations of the time together; use rollup(avg, seconds)",
        ),
        (
            "max:shop.charge.95percentile{*}.rollup(max, 60)",
            "byte 32, `rollup(max)`: here it is taken of all observations of the time together; use rollup(avg, seconds)",
        ),
        (
            "avg:shop.latency{*}.as_rate()",
            "byte 4, `shop.latency`: an average or a percentile is no count and has no rate; leave .as_count() or .as_rate() out",
        ),
        (
            "avg:shop.queue_depth{*}.rollup(sum, 60)",
            "byte 24, `rollup(sum)`: of a gauge this depends on how often it is sent; use rollup(avg), rollup(min) or rollup(max)",
        ),
        (
            "avg:shop.queue_depth{*}.rollup(avg)",
            "byte 24, `rollup`: rollup needs its length here, as in rollup(sum, 60): without it Datadog takes it from the graph",
        ),
        (
            "max:shop.latency{*}",
            "byte 4, `max:shop.latency`: a histogram keeps no greatest and no least value; ask for a high percentile, or record the extreme as a gauge",
        ),
        (
            "max:shop.charge.max{*}",
            "byte 4, `max:shop.charge.max`: a histogram keeps no greatest and no least value; ask for a high percentile, or record the extreme as a gauge",
        ),
        (
            "p99:shop.queue_depth{*}",
            "byte 4, `p99:shop.queue_depth`: a gauge has no `p99:`, only distributions have; use avg, sum, min or max",
        ),
        (
            "default_zero(sum:shop.orders{*} by {a}.as_count())",
            "byte 0, `default_zero(sum:shop.orders{*} by {a}.as_count())`: PromQL cannot make up groups that have no series; leave default_zero out (counters that are declared exist at zero from the start) or remove the grouping",
        ),
        (
            "sum:shop.orders{*} by {a}.as_rate() / sum:shop.errors{*} by {b}.as_rate()",
            "byte 0, `sum:shop.orders{*} by {a}.as_rate() / sum:shop.errors{*} by {b}.as_rate()`: the sides are grouped by {a} and {b}; group both alike, or leave one ungrouped",
        ),
        (
            "ewma_5(avg:shop.queue_depth{*})",
            "byte 0, `ewma_5(avg:shop.queue_depth{*})`: smoothing over points depends on the graph's resolution; use moving_rollup(query, seconds, 'avg')",
        ),
        (
            "avg:shop.queue_depth{*}.fill(linear)",
            "byte 24, `fill(linear)`: Prometheus fills no gaps; for zeros use default_zero(), otherwise leave it out",
        ),
        (
            "moving_rollup(avg:shop.queue_depth{*}, 60, 'sum')",
            "byte 0, `moving_rollup(avg:shop.queue_depth{*}, 60, 'sum')`: a moving sum depends on how many points there are, except of `sum:….as_count()`; use 'avg'",
        ),
        (
            "frobnicate(avg:shop.queue_depth{*})",
            "byte 0, `frobnicate(avg:shop.queue_depth{*})`: this function is not known; leave it out or write the PromQL by hand",
        ),
        ("avg:shop.queue_depth{*", "byte 21, `*`: the scope is not closed by `}`"),
        ("avg:shop.queue_depth{*} avg", "byte 24, `avg`: nothing is expected here; a query ends before this"),
        (
            "(sum:shop.orders{*}).as_rate()",
            "byte 20, `.as_rate()`: a modifier behind a parenthesis; put it behind each query inside",
        ),
        (
            "med:shop.queue_depth{*}",
            "byte 4, `med:shop.queue_depth`: this aggregator is not known; known are avg, sum, min, max, count and percentiles such as p99",
        ),
    ] {
        match translator.query(query) {
            Err(error) => assert_eq!(error.to_string(), expected, "{query}"),
            Ok(translated) => panic!("{query}: {translated:?}"),
        }
    }
}

#[test]
fn deep_nesting_is_refused_instead_of_overflowing() {
    let error = translator().query(&"(".repeat(100_000)).unwrap_err();
    assert_eq!(error.advice, "the query is nested more than 64 deep; split it");
    assert!(translator().query(&"-".repeat(100_000)).is_err());
}

#[test]
fn differences_are_noted() {
    let notes = translator().query("sum:shop.orders{*} by {host}").unwrap().notes;
    assert_eq!(
        notes,
        [
            "the tag `host` is added by the agent; here it is the target's label `instance`",
            "a DogStatsD count without .as_count() is shown per second, as Datadog stores it",
        ]
    );
}

#[test]
fn a_catalogue_is_learned_from_lines() {
    let mut catalogue = Catalogue::new(Mapper::default());
    let errors = catalogue.learn(b"a.b:1|c\na.b:2|c\nbroken\na.t:5|ms\na.b:1|g\n");
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].to_string(), "a.b is declared as c and as g; rename one of them by a mapping rule");
    let translator = Translator::new(catalogue, TranslatorOptions::default());
    assert_eq!(
        translator.query("p50:a.t{*}").unwrap().promql,
        "1000 * histogram_quantile(0.5, sum by (le) (rate(a_t_seconds_bucket[5m])))"
    );
}

#[test]
fn of_two_types_the_first_holds_and_each_conflict_is_told_once() {
    let mut catalogue = Catalogue::new(Mapper::default());
    let errors = catalogue.learn(b"a.b:1|c\na.b:1|g\na.b:2|c\na.b:3|g\n");
    let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["a.b is declared as c and as g; rename one of them by a mapping rule"]);
    let translator = Translator::new(catalogue, TranslatorOptions::default());
    assert_eq!(translator.query("sum:a.b{*}.as_rate()").unwrap().promql, "sum (rate(a_b_total[5m]))");
}

fn mapped(yaml: &str, names: &[&str]) -> (Translator, Vec<String>) {
    let mapper = Mapper::from_yaml("m.yaml", yaml, crate::map::MapperOptions::default()).unwrap();
    let mut catalogue = Catalogue::new(mapper);
    let errors = names.iter().filter_map(|name| catalogue.declare(name, Kind::Count).err());
    let errors = errors.map(|error| error.to_string()).collect();
    (Translator::new(catalogue, TranslatorOptions::default()), errors)
}

#[test]
fn one_metric_of_datadog_that_is_recorded_as_two_is_told() {
    let yaml = "mappings:\n- {match: 'a-b', name: x_total}\n- {match: 'a_b', name: y_total}\n";
    let (translator, errors) = mapped(yaml, &["a-b", "a_b"]);
    assert_eq!(
        errors,
        ["Datadog takes a-b and a_b for one metric, but the mapping records them apart; give both one rule"]
    );
    assert_eq!(translator.query("sum:a-b{*}.as_rate()").unwrap().promql, "sum (rate(x_total[5m]))");
}

#[test]
fn the_labels_that_a_rule_gives_a_metric_are_asked_for() {
    let yaml = "mappings:\n- {match: 'jobs.*.done', name: jobs_total, labels: {queue: '$1'}}\n";
    let (translator, errors) = mapped(yaml, &["jobs.mail.done", "jobs.bills.done"]);
    assert!(errors.is_empty(), "{errors:?}");
    let translated = translator.query("sum:jobs.mail.done{env:prod}.as_rate()").unwrap();
    assert_eq!(translated.promql, "sum (rate(jobs_total{queue=\"mail\",env=\"prod\"}[5m]))");
    assert!(translated.notes.is_empty(), "{:?}", translated.notes);
}

#[test]
fn metrics_that_are_recorded_as_one_are_told() {
    let yaml = "mappings:\n- {match: 'jobs.*', name: jobs_total}\n";
    let (translator, _) = mapped(yaml, &["jobs.mail", "jobs.bills"]);
    let notes = translator.query("sum:jobs.mail{*}.as_rate()").unwrap().notes;
    assert_eq!(
        notes,
        ["jobs.bills, jobs.mail are all recorded as jobs_total: what is asked of jobs.mail is told of all of them"]
    );
}

#[test]
fn a_native_histogram_needs_no_buckets() {
    let mut options = crate::map::MapperOptions::default();
    options.histogram.classic = false;
    options.histogram.native = Some(metrics_core::descriptor::NativeDeclaration::DEFAULT);
    let mut catalogue = Catalogue::new(Mapper::new(options));
    catalogue.declare("d", Kind::Distribution).unwrap();
    let translator = Translator::new(catalogue, TranslatorOptions::default());
    assert_eq!(
        translator.query("p99:d{*} by {a}").unwrap().promql,
        "histogram_quantile(0.99, sum by (a) (rate(d[5m])))"
    );
    assert_eq!(
        translator.query("avg:d{*}").unwrap().promql,
        "(sum (histogram_sum(rate(d[5m]))) / sum (histogram_count(rate(d[5m]))))"
    );
}

#[test]
fn a_monitor_becomes_a_rule_for_each_threshold() {
    let monitor = json!({
        "name": "High queue on {{host.name}}",
        "type": "query alert",
        "query": "avg(last_5m):avg:shop.queue_depth{env:prod} by {host} > 100",
        "message": "{{#is_alert}}Queue is {{value}}, over {{threshold}}.{{/is_alert}}{{#is_warning}}Soon.{{/is_warning}} Host {{host.name}} @pagerduty-shop",
        "tags": ["team:shop", "service:cart"],
        "priority": 2,
        "options": {"thresholds": {"critical": 100, "warning": 80, "critical_recovery": 50}, "notify_no_data": true,
            "no_data_timeframe": 20, "evaluation_delay": 60}
    });
    let translated = translator().monitor(&monitor).unwrap();
    let value = r#"avg_over_time((avg by (instance) (shop_queue_depth{env="prod"} offset 1m))[5m:])"#;
    let rules: Vec<_> = translated.rules.iter().map(|rule| (rule.alert.as_str(), rule.expr.clone())).collect();
    assert_eq!(
        rules,
        [
            ("HighQueueOn", format!("{value} > 100")),
            ("HighQueueOnWarning", format!("{value} > 80")),
            ("HighQueueOnNoData", format!("absent_over_time(({value})[20m:])")),
        ]
    );
    let critical = &translated.rules[0];
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        critical.labels,
        [pair("exported_service", "cart"), pair("priority", "P2"), pair("severity", "critical"), pair("team", "shop"),]
    );
    assert_eq!(
        critical.annotations,
        [
            pair("summary", "High queue on {{ $labels.instance }}"),
            pair("description", "Queue is {{ $value }}, over 100. Host {{ $labels.instance }}"),
        ]
    );
    assert_eq!(translated.rules[1].annotations[1].1, "Soon. Host {{ $labels.instance }}");
    assert!(translated.notes.iter().any(|note| note == "@pagerduty-shop is notified by a route of Alertmanager"));
    assert!(translated.notes.iter().any(|note| note.starts_with("recovery thresholds are dropped")));
}

#[test]
fn counts_are_added_up_over_the_window_before_they_are_divided() {
    let monitor = json!({"name": "errors", "type": "metric alert", "message": "",
        "query": "sum(last_10m):sum:shop.errors{*}.as_count() / sum:shop.orders{*}.as_count() >= 0.05"});
    let translated = translator().monitor(&monitor).unwrap();
    assert_eq!(
        translated.rules[0].expr,
        "sum (increase(shop_errors_total[10m])) / sum (increase(shop_orders_total[10m])) >= 0.05"
    );
    promql_parser::parser::parse(&translated.rules[0].expr).unwrap();
}

#[test]
fn what_is_greatest_at_each_point_is_taken_before_the_mean_over_the_window() {
    let expression = |query: &str| {
        let monitor = json!({"name": "rate", "type": "metric alert", "message": "", "query": query});
        translator().monitor(&monitor).unwrap().rules[0].expr.clone()
    };
    assert_eq!(
        expression("avg(last_5m):max:shop.orders{*} by {env}.as_rate() > 3"),
        "avg_over_time((max by (env) (rate(shop_orders_total[1m])))[5m:]) > 3"
    );
    assert_eq!(
        expression("avg(last_5m):sum:shop.orders{*} by {env}.as_rate() > 3"),
        "sum by (env) (rate(shop_orders_total[5m])) > 3"
    );
}

#[test]
fn monitors_without_counterpart_are_refused_by_field() {
    let translator = translator();
    for (monitor, expected) in [
        (
            json!({"type": "composite", "name": "a", "query": "1 && 2"}),
            "monitor field `type`: combine the expressions of its monitors by hand with `and`, `or` and `unless`",
        ),
        (
            json!({"type": "log alert", "name": "a", "query": "x"}),
            "monitor field `type`: logs and events are not metrics; count them in the service, or alert in Loki",
        ),
        (json!({"type": "query alert", "name": "a"}), "monitor field `query`: it is missing or not a string"),
        (
            json!({"type": "query alert", "name": "a", "query": "pct_change(avg(last_5m),last_1h):avg:shop.queue_depth{*} > 1"}),
            "byte 0, `pct_change(avg(last_5m),last_1h`: changes are not translated; subtract the translated query with `offset` from itself by hand",
        ),
        (
            json!({"type": "query alert", "name": "a", "query": "avg(last_5m):anomalies(avg:shop.queue_depth{*}, 'basic', 2) >= 1"}),
            "byte 13, `anomalies(avg:shop.queue_depth{*}, 'basic', 2) >= 1`: Prometheus has no such model; alert on a ratio to an earlier time (`offset 1w`), on an objective's burn rate, or on predict_linear()",
        ),
        (
            json!({"type": "query alert", "name": "a", "query": "sum(last_5m):avg:shop.queue_depth{*} > 1"}),
            "byte 0, `sum(last_…)`: a sum of points depends on how many there are; only counts with .as_count() can be summed",
        ),
        (
            json!({"type": "query alert", "name": "a", "query": "sum(last_5m):max:shop.orders{*} by {env}.as_count() > 1"}),
            "byte 0, `sum(last_…)`: the sum of what was greatest or least at each point depends on how long a point is; use `sum:` or `avg:` before the metric, or max(…) or min(…) with .as_rate()",
        ),
        (
            json!({"type": "query alert", "name": "a", "query": "percentile(last_5m):avg:shop.queue_depth{*} > 1"}),
            "byte 0, `percentile(last_…)`: only percentiles such as `p99:` without a modifier are taken over a window",
        ),
        (
            json!({"type": "query alert", "name": "a", "query": "avg(last_5m):sum:shop.orders{*}.as_count() > 1"}),
            "byte 0, `avg(last_…)`: the points of a count depend on the agent's flush; use sum(…) or .as_rate()",
        ),
        (
            json!({"type": "query alert", "name": "a", "query": "max(last_5m):count:shop.latency{*} > 1"}),
            "byte 0, `max(last_…)`: the points of a count depend on the agent's flush; use sum(…) or .as_rate()",
        ),
        (
            json!({"type": "query alert", "name": "a", "query": "avg(last_5m):avg:shop.queue_depth{*} > 1", "options": {"thresholds": {"critical": 2}}}),
            "monitor field `options.thresholds.critical`: it is 2, but the query says 1; make them equal",
        ),
    ] {
        assert_eq!(translator.monitor(&monitor).unwrap_err().to_string(), expected);
    }
}
