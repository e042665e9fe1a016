//! What scales: which declared metric, by which query, towards which target?

use metrics_core::MetricType;
use metrics_core::catalogue::{Catalogue, Metric};
use metrics_core::descriptor::{Autoscale, AutoscaleTarget, Combine};

use super::place;
use crate::error::{Result, error};
use crate::promql::Span;
use crate::settings::Environment;

/// One metric that scales its workload.
#[derive(Clone, Debug)]
pub(crate) struct Signal<'a> {
    pub(crate) metric: &'a Metric,
    pub(crate) autoscale: Autoscale,
    /// The name under which the adapter serves it.
    pub(crate) served: String,
    window: Span,
}

/// What the target counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Every replica has a value of its own.
    Pod,
    /// All replicas report one value.
    Fleet,
}

impl<'a> Signal<'a> {
    /// The signals of a catalogue in the order of declaration.
    pub(crate) fn all(catalogue: &'a Catalogue, environment: &Environment) -> Result<Vec<Self>> {
        let declared = catalogue.metrics().filter_map(|metric| Some((metric, metric.autoscale?)));
        declared.map(|(metric, autoscale)| Self::new(metric, autoscale, environment)).collect()
    }

    /// Those of them that scale in this environment.
    pub(crate) fn chosen(catalogue: &'a Catalogue, environment: &Environment) -> Result<Vec<Self>> {
        let mut all = Self::all(catalogue, environment)?;
        let names = &environment.options.signals;
        if let Some(unknown) = names.iter().find(|name| !all.iter().any(|signal| signal.metric.name == **name)) {
            let known: Vec<_> = all.iter().map(|signal| place(signal.metric)).collect();
            return Err(error!("`signals`: `{unknown}` scales nothing; what does: {}", known.join(", ")));
        }
        all.retain(|signal| names.is_empty() || names.contains(&signal.metric.name));
        check_elsewhere(&all, environment)?;
        Ok(all)
    }

    fn new(metric: &'a Metric, autoscale: Autoscale, environment: &Environment) -> Result<Self> {
        check(metric, &autoscale)?;
        let window = match autoscale.over_seconds {
            Some(seconds) => Span::seconds_f64(seconds),
            None => environment.rate_window(),
        };
        let signal = Self { metric, autoscale, served: served_name(metric, &autoscale)?, window };
        signal.check_window(environment)?;
        Ok(signal)
    }

    pub(crate) fn target(&self) -> f64 {
        match self.autoscale.target {
            AutoscaleTarget::PerPod(target)
            | AutoscaleTarget::Shared(target)
            | AutoscaleTarget::PerSecond(target)
            | AutoscaleTarget::Concurrency(target) => target,
        }
    }

    /// The target as a Kubernetes quantity: whole, or in thousandths.
    pub(crate) fn quantity(&self) -> Result<String> {
        let thousandths = self.target() * 1_000.0;
        let whole = thousandths.round();
        let fits = (1.0..9e15).contains(&whole) && (thousandths - whole).abs() <= 1e-6;
        if !fits {
            return Err(error!(
                "{}: the target {} is no positive number of thousandths, which is how Kubernetes counts; round it",
                place(self.metric),
                self.target()
            ));
        }
        let whole = whole as u64;
        Ok(if whole % 1_000 == 0 { (whole / 1_000).to_string() } else { format!("{whole}m") })
    }

    pub(crate) fn unit(&self) -> Unit {
        match self.autoscale.target {
            AutoscaleTarget::Shared(_) => Unit::Fleet,
            _ => Unit::Pod,
        }
    }

    /// The window that the signal looks back, if it does.
    pub(crate) fn window(&self) -> Option<Span> {
        (self.is_rate() || self.autoscale.over_seconds.is_some()).then_some(self.window)
    }

    fn is_rate(&self) -> bool {
        matches!(self.autoscale.target, AutoscaleTarget::PerSecond(_) | AutoscaleTarget::Concurrency(_))
    }

    /// The value of one series: `rate(x{..}[1m])`, `avg_over_time(x{..}[1m])` or `x{..}`.
    fn sample(&self, series: &str) -> String {
        match (self.is_rate(), self.autoscale.over_seconds) {
            (true, _) => format!("rate({series}[{}])", self.window),
            (false, Some(_)) => format!("avg_over_time({series}[{}])", self.window),
            (false, None) => series.to_owned(),
        }
    }

    /// One value for each set of `by`: what the adapter asks. Values that are no number of something are left out,
    /// because the adapter would turn them into 0 and the workload would shrink; what is missing holds it.
    pub(crate) fn per(&self, by: &str, series: &str) -> String {
        let sample = self.sample(series);
        let value = match self.unit() {
            Unit::Pod => format!("{}({sample}) by ({by})", self.combine()),
            Unit::Fleet if self.metric.labels.is_empty() || self.combine() == "max" => {
                format!("max({sample}) by ({by})")
            }
            Unit::Fleet => format!("sum(max({sample}) by ({by}, {})) by ({by})", self.label_names()),
        };
        format!("{value} >= 0 < Inf")
    }

