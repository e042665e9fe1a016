//! Can the fleet be scaled by this metric, and can an objective be about it, as far as can be seen?

use syn::LitStr;

use crate::errors::Errors;
use crate::model::intent::{Autoscale, Bound, Objective};
use crate::model::metric::Metric;
use crate::rules::{self, MetricType};

pub(super) fn autoscale(errors: &Errors, metric: &Metric, name: &str) {
    let Some(autoscale) = &metric.autoscale else { return };
    let Autoscale { key, signal, signal_key, target, combine, over, min, max, scale_down } = autoscale;
    errors.rule(target, target.value.and_then(|target| rules::scale_target(*signal, target)));
    let kind = metric.shape.kind;
    if kind == MetricType::Unknown {
        return;
    }
    let unit = metric.unit.as_ref().map(LitStr::value);
    if !errors.rule(signal_key, rules::scale_kind(kind, name, unit.as_deref(), *signal)) {
        return;
    }
    let zero_init = metric.zero_init.as_ref().is_none_or(|zero_init| zero_init.value.value);
    errors.rule(key, rules::scale_combine(name, metric.shape.family, combine.is_some(), zero_init));
    let over = over.as_ref().map(|over| over.seconds());
    errors.rule(key, rules::scale_behaviour(kind, over, *min, *max, *scale_down));
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
