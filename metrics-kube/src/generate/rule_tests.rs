//! Which tests show that every alert on an objective fires just above its threshold, and not just below?

use metrics_core::catalogue::Bound;

use super::rules::{BURN, burn};
use super::state_tests;
use super::{Artefact, Plan, yaml};
use crate::error::Result;
use crate::kubernetes::meta::Map;
use crate::kubernetes::rules::{AlertTest, ExpectedAlert, InputSeries, Rule, Test, TestFile};
use crate::promql::{Span, bound_texts, quoted, rounded};
use crate::settings::Environment;
use crate::source::{BurnRate, Slo};

/// How far above and below a threshold a test stands.
pub(super) const MARGIN: f64 = 0.01;
/// How many samples of the shortest window, and how many such windows a test runs.
const SAMPLES_A_WINDOW: u64 = 5;
const WINDOWS: u64 = 3;
const STEPS: u64 = SAMPLES_A_WINDOW * WINDOWS;
pub(super) const MINUTE: Span = Span::seconds(60);

/// Objectives and states stand in two files because promtool evaluates all tests of a file equally often.
pub(super) fn write(plan: &Plan<'_>, files: &mut Vec<Artefact>) -> Result<()> {
    let (native, classic): (Vec<_>, Vec<_>) = plan.slos.iter().partition(|slo| slo.is_native_only());
    push_objectives(plan, "objectives", "", &classic, files)?;
    push_objectives(plan, "native", "promtool 2.55 or later: ", &native, files)?;
    push(plan, "states", "", MINUTE, state_tests::all(plan), files)
}