    /// One value for the whole fleet: what KEDA asks, and what a dashboard shows.
    pub(crate) fn total(&self, series: &str) -> String {
        let sample = self.sample(series);
        let value = match (self.unit(), self.combine()) {
            (Unit::Pod, "max") => format!("sum(max by (pod) ({sample}))"),
            (Unit::Pod, _) => format!("sum({sample})"),
            (Unit::Fleet, "sum") if !self.metric.labels.is_empty() => {
                format!("sum(max by ({}) ({sample}))", self.label_names())
            }
            (Unit::Fleet, _) => format!("max({sample})"),
        };
        format!("{value} >= 0 < Inf")
    }

    fn combine(&self) -> &'static str {
        match self.autoscale.combine {
            Some(Combine::Max) => "max",
            Some(Combine::Sum) | None => "sum",
        }
    }

    fn label_names(&self) -> String {
        self.metric.labels.iter().map(|label| &*label.name).collect::<Vec<_>>().join(", ")
    }

    fn check_window(&self, environment: &Environment) -> Result<()> {
        let least = environment.options.interval().times(2);
        match self.autoscale.over_seconds {
            Some(_) if self.window < least => Err(error!(
                "{}: `over` is {}, shorter than two scrapes of {}, so that it averages nothing; give {least} or more",
                place(self.metric),
                self.window,
                environment.options.interval()
            )),
            _ => Ok(()),
        }
    }
}

/// `exported_elsewhere` with a name that scales nothing is a slip of the pen.
fn check_elsewhere(signals: &[Signal<'_>], environment: &Environment) -> Result<()> {
    let scales = |name: &String| signals.iter().any(|signal| signal.metric.name == *name);
    match environment.options.exported_elsewhere.iter().find(|name| !scales(name)) {
        Some(unknown) => {
            let known: Vec<_> = signals.iter().map(|signal| place(signal.metric)).collect();
            Err(error!("`exported_elsewhere`: `{unknown}` scales nothing; what does: {}", known.join(", ")))
        }
        None => Ok(()),
    }
}

/// What the derive macro refuses at compile time is refused here for declarations written by hand.
fn check(metric: &Metric, autoscale: &Autoscale) -> Result<()> {
    let place = place(metric);
    let needed = match autoscale.target {
        AutoscaleTarget::PerPod(_) | AutoscaleTarget::Shared(_) => MetricType::Gauge,
        AutoscaleTarget::PerSecond(_) | AutoscaleTarget::Concurrency(_) => MetricType::Counter,
    };
    if metric.kind == MetricType::Histogram {
        return Err(error!(
            "{place}: a histogram is no scaling target, because a latency does not fall in proportion to replicas; \
             scale on requests in flight or busy seconds"
        ));
    }
    if metric.kind != needed {
        return Err(error!(
            "{place}: `per_pod` and `shared` are for gauges, `per_second` and `concurrency` for counters; \
             change the target's kind"
        ));
    }
    if metric.kind == MetricType::Gauge && metric.unit.as_deref() == Some("seconds") {
        return Err(error!(
            "{place}: a gauge of seconds is no scaling target, because a latency does not fall in proportion to \
             replicas; scale on requests in flight or busy seconds"
        ));
    }
    if !metric.labels.is_empty() && autoscale.combine.is_none() {
        return Err(error!(
            "{place}: it has several series a replica; say `combine = sum` or `combine = max` in autoscale(…)"
        ));
    }
    Ok(())
}

/// A gauge keeps its name, `x_total` becomes `x_per_second`, and `x_seconds_total` of a concurrency `x_concurrency`.
fn served_name(metric: &Metric, autoscale: &Autoscale) -> Result<String> {
    let stem = |suffix: &str| {
        metric
            .name
            .strip_suffix(suffix)
            .ok_or_else(|| error!("{}: the name of such a counter ends with `{suffix}`; rename it", place(metric)))
    };
    match autoscale.target {
        AutoscaleTarget::PerPod(_) | AutoscaleTarget::Shared(_) => Ok(metric.name.clone()),
        AutoscaleTarget::PerSecond(_) => Ok(format!("{}_per_second", stem("_total")?)),
        AutoscaleTarget::Concurrency(_) => Ok(format!("{}_concurrency", stem("_seconds_total")?)),
    }
}

/// The name that the chart's default rules give to a series.
pub(crate) fn default_rule_name(series: &str) -> &str {
    series.strip_suffix("_seconds_total").or_else(|| series.strip_suffix("_total")).unwrap_or(series)
}
