//! Which rules does Prometheus evaluate: recordings, alerts on objectives, alerts on what scales?

use super::scaling::rests_at_zero;
use super::{Artefact, Plan, yaml};
use crate::error::Result;
use crate::kubernetes::meta::{Map, Object, Spec};
use crate::kubernetes::rules::{Rule, RuleFile, RuleGroup};
use crate::promql::{Selector, Span, quoted, rounded};
use crate::settings::Environment;
use crate::source::{BurnRate, Slo};

pub(super) const BURN: &str = "ErrorBudgetBurn";
pub(super) const ABSENT: &str = "MetricAbsent";
pub(super) const AT_MAXIMUM: &str = "ReplicasAtMaximum";
pub(super) const CANNOT_READ: &str = "AutoscalerCannotReadMetric";

/// How long each state must last before it alerts.
pub(super) const ABSENT_FOR: Span = Span::seconds(600);
pub(super) const AT_MAXIMUM_FOR: Span = Span::seconds(900);
pub(super) const CANNOT_READ_FOR: Span = Span::seconds(300);

pub(super) fn write(plan: &Plan<'_>, files: &mut Vec<Artefact>) -> Result<()> {
    let file = rule_file(plan);
    if file.groups.is_empty() {
        return Ok(());
    }
    let notes = unreachable(plan);
    let mut remarks: Vec<&str> = notes.iter().map(String::as_str).collect();
    if needs_state_metrics(plan) {
        remarks.push("The alerts on replicas need kube-state-metrics; `kube_state_metrics: false` leaves them out.");
    }
    files.push(yaml(plan, "prometheus-rules.yaml", &remarks, &file)?);
    let object = Object::new("monitoring.coreos.com/v1", "PrometheusRule", plan.environment, Spec { spec: file });
    files.push(yaml(plan, "prometheusrule.yaml", &remarks, &object)?);
    Ok(())
}

fn rule_file(plan: &Plan<'_>) -> RuleFile {
    let mut groups: Vec<_> = plan.slos.iter().map(|slo| slo_group(plan.environment, slo)).collect();
    let mut rules: Vec<_> = watched(plan).iter().map(|series| absent(plan.environment, series)).collect();
    if needs_state_metrics(plan) {
        rules.extend([at_maximum(plan.environment), cannot_read(plan)]);
    }
    if !rules.is_empty() {
        groups.push(RuleGroup {
            name: format!("{}-scaling", plan.environment.options.workload),
            interval: None,
            rules,
        });
    }
    RuleFile { groups }
}

pub(super) fn needs_state_metrics(plan: &Plan<'_>) -> bool {
    plan.scales() && plan.environment.options.kube_state_metrics
}

/// The recordings first, because the alerts of the same evaluation read them.
fn slo_group(environment: &Environment, slo: &Slo<'_>) -> RuleGroup {
    let rates = slo.burn_rates();
    let mut windows: Vec<_> = rates.iter().flat_map(|rate| [rate.short, rate.long]).collect();
    windows.sort();
    windows.dedup();
    let recordings = windows.iter().map(|window| Rule::Recording {
        record: recorded(*window),
        expr: slo.bad_ratio(environment, *window),
        labels: Map::from([("slo".to_owned(), slo.id.clone())]),
    });
    let alerts = rates.iter().map(|rate| burn(environment, slo, rate));
    RuleGroup {
        name: format!("{}-slo-{}", environment.options.workload, slo.id),
        interval: windows.first().map(|shortest| evaluation_interval(environment, *shortest).to_string()),
        rules: recordings.chain(alerts).collect(),
    }
}

/// A tenth of the shortest window, but not faster than samples come and not slower than a minute.
fn evaluation_interval(environment: &Environment, shortest: Span) -> Span {
    let longest = Span::seconds(60).max(environment.options.interval());
    shortest.divided_by(10).clamp(environment.options.interval(), longest)
}

fn recorded(window: Span) -> String {
    format!("slo:bad_ratio:rate{window}")
}

pub(super) fn burn(environment: &Environment, slo: &Slo<'_>, rate: &BurnRate) -> Rule {
    let threshold = slo.threshold(rate);
    let identity = environment.identity();
    let selector = environment.identity_selector().and_equal("slo", &slo.id);
    let above = |window| format!("{} > {threshold}", selector.of(&recorded(window)));
    let enough = format!("{} >= {}", slo.events(environment, rate.long), environment.options.minimum_events);
    let pace =
        if rate.factor > 1.0 { format!("more than {} times as fast as", rate.factor) } else { "faster than".into() };
    let summary = format!("{} spends the error budget of {} {pace} it lasts.", environment.options.workload, slo.id);
    let description = format!(
        "More than {} % of the events of the last {} and of the last {} were bad; over {} the objective allows {} %.",
        rounded(threshold * 100.0),
        rate.long,
        rate.short,
        slo.window,
        rounded((1.0 - slo.objective.ratio) * 100.0)
    );
    Rule::Alert {
        alert: BURN,
        expr: format!("{} and {} and on ({}) {enough}", above(rate.long), above(rate.short), identity.join(", ")),
        pending: None,
        labels: labels(rate.severity, [("slo", slo.id.clone()), ("window", rate.long.to_string())]),
        annotations: annotations(summary, description),
    }
}

/// A series that scales or that an objective counts: without it the replicas stand still, or nobody is told.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Watched {
    pub(super) name: String,
    pub(super) selector: Selector,
}

