//! How far are both numbers apart, and how far may they be?

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use metrics_bridge::line::Kind;
use metrics_bridge::map::{Mapper, Mapping, Plan, PlannedMetric, Source, clean_labels};
use metrics_bridge::translate::Translator;

use crate::agent::{Agent, Metric};
use crate::prometheus::{Prometheus, SCRAPE_SECONDS};

const PERCENTILES: [u32; 5] = [50, 75, 90, 95, 99];
/// The sketch's relative error.
const SKETCH_ERROR: f64 = 0.01;
/// Five standard errors of the sketch that counts a set's members.
const SET_ERROR: f64 = 0.08;

/// The table.
pub(crate) struct Report {
    rows: Vec<Row>,
}

struct Row {
    metric: String,
    query: String,
    datadog: f64,
    prometheus: Option<f64>,
    bound: f64,
}

impl Row {
    fn difference(&self) -> f64 {
        self.prometheus.map_or(f64::INFINITY, |prometheus| (prometheus - self.datadog).abs())
    }

    /// Without a bound nothing was compared, so that is no agreement.
    fn agrees(&self) -> bool {
        // Both are sums of floats; the order in which they are added is not the same.
        self.bound.is_finite() && self.difference() <= self.bound.max(self.datadog.abs() * 1e-12)
    }

    fn verdict(&self) -> &'static str {
        match (self.bound.is_finite(), self.agrees()) {
            (false, _) => "  BEYOND THE LAST BUCKET: give the mapping rule larger buckets",
            (true, true) => "",
            (true, false) => "  DIFFERS",
        }
    }
}

impl Report {
    /// Whether every difference is within its bound.
    pub(crate) fn agrees(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(Row::agrees)
    }
}

/// The recorded totals of everything that is counted, by the series that it has here.
pub(crate) fn totals(
    agent: &Agent,
    mapper: &Mapper,
    prometheus: &Prometheus,
) -> Result<BTreeMap<String, f64>, Box<dyn Error>> {
    check_told_apart(agent.metrics().map(|(name, kind, _)| (name, kind)), mapper)?;
    let mut totals = BTreeMap::new();
    for (name, kind, _) in agent.metrics() {
        if let Some(series) = plan(mapper, name, kind).and_then(|plan| counted(&plan)) {
            let total = prometheus.ask(&format!("sum({series})"))?.unwrap_or(0.0);
            totals.insert(series, total);
        }
    }
    Ok(totals)
}

fn plan(mapper: &Mapper, name: &str, kind: Kind) -> Option<Plan> {
    match mapper.map(Source::of_line(name, kind)) {
        Mapping::Recorded(plan) => Some(plan),
        _ => None,
    }
}

/// The series that count records: those with the labels that the rule gives.
fn counted(plan: &Plan) -> Option<String> {
    let labels = clean_labels(std::iter::empty(), &plan.labels, plan.honor_labels);
    let labels: Vec<_> = labels.iter().map(|(label, value)| format!("{label}={value:?}")).collect();
    let name = match plan.metric {
        PlannedMetric::Counter => plan.name.clone(),
        PlannedMetric::Gauge => return None,
        PlannedMetric::Histogram { .. } => format!("{}_count", plan.name),
    };
    Some(if labels.is_empty() { name } else { format!("{name}{{{}}}", labels.join(",")) })
}

/// A name and the labels that a rule gives.
type Series = (String, Vec<(String, String)>);

/// Of two metrics that are recorded in the same series, neither can be compared.
fn check_told_apart<'a>(metrics: impl Iterator<Item = (&'a str, Kind)>, mapper: &Mapper) -> Result<(), String> {
    let mut names: BTreeMap<Series, &str> = BTreeMap::new();
    for (name, kind) in metrics {
        let Some(plan) = plan(mapper, name, kind) else { continue };
        let series = plan.name.clone();
        if let Some(other) = names.insert((plan.name, plan.labels), name).filter(|other| *other != name) {
            return Err(format!(
                "{other} and {name} are both recorded as {series}, so neither can be compared: give them different names or \
                 labels in the mapping, or leave one of them out of the lines"
            ));
        }
    }
    Ok(())
}

