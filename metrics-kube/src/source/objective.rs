//! Which objectives are there, and by which queries is their budget watched?

use metrics_core::MetricType;
use metrics_core::catalogue::{Bound, Catalogue, Metric, Objective};

use super::place;
use crate::error::{Result, error};
use crate::promql::{Selector, Span, bound_texts, rounded};
use crate::settings::Environment;

/// One objective of one metric.
#[derive(Clone, Debug)]
pub(crate) struct Slo<'a> {
    /// The value of the label `slo`.
    pub(crate) id: String,
    pub(crate) metric: &'a Metric,
    pub(crate) objective: &'a Objective,
    pub(crate) window: Span,
}

/// How fast a budget may burn before somebody is told: over a long window, and still over a short one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BurnRate {
    pub(crate) long: Span,
    pub(crate) short: Span,
    pub(crate) factor: f64,
    pub(crate) severity: &'static str,
}

/// Of a window of 30 days: 1 h and 5 min, 6 h and 30 min, 1 d and 2 h, 3 d and 6 h.
const BURN_RATES: [(u64, u64, f64, &str); 4] =
    [(720, 8_640, 14.4, "page"), (120, 1_440, 6.0, "page"), (30, 360, 3.0, "ticket"), (10, 120, 1.0, "ticket")];

pub(crate) fn burn_rates(window: Span) -> [BurnRate; 4] {
    BURN_RATES.map(|(long, short, factor, severity)| BurnRate {
        long: window.divided_by(long),
        short: window.divided_by(short),
        factor,
        severity,
    })
}

impl<'a> Slo<'a> {
    /// The objectives of a catalogue in the order of declaration.
    pub(crate) fn all(catalogue: &'a Catalogue, environment: &Environment) -> Result<Vec<Self>> {
        let mut slos: Vec<Self> = Vec::new();
        for metric in catalogue.metrics() {
            for objective in &metric.objectives {
                check(metric, objective, catalogue)?;
                let slo = Self::new(metric, objective, environment, &slos)?;
                slo.check_window(environment)?;
                slos.push(slo);
            }
        }
        Ok(slos)
    }

    fn new(metric: &'a Metric, objective: &'a Objective, environment: &Environment, known: &[Self]) -> Result<Self> {
        let window = environment.options.objective_window.unwrap_or(Span::seconds(objective.window_seconds));
        let plain = plain_id(metric, objective);
        let precise = format!("{plain}_{}", objective.ratio.to_string().replace('.', "_"));
        let free = |id: &String| !known.iter().any(|slo| slo.id == *id);
        let id = [plain.clone(), precise].into_iter().find(free).ok_or_else(|| {
            error!("{}: two objectives have the name `{plain}`; remove one or change its share", place(metric))
        })?;
        Ok(Self { id, metric, objective, window })
    }

    /// The burn rates that can be reached: a budget of 10 % cannot burn 14.4 times too fast.
    pub(crate) fn burn_rates(&self) -> Vec<BurnRate> {
        burn_rates(self.window).into_iter().filter(|rate| self.threshold(rate) < 1.0).collect()
    }

    /// The share of bad events above which this rate is too fast.
    pub(crate) fn threshold(&self, rate: &BurnRate) -> f64 {
        rounded(rate.factor * (1.0 - self.objective.ratio))
    }

    /// The share of bad events in a window, by the labels that identify the workload; nothing while there are no events.
    pub(crate) fn bad_ratio(&self, environment: &Environment, window: Span) -> String {
        let sum = |series: String| format!("sum by ({}) (rate({series}[{window}]))", environment.identity().join(", "));
        let all = self.selector(environment);
        let name = &self.metric.name;
        match &self.objective.bound {
            Bound::AtMost(bound) if self.metric.has_classic_buckets() => {
                let good = all.clone().and_one_of("le", &bound_texts(*bound));
                let (good, count) = (good.of(&format!("{name}_bucket")), all.of(&format!("{name}_count")));
                format!("1 - {} / ({} > 0)", sum(good), sum(count))
            }
            Bound::AtMost(bound) => {
                let rate = sum(all.of(name));
                format!("(1 - histogram_fraction(-Inf, {bound}, {rate})) and (histogram_count({rate}) > 0)")
            }
            Bound::Bad { label, values } => {
                format!("{} / ({} > 0)", sum(all.clone().and_one_of(label, values).of(name)), sum(all.of(name)))
            }
            Bound::Counted { bad_counter, .. } => format!("{} / ({} > 0)", sum(all.of(bad_counter)), sum(all.of(name))),
        }
    }