/// Where the workload may rest at no replica, only what something else exports must always be there.
pub(super) fn watched(plan: &Plan<'_>) -> Vec<Watched> {
    let environment = plan.environment;
    let at_zero = rests_at_zero(plan);
    let there = |name: &String| !at_zero || environment.is_elsewhere(name);
    let signals = plan.signals.iter().filter(|signal| there(&signal.metric.name)).map(|signal| {
        let name = &signal.metric.name;
        Watched { name: name.clone(), selector: environment.selector_of(name) }
    });
    let slos = plan.slos.iter().filter(|_| !at_zero);
    let objectives = slos.map(|slo| Watched { name: slo.events_series(), selector: slo.selector(environment) });
    let mut all: Vec<Watched> = Vec::new();
    for one in signals.chain(objectives) {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

pub(super) fn absent(environment: &Environment, watched: &Watched) -> Rule {
    let workload = &environment.options.workload;
    let summary = match environment.is_elsewhere(&watched.name) {
        true => format!("Nothing exports {}, by which {workload} scales.", watched.name),
        false => format!("No replica of {workload} exports {}.", watched.name),
    };
    let description = format!(
        "For {ABSENT_FOR} Prometheus has had no series {}. The autoscaler holds the replicas, or an objective is not watched.",
        watched.selector.of(&watched.name).replace("{{", "{ {")
    );
    Rule::Alert {
        alert: ABSENT,
        expr: format!("absent({})", watched.selector.of(&watched.name)),
        pending: Some(ABSENT_FOR.to_string()),
        labels: labels("ticket", [("metric", watched.name.clone())]),
        annotations: annotations(summary, description),
    }
}

/// The labels that tell one autoscaler from another.
fn autoscaler_identity(environment: &Environment) -> String {
    let groups = environment.options.group_labels.iter().map(String::as_str);
    groups.chain(["namespace", "horizontalpodautoscaler"]).collect::<Vec<_>>().join(", ")
}

fn autoscaler_series(environment: &Environment, name: &str, also: &str) -> String {
    let options = &environment.options;
    format!(
        "max by ({}) ({name}{{namespace={},horizontalpodautoscaler={}{also}}})",
        autoscaler_identity(environment),
        quoted(&options.namespace),
        quoted(&environment.autoscaler_name())
    )
}

pub(super) fn at_maximum(environment: &Environment) -> Rule {
    let workload = &environment.options.workload;
    let series = |name| autoscaler_series(environment, name, "");
    Rule::Alert {
        alert: AT_MAXIMUM,
        expr: format!(
            "{} >= {}",
            series("kube_horizontalpodautoscaler_status_desired_replicas"),
            series("kube_horizontalpodautoscaler_spec_max_replicas")
        ),
        pending: Some(AT_MAXIMUM_FOR.to_string()),
        labels: labels("ticket", []),
        annotations: annotations(
            format!("{workload} has as many replicas as it may have."),
            format!(
                "For {AT_MAXIMUM_FOR} its autoscaler has wished for its greatest number. More load makes it slower."
            ),
        ),
    }
}

pub(super) const CURRENT_REPLICAS: &str = "kube_horizontalpodautoscaler_status_current_replicas";

/// At no replica an autoscaler is not active either, and that is as it should be.
pub(super) fn cannot_read(plan: &Plan<'_>) -> Rule {
    let environment = plan.environment;
    let at_zero = match rests_at_zero(plan) {
        true => format!(
            " unless on ({}) {} == 0",
            autoscaler_identity(environment),
            autoscaler_series(environment, CURRENT_REPLICAS, "")
        ),
        false => String::new(),
    };
    let workload = &environment.options.workload;
    let condition = ",condition=\"ScalingActive\",status=\"false\"";
    let series = autoscaler_series(environment, "kube_horizontalpodautoscaler_status_condition", condition);
    Rule::Alert {
        alert: CANNOT_READ,
        expr: format!("{series} == 1{at_zero}"),
        pending: Some(CANNOT_READ_FOR.to_string()),
        labels: labels("page", []),
        annotations: annotations(
            format!("The autoscaler of {workload} cannot read its metric."),
            "The replicas stand still. `kubectl describe hpa` names the metric and the reason.".to_owned(),
        ),
    }
}

fn labels<const N: usize>(severity: &str, more: [(&str, String); N]) -> Map {
    let more = more.into_iter().map(|(name, value)| (name.to_owned(), value));
    more.chain([("severity".to_owned(), severity.to_owned())]).collect()
}

fn annotations(summary: String, description: String) -> Map {
    Map::from([("summary".to_owned(), summary), ("description".to_owned(), description)])
}

/// Alerts that could never fire are not written; their absence is explained.
fn unreachable(plan: &Plan<'_>) -> Vec<String> {
    let missing = |slo: &Slo<'_>| {
        let budget = rounded((1.0 - slo.objective.ratio) * 100.0);
        let all = crate::source::burn_rates(slo.window);
        let left_out = all.into_iter().filter(|rate| slo.threshold(rate) >= 1.0);
        let line = |rate: BurnRate| {
            format!(
                "{}: no alert over {}, because {budget} % cannot burn {} times too fast.",
                slo.id, rate.long, rate.factor
            )
        };
        left_out.map(line).collect::<Vec<_>>()
    };
    plan.slos.iter().flat_map(missing).collect()
}