/// What the rows are made of.
struct Comparison<'a> {
    translator: &'a Translator,
    prometheus: &'a Prometheus,
    before: &'a BTreeMap<String, f64>,
    /// How many seconds are looked at.
    window: f64,
    /// By how much a rate may be off because it is extrapolated from the first and last scrape to the window's ends.
    extrapolation: f64,
    rows: Vec<Row>,
}

/// One row for each metric and aggregate.
pub(crate) fn compare(
    agent: &Agent,
    mapper: &Mapper,
    translator: &Translator,
    prometheus: &Prometheus,
    before: &BTreeMap<String, f64>,
    window_seconds: u64,
) -> Result<Report, Box<dyn Error>> {
    let window = window_seconds as f64;
    let extrapolation = 2.0 * SCRAPE_SECONDS / (window - 2.0 * SCRAPE_SECONDS);
    let mut comparison = Comparison { translator, prometheus, before, window, extrapolation, rows: Vec::new() };
    for (name, kind, metric) in agent.metrics() {
        let Some(plan) = plan(mapper, name, kind) else { continue };
        match kind {
            Kind::Count => comparison.count(name, metric, &plan)?,
            Kind::Gauge => comparison.translated(name, "avg", "", metric.gauge_mean(), 0.0)?,
            Kind::Set => {
                let distinct = metric.distinct();
                comparison.translated(name, "avg", "", distinct, (distinct * SET_ERROR).max(1.0))?;
            }
            Kind::Timer | Kind::Histogram | Kind::Distribution => comparison.observed(name, metric, &plan)?,
        }
    }
    Ok(Report { rows: comparison.rows })
}

impl Comparison<'_> {
    fn count(&mut self, name: &str, metric: &Metric, plan: &Plan) -> Result<(), Box<dyn Error>> {
        self.exact_count(name, metric, plan)?;
        let count = metric.count();
        self.translated(name, "sum", ".as_count()", count, count * self.extrapolation)?;
        // The mean of the agent's rates, each of which is a bucket's count over its 10 s, over the same window.
        let rate = count / self.window;
        self.translated(name, "sum", ".as_rate()", rate, rate * self.extrapolation)
    }

    /// By how much the total rose, which no extrapolation touches.
    fn exact_count(&mut self, name: &str, metric: &Metric, plan: &Plan) -> Result<(), Box<dyn Error>> {
        let Some(series) = counted(plan) else { return Ok(()) };
        let before = self.before.get(&series).copied().unwrap_or(0.0);
        let now = self.prometheus.ask(&format!("sum({series})"))?;
        let prometheus = now.map(|now| now - before);
        let query = format!("rise of sum({series})");
        self.rows.push(Row { metric: name.to_owned(), query, datadog: metric.count(), prometheus, bound: 0.0 });
        Ok(())
    }

    fn observed(&mut self, name: &str, metric: &Metric, plan: &Plan) -> Result<(), Box<dyn Error>> {
        self.exact_count(name, metric, plan)?;
        let mean = metric.mean();
        self.translated(name, "avg", "", mean, mean.abs() * 1e-6)?;
        for percent in PERCENTILES {
            let quantile = f64::from(percent) / 100.0;
            let Some(value) = metric.quantile(quantile) else { continue };
            let bound = value.abs() * SKETCH_ERROR + bucket_width(plan, value) + metric.spread(quantile);
            self.translated(name, &format!("p{percent}"), "", value, bound)?;
        }
        Ok(())
    }

    fn translated(
        &mut self,
        name: &str,
        aggregator: &str,
        modifier: &str,
        datadog: f64,
        bound: f64,
    ) -> Result<(), Box<dyn Error>> {
        let query = format!("{aggregator}:{name}{{*}}{modifier}");
        let prometheus = self.prometheus.ask(&self.translator.query(&query)?.promql)?;
        self.rows.push(Row { metric: name.to_owned(), query, datadog, prometheus, bound });
        Ok(())
    }
}

