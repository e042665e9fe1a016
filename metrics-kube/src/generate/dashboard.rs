//! What does the dashboard show? A row a struct, one on objectives, one on scaling.

use metrics_core::MetricType;
use metrics_core::catalogue::{Group, Label, Metric};
use serde::Serialize;
use serde_json::json;

use super::panel::{Dashboard, Panel, Query, datasource_variable, label_variable, layout};
use super::{Artefact, Plan, head, yaml};
use crate::error::{Result, error};
use crate::kubernetes::meta::{Map, Object};
use crate::promql::{Selector, quoted};
use crate::settings::Environment;
use crate::source::{Signal, Slo, Unit};

/// Labels by which a failed request is known, in the order of preference, and the matcher that finds it.
const FAILURES: [(&str, &str); 5] = [
    ("error_type", "error_type!~\"|cancelled\""),
    ("http_response_status_code", "http_response_status_code=~\"5..\""),
    ("status", "status=~\"5..\""),
    ("status_code", "status_code=~\"5..\""),
    ("code", "code=~\"5..\""),
];

/// Labels that name a route: known only at run time, but few.
const ROUTES: [&str; 4] = ["http_route", "route", "endpoint", "handler"];

/// Grafana's longest identifier.
const LONGEST_UID: usize = 40;

#[derive(Serialize)]
struct Data {
    data: Map,
}

pub(super) fn write(plan: &Plan<'_>, files: &mut Vec<Artefact>) -> Result<()> {
    let json = serde_json::to_string_pretty(&dashboard(plan))
        .map_err(|cause| error!("dashboard.json cannot be written: {cause}"))?;
    let content = format!("{json}\n");
    let data = Map::from([(format!("{}.json", plan.environment.options.workload), content.clone())]);
    let object = Object::new("v1", "ConfigMap", plan.environment, Data { data })
        .named(format!("{}-dashboard", plan.environment.options.workload))
        .with_label("grafana_dashboard", "1");
    files.push(Artefact { name: "dashboard.json".to_owned(), content });
    let remark = "The same dashboard in the form that the sidecar of Grafana's chart looks for.";
    files.push(yaml(plan, "dashboard-configmap.yaml", &[remark], &object)?);
    Ok(())
}

fn dashboard(plan: &Plan<'_>) -> Dashboard {
    let options = &plan.environment.options;
    let uid: String = format!("{}-{}", options.namespace, options.workload).chars().take(LONGEST_UID).collect();
    let mut rows = vec![("Scaling".to_owned(), scaling(plan)), ("Objectives".to_owned(), objectives(plan))];
    rows.extend(
        plan.catalogue.groups().iter().map(|group| (group.name.clone(), group_panels(plan.environment, group))),
    );
    Dashboard {
        uid,
        title: options.workload.clone(),
        description: head(plan).join(" "),
        tags: vec!["metrics-kube".to_owned()],
        schema_version: 39,
        editable: false,
        refresh: "30s",
        time: json!({"from": "now-1h", "to": "now"}),
        templating: json!({"list": variables(plan.environment)}),
        panels: layout(rows),
    }
}

/// A variable for every label that identifies the workload, each narrowed by those before it.
fn variables(environment: &Environment) -> Vec<serde_json::Value> {
    let own = environment.selector();
    let mut list = vec![datasource_variable()];
    let mut before: Vec<String> = Vec::new();
    for name in environment.identity() {
        let value = own.labels().iter().find(|(own, _)| own == name).map(|(_, value)| &**value);
        list.push(label_variable(name, &format!("label_values(up{{{}}}, {name})", before.join(",")), value));
        before.push(by_variable(name, value.is_none()));
    }
    list
}

fn by_variable(name: &str, several: bool) -> String {
    if several { format!("{name}=~\"${name}\"") } else { format!("{name}=\"${name}\"") }
}

/// A metric's series, as chosen by the variables: what something else exports has neither the workload's job nor its
/// container.
fn chosen_of(environment: &Environment, metric: &str) -> Selector {
    if !environment.is_elsewhere(metric) {
        return chosen(environment);
    }
    let groups = environment.options.group_labels.iter();
    let selector = groups.fold(Selector::default(), |all, name| all.and(&by_variable(name, true)));
    selector.and(&by_variable("namespace", false))
}

