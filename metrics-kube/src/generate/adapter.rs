//! Which rules does prometheus-adapter need?

use metrics_core::catalogue::Metric;

use super::{Artefact, Plan, yaml};
use crate::error::{Result, error};
use crate::kubernetes::adapter::{
    Address, Config, Name, ResourceRule, ResourceRules, Resources, Rule, Values, ValuesRules,
};
use crate::promql::Span;
use crate::settings::{Environment, FleetValues, ResourceRules as ResourceSource};
use crate::source::{Signal, Source, Unit, default_rule_name, place};

/// The chart asks for the list of series once a minute.
const CHART_RELIST: Span = Span::seconds(60);

/// A rule and where it comes from, for errors.
struct Sourced {
    rule: Rule,
    unit: Unit,
    place: String,
}

pub(super) fn write(plan: &Plan<'_>, own: &[Source], others: &[Source], files: &mut Vec<Artefact>) -> Result<()> {
    let rules = merged(plan.environment, own, others)?;
    let resource = plan.environment.options.resource_rules.map(|source| resource_rules(source, plan.environment));
    if rules.is_empty() && resource.is_none() {
        return Ok(());
    }
    let external = plan.environment.options.fleet_values == FleetValues::External;
    let (fleet, pods): (Vec<_>, Vec<_>) = rules.into_iter().partition(|one| external && one.unit == Unit::Fleet);
    let [pods, fleet] = [pods, fleet].map(|rules| rules.into_iter().map(|one| one.rule).collect::<Vec<_>>());
    let config = Config { rules: pods.clone(), external_rules: fleet.clone(), resource_rules: resource.clone() };
    files.push(yaml(plan, "prometheus-adapter.yaml", &remarks(plan.environment), &config)?);
    let values = values(plan.environment, ValuesRules { custom: pods, external: fleet, resource })?;
    files.push(yaml(plan, "prometheus-adapter-values.yaml", &remarks(plan.environment), &values)?);
    Ok(())
}

fn remarks(environment: &Environment) -> Vec<&'static str> {
    let mut lines = vec!["One object a cluster, read only at start: restart the adapter after a change."];
    if environment.options.resource_rules == Some(ResourceSource::Process) {
        lines.push("resourceRules FROM process_*: FOR THE LOOP ON ONE MACHINE. IN A CLUSTER THEY MUST NOT BE USED:");
        lines.push("they hide every pod without these series from `kubectl top` and from all cpu autoscalers.");
    }
    lines
}

/// The rules of all catalogues: equal ones once, in the order of their names.
fn merged(environment: &Environment, own: &[Source], others: &[Source]) -> Result<Vec<Sourced>> {
    let mut rules: Vec<Sourced> = Vec::new();
    for source in own.iter().chain(others) {
        for signal in Signal::all(&source.catalogue, environment)? {
            let one = sourced(&signal, source, environment);
            match rules.iter().find(|known| known.rule.name.served == one.rule.name.served) {
                Some(known) if known.rule != one.rule => return Err(unequal(known, &one)),
                Some(_) => {}
                None => rules.push(one),
            }
        }
    }
    for source in own.iter().chain(others) {
        source.catalogue.metrics().try_for_each(|metric| shadowed(&rules, metric, source))?;
    }
    rules.sort_by(|one, other| one.rule.name.served.cmp(&other.rule.name.served));
    Ok(rules)
}

fn sourced(signal: &Signal<'_>, source: &Source, environment: &Environment) -> Sourced {
    let name = &signal.metric.name;
    let series = "<<.Series>>{<<.LabelMatchers>>}";
    let external = environment.options.fleet_values == FleetValues::External;
    let (resources, metrics_query) = match signal.unit() {
        Unit::Pod => {
            let both = Resources::new([("namespace", "namespace"), ("pod", "pod")]);
            (both, signal.per("<<.GroupBy>>", series))
        }
        Unit::Fleet if external => (Resources::new([("namespace", "namespace")]), signal.total(series)),
        Unit::Fleet => (Resources::new([("namespace", "namespace")]), signal.per("<<.GroupBy>>", series)),
    };
    let rule = Rule {
        series_query: format!("{name}{{namespace!=\"\",pod!=\"\"}}"),
        resources,
        name: Name { matches: format!("^{name}$"), served: signal.served.clone() },
        metrics_query,
    };
    Sourced { rule, unit: signal.unit(), place: format!("{} in {}", place(signal.metric), source.name) }
}

