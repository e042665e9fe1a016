//! Which tests show that every alert on a state fires when it has lasted long enough, and not before?

use super::Plan;
use super::rule_tests::{MINUTE, expected};
use super::rules::{
    ABSENT, ABSENT_FOR, AT_MAXIMUM, AT_MAXIMUM_FOR, CANNOT_READ, CANNOT_READ_FOR, CURRENT_REPLICAS, Watched, absent,
    at_maximum, cannot_read, needs_state_metrics, watched,
};
use super::scaling::rests_at_zero;
use crate::kubernetes::meta::Map;
use crate::kubernetes::rules::{AlertTest, InputSeries, Rule, Test};
use crate::promql::{Span, quoted};
use crate::settings::Environment;

/// The minute in which the first of the series that are watched is gone.
const FIRST_VANISHES: u64 = 6;

pub(super) fn all(plan: &Plan<'_>) -> Vec<Test> {
    let mut tests: Vec<_> = absent_test(plan.environment, &watched(plan)).into_iter().collect();
    if needs_state_metrics(plan) {
        tests.extend([at_maximum_test(plan.environment), cannot_read_test(plan)]);
        tests.extend(rests_at_zero(plan).then(|| at_zero_test(plan)));
    }
    tests
}

/// The series vanish one after another, a minute apart: each minute one alert more fires, and it is the right one.
fn absent_test(environment: &Environment, all: &[Watched]) -> Option<Test> {
    let vanished = |place: usize| FIRST_VANISHES + place as u64;
    let alert = |place: usize| expected(&absent(environment, &all[place]), &own_labels(&all[place]));
    let fires = ABSENT_FOR.whole_seconds() / 60;
    let at = |minute: u64| AlertTest {
        eval_time: MINUTE.times(minute).to_string(),
        alertname: ABSENT,
        exp_alerts: (0..all.len()).filter(|place| vanished(*place) + fires <= minute).map(alert).collect(),
    };
    let first = FIRST_VANISHES + fires - 1;
    (!all.is_empty()).then(|| Test {
        name: "series that vanish one after another".to_owned(),
        interval: MINUTE.to_string(),
        input_series: all.iter().enumerate().map(|(place, one)| vanishing(one, vanished(place))).collect(),
        alert_rule_test: (first..=first + all.len() as u64).map(at).collect(),
    })
}

/// There until the minute before `minute`, then gone.
fn vanishing(watched: &Watched, minute: u64) -> InputSeries {
    let labels = own_labels(watched);
    let pairs: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={}", quoted(value))).collect();
    InputSeries {
        series: format!("{}{{{}}}", watched.name, pairs.join(",")),
        values: format!("1+0x{} stale", minute - 1),
    }
}

fn own_labels(watched: &Watched) -> Map {
    watched.selector.labels().iter().cloned().collect()
}

fn at_maximum_test(environment: &Environment) -> Test {
    let values = [
        ("kube_horizontalpodautoscaler_status_desired_replicas", "7+0x5 8+0x30"),
        ("kube_horizontalpodautoscaler_spec_max_replicas", "8+0x40"),
    ];
    let input = values.map(|(name, values)| autoscaler_input(environment, name, &[], values));
    let rule = at_maximum(environment);
    state_test(environment, "replicas at maximum", &rule, AT_MAXIMUM, input.into(), AT_MAXIMUM_FOR)
}

fn cannot_read_test(plan: &Plan<'_>) -> Test {
    let environment = plan.environment;
    let replicas = rests_at_zero(plan).then(|| autoscaler_input(environment, CURRENT_REPLICAS, &[], "1+0x40"));
    let input = [inactive(environment)].into_iter().chain(replicas).collect();
    let rule = cannot_read(plan);
    state_test(environment, "metric cannot be read", &rule, CANNOT_READ, input, CANNOT_READ_FOR)
}

/// The workload goes to rest with the sixth minute: its autoscaler is inactive, and nobody is called.
fn at_zero_test(plan: &Plan<'_>) -> Test {
    let replicas = autoscaler_input(plan.environment, CURRENT_REPLICAS, &[], "1+0x5 0+0x30");
    let silent = |minute: u64| AlertTest {
        eval_time: MINUTE.times(minute).to_string(),
        alertname: CANNOT_READ,
        exp_alerts: Vec::new(),
    };
    let fires = 6 + CANNOT_READ_FOR.whole_seconds() / 60;
    Test {
        name: "at rest without a replica".to_owned(),
        interval: MINUTE.to_string(),
        input_series: vec![inactive(plan.environment), replicas],
        alert_rule_test: vec![silent(fires), silent(fires + 10)],
    }
}

/// An autoscaler that is inactive from the sixth minute on.
fn inactive(environment: &Environment) -> InputSeries {
    let labels = [("condition", "ScalingActive"), ("status", "false")];
    autoscaler_input(environment, "kube_horizontalpodautoscaler_status_condition", &labels, "0+0x5 1+0x30")
}

/// A state that begins with the sixth minute.
fn state_test(
    environment: &Environment,
    name: &str,
    rule: &Rule,
    alertname: &'static str,
    input_series: Vec<InputSeries>,
    pending: Span,
) -> Test {
    Test {
        name: name.to_owned(),
        interval: MINUTE.to_string(),
        input_series,
        alert_rule_test: state_tests(rule, alertname, &autoscaler_labels(environment), MINUTE.times(6), pending),
    }
}

/// Silent before the state, silent a minute before it has lasted long enough, firing when it has.
fn state_tests(rule: &Rule, alertname: &'static str, own: &Map, begins: Span, pending: Span) -> Vec<AlertTest> {
    let minutes = |span: Span| span.whole_seconds() / 60;
    let test =
        |minute: u64, exp_alerts| AlertTest { eval_time: MINUTE.times(minute).to_string(), alertname, exp_alerts };
    let fires = minutes(begins) + minutes(pending);
    vec![test(minutes(begins) - 1, Vec::new()), test(fires - 1, Vec::new()), test(fires, vec![expected(rule, own)])]
}

fn autoscaler_labels(environment: &Environment) -> Map {
    let groups = environment.options.group_labels.iter().map(|name| (name.clone(), format!("{name}-1")));
    let own = [
        ("namespace".to_owned(), environment.options.namespace.clone()),
        ("horizontalpodautoscaler".to_owned(), environment.autoscaler_name()),
    ];
    groups.chain(own).collect()
}

fn autoscaler_input(environment: &Environment, name: &str, more: &[(&str, &str)], values: &str) -> InputSeries {
    let own = autoscaler_labels(environment).into_iter();
    let all = own.chain(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let pairs: Vec<_> = all.map(|(name, value)| format!("{name}={}", quoted(&value))).collect();
    InputSeries { series: format!("{name}{{{}}}", pairs.join(",")), values: values.to_owned() }
}