/// The workload's series, as chosen by the variables.
fn chosen(environment: &Environment) -> Selector {
    let own = environment.selector();
    let is_own = |name: &str| own.labels().iter().any(|(own, _)| own == name);
    let identity = environment.identity();
    let selector = identity.iter().fold(Selector::default(), |all, name| all.and(&by_variable(name, !is_own(name))));
    match &environment.options.container {
        Some(container) => selector.and(&format!("container={}", quoted(container))),
        None => selector,
    }
}

fn scaling(plan: &Plan<'_>) -> Vec<Panel> {
    if !plan.scales() {
        return Vec::new();
    }
    let up = format!("count({} == 1)", chosen(plan.environment).of("up"));
    let mut panels: Vec<_> = plan.signals.iter().map(|signal| signal_panel(signal, plan.environment, &up)).collect();
    let mut queries = vec![Query::new(&*up, "running")];
    if plan.environment.options.kube_state_metrics {
        let own =
            format!("namespace=\"$namespace\",horizontalpodautoscaler={}", quoted(&plan.environment.autoscaler_name()));
        let wish = |what: &str| format!("max(kube_horizontalpodautoscaler_{what}_replicas{{{own}}})");
        queries.push(Query::new(wish("status_desired"), "wanted"));
        queries.push(Query::new(wish("spec_max"), "at most"));
    }
    let description = "Replicas that Prometheus reaches, beside what the autoscaler wants.".to_owned();
    panels.push(Panel { title: "Replicas".to_owned(), description, unit: "none", queries });
    panels
}

fn signal_panel(signal: &Signal<'_>, environment: &Environment, up: &str) -> Panel {
    let series = chosen_of(environment, &signal.metric.name).of(&signal.metric.name);
    let value = match signal.unit() {
        Unit::Pod => Query::new(signal.per("pod", &series), "{{pod}}"),
        Unit::Fleet => Query::new(format!("({}) / {up}", signal.total(&series)), "a replica's share"),
    };
    Panel {
        title: format!("{} against its target", signal.served),
        description: signal.metric.help.clone(),
        unit: "none",
        queries: vec![value, Query::new(format!("vector({})", signal.target()), "target")],
    }
}

fn objectives(plan: &Plan<'_>) -> Vec<Panel> {
    plan.slos.iter().map(|slo| objective_panel(slo, plan.environment)).collect()
}

fn objective_panel(slo: &Slo<'_>, environment: &Environment) -> Panel {
    let identity = environment.identity();
    let own = environment.selector();
    let is_own = |name: &str| own.labels().iter().any(|(own, _)| own == name);
    let selector = identity.iter().fold(Selector::default(), |all, name| all.and(&by_variable(name, !is_own(name))));
    let selector = selector.and_equal("slo", &slo.id);
    let recorded = slo.burn_rates().into_iter().map(|rate| {
        Query::new(selector.of(&format!("slo:bad_ratio:rate{}", rate.long)), format!("bad, over {}", rate.long))
    });
    let budget = crate::promql::rounded(1.0 - slo.objective.ratio);
    Panel {
        title: format!("{}: share of bad events", slo.id),
        description: slo.metric.help.clone(),
        unit: "percentunit",
        queries: recorded.chain([Query::new(format!("vector({budget})"), "allowed")]).collect(),
    }
}

fn group_panels(environment: &Environment, group: &Group) -> Vec<Panel> {
    group.metrics.iter().flat_map(|metric| metric_panels(environment, metric)).collect()
}

fn metric_panels(environment: &Environment, metric: &Metric) -> Vec<Panel> {
    let series = |suffix: &str| chosen_of(environment, &metric.name).of(&format!("{}{suffix}", metric.name));
    match metric.kind {
        MetricType::Histogram => histogram_panels(environment, metric),
        MetricType::Counter => {
            vec![plain(metric, rate_unit(metric), &format!("rate({}[$__rate_interval])", series("")))]
        }
        MetricType::Gauge if is_moment(metric) => vec![moment(metric, &series(""))],
        MetricType::Gauge | MetricType::Unknown | MetricType::StateSet => {
            vec![plain(metric, unit(metric), &series(""))]
        }
        MetricType::Info | MetricType::Summary => Vec::new(),
    }
}

/// Whether a gauge tells when something happened, in seconds since 1970.
fn is_moment(metric: &Metric) -> bool {
    ["_timestamp_seconds", "_start_time_seconds"].iter().any(|end| metric.name.ends_with(end))
}

/// How long ago it was, of the replica where it was last: moments add up to nothing.
fn moment(metric: &Metric, series: &str) -> Panel {
    let query = Query::new(format!("time() - max({series})"), "ago");
    Panel { title: metric.name.clone(), description: metric.help.clone(), unit: "s", queries: vec![query] }
}