fn unequal(known: &Sourced, other: &Sourced) -> crate::Error {
    error!(
        "{} and {} are both served as `{}`, by different queries: `{}` and `{}`; the adapter would use the last one. \
         Rename one, or declare both alike",
        known.place, other.place, known.rule.name.served, known.rule.metrics_query, other.rule.metrics_query
    )
}

/// Refuses a name that the chart's default rules give to another series: which of the two answers is then a matter of
/// order.
fn shadowed(rules: &[Sourced], metric: &Metric, source: &Source) -> Result<()> {
    let default = default_rule_name(&metric.name);
    let own_series = format!("^{}$", metric.name);
    let clash = rules.iter().find(|one| one.rule.name.served == default && one.rule.name.matches != own_series);
    match clash {
        Some(one) => Err(error!(
            "{} is served as `{default}`, which is also the name that the default rules of the adapter's chart give to \
             {} in {}; rename one",
            one.place,
            place(metric),
            source.name
        )),
        None => Ok(()),
    }
}

fn values(environment: &Environment, rules: ValuesRules) -> Result<Values> {
    let options = &environment.options;
    let mut extra_arguments = vec!["--prometheus-verb=POST".to_owned()];
    extra_arguments.extend(options.tenant_header.as_ref().map(|header| format!("--prometheus-header={header}")));
    Ok(Values {
        prometheus: options.prometheus.as_deref().map(address).transpose()?,
        metrics_relist_interval: (options.interval() > CHART_RELIST).then(|| options.interval().to_string()),
        extra_arguments,
        rules,
    })
}

/// The chart wants scheme and host, port, and path apart.
fn address(url: &str) -> Result<Address> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let default = if scheme == "https" { "443" } else { "80" };
    let (host, port) = host.rsplit_once(':').unwrap_or((host, default));
    let port = port.parse().map_err(|_| error!("`prometheus` is `{url}`; its port is a number up to 65535"))?;
    let path = if path.is_empty() { String::new() } else { format!("/{path}") };
    Ok(Address { url: format!("{scheme}://{host}"), port, path })
}

fn resource_rules(source: ResourceSource, environment: &Environment) -> ResourceRules {
    let window = environment.rate_window();
    let (cpu, memory, containers, node) = match source {
        ResourceSource::Cadvisor => (
            "container_cpu_usage_seconds_total",
            "container_memory_working_set_bytes",
            "container!=\"\",pod!=\"\"",
            "id=\"/\"",
        ),
        ResourceSource::Process => {
            ("process_cpu_seconds_total", "process_resident_memory_bytes", "pod!=\"\"", "node!=\"\"")
        }
    };
    let query = |series: &str, only: &str, rate: bool| {
        let series = format!("{series}{{<<.LabelMatchers>>,{only}}}");
        let value = if rate { format!("rate({series}[{window}])") } else { series };
        format!("sum({value}) by (<<.GroupBy>>)")
    };
    let rule = |series: &str, rate: bool| ResourceRule {
        container_query: query(series, containers, rate),
        node_query: query(series, node, rate),
        resources: Resources::new([("namespace", "namespace"), ("node", "node"), ("pod", "pod")]),
        container_label: "container",
    };
    ResourceRules { cpu: rule(cpu, true), memory: rule(memory, false), window: window.to_string() }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_is_taken_apart() {
        let parts = |url| address(url).map(|one| (one.url, one.port, one.path)).unwrap();
        assert_eq!(
            parts("http://prometheus.monitoring:9090"),
            ("http://prometheus.monitoring".into(), 9090, "".into())
        );
        assert_eq!(
            parts("https://mimir.example/prometheus"),
            ("https://mimir.example".into(), 443, "/prometheus".into())
        );
        assert_eq!(
            address("http://a:port").unwrap_err().to_string(),
            "`prometheus` is `http://a:port`; its port is a number up to 65535"
        );
    }
}
