//! Can the metrics of a struct live beside one another?

use super::metric::{self, NameToken};
use crate::errors::Errors;
use crate::model::metric::{Member, Metric};
use crate::model::metrics::Metrics;
use crate::rules::{self, Place};

/// Prefixes, each metric, and each against those before it.
pub(crate) fn metrics(errors: &Errors, metrics: &Metrics) {
    let good = metrics.prefix.as_ref().is_none_or(|prefix| errors.rule(prefix, rules::prefix(&prefix.value())));
    for member in &metrics.members {
        match member {
            // A bad prefix is not told again for each name.
            Member::Metric(metric) if !good => metric::metric(errors, metric, &metric.name),
            Member::Metric(metric) => metric::metric(errors, metric, &metrics.full_name(metric)),
            Member::Nested(nested) => {
                let verdict = nested.prefix.as_ref().and_then(|prefix| rules::prefix(&prefix.value()));
                errors.rule(&nested.prefix, verdict);
            }
        }
    }
    clashes(errors, metrics);
}

fn clashes(errors: &Errors, metrics: &Metrics) {
    let mut known: Vec<(&Metric, String)> = Vec::new();
    for metric in metrics.metrics() {
        let name = metrics.full_name(metric);
        let place = Place::new(metric.shape.kind, "", &name);
        let clash =
            known.iter().find_map(|(first, name)| rules::clash(&Place::new(first.shape.kind, "", name), &place));
        errors.rule(NameToken(metric), clash);
        known.push((metric, name));
    }
}