    /// How many events there were in a window.
    pub(crate) fn events(&self, environment: &Environment, window: Span) -> String {
        let increase = format!("increase({}[{window}])", self.selector(environment).of(&self.events_series()));
        let increase = if self.is_native_only() { format!("histogram_count({increase})") } else { increase };
        format!("sum by ({}) ({increase})", environment.identity().join(", "))
    }

    /// The series that counts all events.
    pub(crate) fn events_series(&self) -> String {
        let suffix = if self.metric.has_classic_buckets() { "_count" } else { "" };
        format!("{}{suffix}", self.metric.name)
    }

    /// Whether only native buckets are there, which older programs know nothing of.
    pub(crate) fn is_native_only(&self) -> bool {
        self.metric.kind == MetricType::Histogram && !self.metric.has_classic_buckets()
    }

    pub(crate) fn selector(&self, environment: &Environment) -> Selector {
        match &self.objective.bound {
            Bound::Counted { label, value, .. } => environment.selector().and_equal(label, value),
            _ => environment.selector(),
        }
    }

    fn check_window(&self, environment: &Environment) -> Result<()> {
        let scrape = environment.options.interval();
        let shortest = burn_rates(self.window)[0].short;
        if shortest >= scrape.times(4) {
            return Ok(());
        }
        Err(error!(
            "{}: of an objective over {} the shortest window is {shortest}, less than four scrapes of {scrape}; \
             take an objective over {} or more, or scrape more often",
            place(self.metric),
            self.window,
            scrape.times(4 * 8_640)
        ))
    }
}

fn plain_id(metric: &Metric, objective: &Objective) -> String {
    match &objective.bound {
        Bound::AtMost(bound) => format!("{}_le_{}", metric.name, bound.to_string().replace(['.', '-'], "_")),
        Bound::Bad { .. } => metric.name.strip_suffix("_total").unwrap_or(&metric.name).to_owned(),
        Bound::Counted { value, .. } => value.clone(),
    }
}

fn check(metric: &Metric, objective: &Objective, catalogue: &Catalogue) -> Result<()> {
    let place = place(metric);
    if !(objective.ratio > 0.0 && objective.ratio < 1.0) {
        return Err(error!(
            "{place}: the share of an objective is {}; it lies between 0 and 1: 0.999",
            objective.ratio
        ));
    }
    let needed = match &objective.bound {
        Bound::AtMost(_) => MetricType::Histogram,
        Bound::Bad { .. } | Bound::Counted { .. } => MetricType::Counter,
    };
    if metric.kind != needed {
        return Err(error!(
            "{place}: a share under a bound is for histograms, a share of good events for counters; change the objective"
        ));
    }
    match &objective.bound {
        Bound::AtMost(bound) => check_bound(metric, *bound),
        Bound::Bad { label, values } => check_values(metric, label, values),
        Bound::Counted { bad_counter, .. } if catalogue.metric(bad_counter).is_none() => Err(error!(
            "{place}: its bad events are counted in `{bad_counter}`, which no catalogue declares; declare it"
        )),
        Bound::Counted { .. } => Ok(()),
    }
}

fn check_bound(metric: &Metric, bound: f64) -> Result<()> {
    let Some(histogram) = &metric.histogram else { return Ok(()) };
    if histogram.bounds.is_empty() || histogram.bounds.contains(&bound) {
        return Ok(());
    }
    let bounds: Vec<_> = histogram.bounds.iter().map(f64::to_string).collect();
    Err(error!("{}: no bucket ends at {bound}; take one of {}, or add it", place(metric), bounds.join(", ")))
}

fn check_values(metric: &Metric, label: &str, values: &[String]) -> Result<()> {
    let Some(declared) = metric.labels.iter().find(|known| known.name == label) else {
        return Err(error!("{}: the objective's label `{label}` is none of its labels; take one", place(metric)));
    };
    let Some(known) = &declared.values else { return Ok(()) };
    match values.iter().find(|value| !known.contains(value)) {
        Some(value) => {
            Err(error!("{}: `{label}` is never `{value}`; it is one of {}", place(metric), known.join(", ")))
        }
        None => Ok(()),
    }
}