fn push_objectives(
    plan: &Plan<'_>,
    what: &str,
    remark: &str,
    slos: &[&Slo<'_>],
    files: &mut Vec<Artefact>,
) -> Result<()> {
    let tests = slos.iter().flat_map(|slo| slo_tests(plan.environment, slo)).collect();
    let shortest = slos.iter().map(|slo| step(slo)).min().unwrap_or(MINUTE);
    push(plan, what, remark, shortest, tests, files)
}

pub(super) fn push(
    plan: &Plan<'_>,
    what: &str,
    remark: &str,
    every: Span,
    tests: Vec<Test>,
    files: &mut Vec<Artefact>,
) -> Result<()> {
    if tests.is_empty() {
        return Ok(());
    }
    let name = format!("prometheus-rules.{what}.test.yaml");
    let rule_files = vec!["prometheus-rules.yaml".to_owned()];
    let file = TestFile { rule_files, evaluation_interval: every.to_string(), tests };
    files.push(yaml(plan, &name, &[&format!("{remark}promtool test rules {name}")], &file)?);
    Ok(())
}

/// For each pair of windows a share of bad events just above and just below; then too few events; then recovery.
fn slo_tests(environment: &Environment, slo: &Slo<'_>) -> Vec<Test> {
    let rates = slo.burn_rates();
    let mut tests = Vec::new();
    for rate in &rates {
        let threshold = slo.threshold(rate);
        let above = (threshold * (1.0 + MARGIN)).min((threshold + 1.0) / 2.0);
        tests.extend(spellings(slo).into_iter().map(|spelling| {
            share_test(environment, slo, &format!("just above {threshold}"), spelling, many(environment), above)
        }));
        let below = threshold * (1.0 - MARGIN);
        let spelling = spellings(slo).remove(0);
        tests.push(share_test(
            environment,
            slo,
            &format!("just below {threshold}"),
            spelling,
            many(environment),
            below,
        ));
    }
    let least = f64::from(environment.options.minimum_events) / STEPS as f64;
    for (name, events) in [("just enough events", least * (1.0 + MARGIN)), ("too few events", least * (1.0 - MARGIN))] {
        if environment.options.minimum_events > 0 {
            tests.push(share_test(environment, slo, name, spellings(slo).remove(0), events, 1.0));
        }
    }
    tests.extend(rates.first().map(|rate| recovery_test(environment, slo, rate)));
    tests
}

/// So many events a step that their number is no question.
fn many(environment: &Environment) -> f64 {
    f64::from(environment.options.minimum_events.max(100)) * 10.0
}

/// The spellings that a histogram's bound has as a label, one test each; otherwise one empty one.
pub(super) fn spellings(slo: &Slo<'_>) -> Vec<String> {
    match slo.objective.bound {
        Bound::AtMost(bound) if !slo.is_native_only() => bound_texts(bound),
        _ => vec![String::new()],
    }
}

fn step(slo: &Slo<'_>) -> Span {
    let shortest = slo.burn_rates().iter().map(|rate| rate.short).min().unwrap_or(MINUTE);
    shortest.divided_by(SAMPLES_A_WINDOW)
}

/// A constant share of bad events from the start: every window sees the same one.
fn share_test(environment: &Environment, slo: &Slo<'_>, name: &str, spelling: String, events: f64, share: f64) -> Test {
    let enough = events * STEPS as f64 >= f64::from(environment.options.minimum_events);
    let firing = slo.burn_rates().into_iter().filter(|rate| enough && share > slo.threshold(rate));
    let phases = [Phase { steps: STEPS, bad: events * share, good: events * (1.0 - share) }];
    let bound = if spelling.is_empty() { String::new() } else { format!(", le=\"{spelling}\"") };
    let moment = Moment::after(slo, &phases);
    slo_test(environment, slo, &format!("{name}{bound}"), &spelling, &moment, &phases, firing.collect())
}

/// Nothing but bad events, then nothing but good ones for twice the shortest window: that pair is silent again though its
/// long window still holds the bad events. The other pairs' short windows hold the whole test.
fn recovery_test(environment: &Environment, slo: &Slo<'_>, fastest: &BurnRate) -> Test {
    let events = many(environment);
    let good_steps = 2 * SAMPLES_A_WINDOW + 2;
    let bad = Phase { steps: STEPS, bad: events, good: 0.0 };
    let good = Phase { steps: good_steps, bad: 0.0, good: events };
    let share = STEPS as f64 / (STEPS + good_steps) as f64;
    let others = slo.burn_rates().into_iter().filter(|rate| rate.short > fastest.short);
    let firing = others.filter(|rate| share > slo.threshold(rate)).collect();
    let spelling = spellings(slo).remove(0);
    let phases = [bad, good];
    slo_test(environment, slo, "recovered", &spelling, &Moment::after(slo, &phases), &phases, firing)
}

/// Events a step, for some steps.
pub(super) struct Phase {
    pub(super) steps: u64,
    pub(super) bad: f64,
    pub(super) good: f64,
}

/// How far apart a test's samples are, where its counters start, and when it asks.
pub(super) struct Moment {
    pub(super) interval: Span,
    pub(super) base: f64,
    pub(super) end: Span,
}

impl Moment {
    /// With the last sample of counters that started at zero.
    fn after(slo: &Slo<'_>, phases: &[Phase]) -> Self {
        let steps = phases.iter().map(|phase| phase.steps).sum();
        Self { interval: step(slo), base: 0.0, end: step(slo).times(steps) }
    }
}

pub(super) fn slo_test(
    environment: &Environment,
    slo: &Slo<'_>,
    name: &str,
    spelling: &str,
    moment: &Moment,
    phases: &[Phase],
    firing: Vec<BurnRate>,
) -> Test {
    let own: Map = environment.series_labels().into_iter().filter(|(name, _)| name != "container").collect();
    let expected = firing.iter().map(|rate| expected(&burn(environment, slo, rate), &own)).collect();
    Test {
        name: format!("{}: {name}", slo.id),
        interval: moment.interval.to_string(),
        input_series: slo_series(environment, slo, spelling, moment.base, phases),
        alert_rule_test: vec![AlertTest { eval_time: moment.end.to_string(), alertname: BURN, exp_alerts: expected }],
    }
}

fn slo_series(
    environment: &Environment,
    slo: &Slo<'_>,
    spelling: &str,
    base: f64,
    phases: &[Phase],
) -> Vec<InputSeries> {
    let name = &slo.metric.name;
    let series = |name: &str, more: &[(&str, &str)], amount: &dyn Fn(&Phase) -> f64| InputSeries {
        series: series(environment, name, more),
        values: rising(base, phases, amount),
    };
    let all = |phase: &Phase| phase.bad + phase.good;
    match &slo.objective.bound {
        Bound::AtMost(bound) if slo.is_native_only() => {
            vec![InputSeries { series: self::series(environment, name, &[]), values: native(base, phases, *bound) }]
        }
        Bound::AtMost(_) => vec![
            series(&format!("{name}_bucket"), &[("le", spelling)], &|phase| phase.good),
            series(&format!("{name}_count"), &[], &all),
        ],
        Bound::Bad { label, values } => {
            let bad = values.first().map_or("", String::as_str);
            vec![
                series(name, &[(label, bad)], &|phase| phase.bad),
                series(name, &[(label, "of_another_kind")], &|phase| phase.good),
            ]
        }
        Bound::Counted { bad_counter, label, value } => {
            vec![series(bad_counter, &[(label, value)], &|phase| phase.bad), series(name, &[(label, value)], &all)]
        }
    }
}

/// `0 10+10x14 150+0x11`: a counter that starts somewhere and rises evenly within each phase.
fn rising(base: f64, phases: &[Phase], amount: &dyn Fn(&Phase) -> f64) -> String {
    let mut parts = vec![base.to_string()];
    let mut total = base;
    for phase in phases {
        let step = rounded(amount(phase));
        parts.push(format!("{}+{step}x{}", rounded(total + step), phase.steps - 1));
        total += step * phase.steps as f64;
    }
    parts.join(" ")
}

/// The same for a native histogram: good events are zeros, bad ones fall into one bucket above the bound.
fn native(base: f64, phases: &[Phase], bound: f64) -> String {
    let bucket = bound.max(f64::MIN_POSITIVE).log2().ceil() as i64 + 1;
    let histogram = |bad: f64, good: f64| {
        let (bad, good, count) = (rounded(bad), rounded(good), rounded(bad + good));
        format!(
            "{{{{schema:0 count:{count} sum:{bad} z_bucket:{good} z_bucket_w:0.000000001 offset:{bucket} buckets:[{bad}]}}}}"
        )
    };
    let (mut bad, mut good) = (base, base);
    let mut parts = vec![histogram(bad, good)];
    for phase in phases {
        let first = histogram(bad + phase.bad, good + phase.good);
        parts.push(format!("{first}+{}x{}", histogram(phase.bad, phase.good), phase.steps - 1));
        bad += phase.bad * phase.steps as f64;
        good += phase.good * phase.steps as f64;
    }
    parts.join(" ")
}

fn series(environment: &Environment, name: &str, more: &[(&str, &str)]) -> String {
    let own = environment.series_labels();
    let own = own.iter().map(|(name, value)| (&**name, &**value));
    let pairs: Vec<_> =
        own.chain(more.iter().copied()).map(|(name, value)| format!("{name}={}", quoted(value))).collect();
    format!("{name}{{{}}}", pairs.join(","))
}

/// What the rule's alert looks like, given the labels of its expression.
pub(super) fn expected(rule: &Rule, own: &Map) -> ExpectedAlert {
    let Rule::Alert { labels, annotations, .. } = rule else { unreachable!("only alerts are expected to fire") };
    let mut exp_labels = own.clone();
    exp_labels.extend(labels.clone());
    ExpectedAlert { exp_labels, exp_annotations: annotations.clone() }
}