/// One query, added up over replicas and over labels whose values are known only at run time.
fn plain(metric: &Metric, unit: &'static str, value: &str) -> Panel {
    let by: Vec<_> = metric.labels.iter().filter(|label| label.values.is_some() || is_route(label)).collect();
    let names: Vec<_> = by.iter().map(|label| &*label.name).collect();
    let aggregate = if is_shared(metric) { "max" } else { "sum" };
    let query = match names.is_empty() {
        true => Query::new(format!("{aggregate}({value})"), metric.name.clone()),
        false => Query::new(format!("{aggregate} by ({}) ({value})", names.join(", ")), legend(&names)),
    };
    Panel { title: metric.name.clone(), description: metric.help.clone(), unit, queries: vec![query] }
}

fn is_shared(metric: &Metric) -> bool {
    use metrics_core::descriptor::AutoscaleTarget::Shared;
    metric.autoscale.is_some_and(|autoscale| matches!(autoscale.target, Shared(_)))
}

/// Rate, errors where a label tells them, duration: the three questions to anything that serves requests.
fn histogram_panels(environment: &Environment, metric: &Metric) -> Vec<Panel> {
    let rate = |matcher: Option<&str>| event_rate(environment, metric, matcher);
    let by: Vec<_> = metric.labels.iter().filter(|label| is_route(label)).map(|label| &*label.name).collect();
    let events = match by.is_empty() {
        true => Query::new(format!("sum({})", rate(None)), "all"),
        false => Query::new(format!("sum by ({}) ({})", by.join(", "), rate(None)), legend(&by)),
    };
    let panel = |what: &str, unit, queries| Panel {
        title: format!("{}: {what}", metric.name),
        description: metric.help.clone(),
        unit,
        queries,
    };
    let mut panels = vec![panel("rate", "cps", vec![events])];
    let failure = FAILURES.iter().find(|(name, _)| metric.labels.iter().any(|label| label.name == *name));
    panels.extend(failure.map(|(_, matcher)| {
        // Before the first failure there may be no series that tells of one.
        let share = format!("(sum({}) or vector(0)) / (sum({}) > 0)", rate(Some(matcher)), rate(None));
        panel("share of errors", "percentunit", vec![Query::new(share, "errors")])
    }));
    panels.push(panel("quantiles", unit(metric), quantiles(environment, metric)));
    panels
}

fn event_rate(environment: &Environment, metric: &Metric, matcher: Option<&str>) -> String {
    let selector = chosen(environment);
    let selector = matcher.iter().fold(selector, |all, matcher| all.and(matcher));
    match metric.has_classic_buckets() {
        true => format!("rate({}[$__rate_interval])", selector.of(&format!("{}_count", metric.name))),
        false => format!("histogram_count(rate({}[$__rate_interval]))", selector.of(&metric.name)),
    }
}

fn quantiles(environment: &Environment, metric: &Metric) -> Vec<Query> {
    let selector = chosen(environment);
    let buckets = match metric.has_classic_buckets() {
        true => format!("sum by (le) (rate({}[$__rate_interval]))", selector.of(&format!("{}_bucket", metric.name))),
        false => format!("sum(rate({}[$__rate_interval]))", selector.of(&metric.name)),
    };
    let quantile = |q: f64| Query::new(format!("histogram_quantile({q}, {buckets})"), format!("p{}", q * 100.0));
    [0.5, 0.95, 0.99].map(quantile).into()
}

fn is_route(label: &Label) -> bool {
    ROUTES.contains(&&*label.name)
}

fn legend(names: &[&str]) -> String {
    names.iter().map(|name| format!("{{{{{name}}}}}")).collect::<Vec<_>>().join(" ")
}

/// Grafana's name of a unit.
fn unit(metric: &Metric) -> &'static str {
    match metric.unit.as_deref() {
        Some("seconds") => "s",
        Some("bytes") => "bytes",
        Some("ratio") => "percentunit",
        Some("celsius") => "celsius",
        Some("volts") => "volt",
        Some("amperes") => "amp",
        Some("joules") => "joule",
        Some("meters") => "lengthm",
        Some("grams") => "massg",
        _ => "none",
    }
}

/// The unit of what a counter counts, a second.
fn rate_unit(metric: &Metric) -> &'static str {
    match metric.unit.as_deref() {
        Some("bytes") => "Bps",
        Some("seconds") => "none",
        _ => "cps",
    }
}