/// The width of the widest bucket within the sketch's error of a value, in the unit in which it was sent.
fn bucket_width(plan: &Plan, value: f64) -> f64 {
    let PlannedMetric::Histogram { buckets, .. } = &plan.metric else { return 0.0 };
    let width = |value: f64| {
        let above = buckets.partition_point(|bound| *bound < value * plan.scale);
        let lower = above.checked_sub(1).map_or(0.0, |below| buckets[below]);
        // Beyond the last bound nothing is known.
        buckets.get(above).map_or(f64::INFINITY, |upper| upper - lower) / plan.scale
    };
    width(value * (1.0 - SKETCH_ERROR)).max(width(value * (1.0 + SKETCH_ERROR)))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<20} {:<40} {:>14} {:>14} {:>12} {:>12}",
            "metric", "query", "Datadog", "Prometheus", "difference", "bound"
        )?;
        for row in &self.rows {
            let prometheus = row.prometheus.map_or("none".to_owned(), |value| format!("{value:.4}"));
            let verdict = row.verdict();
            writeln!(
                f,
                "{:<20} {:<40} {:>14.4} {prometheus:>14} {:>12.4} {:>12.4}{verdict}",
                row.metric,
                row.query,
                row.datadog,
                row.difference(),
                row.bound,
            )?;
        }
        let differing = self.rows.iter().filter(|row| !row.agrees()).count();
        writeln!(f, "{} numbers compared, {differing} differ by more than their bound", self.rows.len())
    }
}

#[cfg(test)]
mod tests {
    use metrics_bridge::line::Kind;
    use metrics_bridge::map::{Mapper, MapperOptions};

    use super::{Row, check_told_apart, counted, plan};

    fn row(prometheus: f64, bound: f64) -> Row {
        Row { metric: "m".to_owned(), query: "q".to_owned(), datadog: 10.0, prometheus: Some(prometheus), bound }
    }

    #[test]
    fn a_percentile_beyond_the_last_bucket_is_no_agreement() {
        assert_eq!(row(10.5, 1.0).verdict(), "");
        assert_eq!(row(12.5, 1.0).verdict(), "  DIFFERS");
        assert!(row(10.0, f64::INFINITY).verdict().starts_with("  BEYOND THE LAST BUCKET"));
        assert!(!row(10.0, f64::INFINITY).agrees());
    }

    fn mapper(rule: &str) -> Mapper {
        let yaml = format!("mappings:\n- {{match: 'jobs.*', name: jobs_total{rule}}}\n");
        Mapper::from_yaml("m.yaml", &yaml, MapperOptions::default()).unwrap()
    }

    #[test]
    fn two_metrics_in_one_series_are_not_compared_and_their_names_are_told() {
        let metrics = || [("jobs.bills", Kind::Count), ("jobs.mail", Kind::Count)].into_iter();
        assert_eq!(
            check_told_apart(metrics(), &mapper("")).unwrap_err(),
            "jobs.bills and jobs.mail are both recorded as jobs_total, so neither can be compared: give them different \
             names or labels in the mapping, or leave one of them out of the lines"
        );
        assert_eq!(check_told_apart(metrics(), &mapper(", labels: {queue: '$1'}")), Ok(()));
    }

    #[test]
    fn what_a_rule_tells_apart_by_labels_is_counted_by_them() {
        let counted_of = |rule| counted(&plan(&mapper(rule), "jobs.mail", Kind::Count).unwrap());
        assert_eq!(counted_of(", labels: {queue: '$1'}").as_deref(), Some("jobs_total{queue=\"mail\"}"));
        assert_eq!(counted_of("").as_deref(), Some("jobs_total"));
    }
}
