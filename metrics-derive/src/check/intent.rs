//! Can the fleet be scaled by this metric, and can an objective be about it, as far as can be seen?

use syn::LitStr;

use crate::attr::Given;
use crate::errors::Errors;
use crate::model::intent::{Autoscale, Bound, Objective};
use crate::model::metric::Metric;
use crate::rules::{self, MetricType};

pub(super) fn autoscale(errors: &Errors, metric: &Metric, name: &str) {
    let Some(autoscale) = &metric.autoscale else { return };
    let Autoscale { key, signal, signal_key, target, combine, .. } = autoscale;
    errors.rule(target, target.value.and_then(|target| rules::scale_target(*signal, target)));
    behaviour(errors, autoscale, metric.shape.kind);
    if let Some(given) = &metric.zero_init {
        errors.rule(&given.key, rules::scale_zero_init(name, given.value.value));
    }
    if metric.shape.kind != MetricType::Unknown {
        let unit = metric.unit.as_ref().map(LitStr::value);
        errors.rule(signal_key, rules::scale_kind(metric.shape.kind, name, unit.as_deref(), *signal));
        errors.rule(key, rules::scale_combine(name, metric.shape.family, combine.is_some()));
    }
}

fn behaviour(errors: &Errors, autoscale: &Autoscale, kind: MetricType) {
    let Autoscale { over, min, max, scale_down, .. } = autoscale;
    let seconds = over.as_ref().map(|over| over.value.seconds());
    if let (Some(over), Some(seconds)) = (over, seconds) {
        // Of what cannot be seen, assume the only type that it is for; the compiler will look again.
        let kind = if kind == MetricType::Unknown { MetricType::Gauge } else { kind };
        errors.rule(&over.key, rules::scale_over(kind, seconds));
    }
    if let Some(given) = scale_down {
        errors.rule(&given.key, rules::scale_down(seconds, given.value));
    }
    let value = |given: &Option<Given<u32>>| given.as_ref().map(|given| given.value);
    let key = max.as_ref().or(min.as_ref()).map(|given| &given.key);
    errors.rule(key, rules::scale_replicas(value(min), value(max)));
}

pub(super) fn objectives(errors: &Errors, metric: &Metric, name: &str) {
    for objective in &metric.objectives {
        self::objective(errors, metric, name, objective);
    }
}

fn objective(errors: &Errors, metric: &Metric, name: &str, objective: &Objective) {
    errors.rule(&objective.ratio, objective.ratio.value.and_then(rules::objective_ratio));
    errors.rule(&objective.window.literal, rules::objective_window(objective.window_seconds));
    let at_most = matches!(objective.bound, Bound::AtMost(_));
    if metric.shape.kind != MetricType::Unknown {
        errors.rule(&objective.key, rules::objective_kind(metric.shape.kind, name, at_most));
    }
    if let Bound::Bad { label, bad } = &objective.bound {
        let values = bad.iter().map(LitStr::value).collect::<Vec<_>>();
        errors.rule(label, rules::bad_values(&values.iter().map(String::as_str).collect::<Vec<_>>()));
    }
}
