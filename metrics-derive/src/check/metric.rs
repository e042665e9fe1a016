//! Is one metric allowed, as far as can be seen?

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::LitStr;

use super::intent;
use crate::errors::Errors;
use crate::model::metric::{Buckets, Metric, Native};
use crate::rules::{self, MetricType};

/// The token that a metric's name comes from.
pub(super) struct NameToken<'a>(pub(super) &'a Metric);

impl ToTokens for NameToken<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.0.name_literal {
            Some(literal) => literal.to_tokens(tokens),
            None => self.0.ident.to_tokens(tokens),
        }
    }
}

/// Every rule for one metric.
pub(super) fn metric(errors: &Errors, metric: &Metric, name: &str) {
    names(errors, metric, name);
    help(errors, metric, name);
    buckets(errors, metric);
    native(errors, metric);
    only_histograms(errors, metric, name);
    family(errors, metric, name);
    intent::autoscale(errors, metric, name);
    intent::objectives(errors, metric, name);
}

/// The first thing that is wrong with the name, and with the unit: several fixes would contradict one another.
fn names(errors: &Errors, metric: &Metric, name: &str) {
    let unit = metric.unit.as_ref().map(LitStr::value);
    let kind = metric.shape.kind;
    let mut good = errors.rule(&metric.unit, unit.as_deref().and_then(rules::base_unit));
    good &= errors.rule(NameToken(metric), rules::metric_name(name));
    if !good || kind == MetricType::Unknown {
        return;
    }
    if metric.shape.busy {
        errors.rule(NameToken(metric), rules::busy_name(name));
        return;
    }
    if errors.rule(NameToken(metric), rules::type_suffix(kind, name)) {
        match &unit {
            Some(unit) => errors.rule(&metric.unit, rules::unit_suffix(kind, name, unit)),
            None => errors.rule(NameToken(metric), rules::unit_in_name(kind, name)),
        };
    }
}

fn help(errors: &Errors, metric: &Metric, name: &str) {
    let verdict = rules::help(name, &metric.help);
    match &metric.help_literal {
        Some(literal) => errors.rule(literal, verdict),
        None => errors.rule(&metric.ident, verdict),
    };
}

fn buckets(errors: &Errors, metric: &Metric) {
    let classic = metric.classic.as_ref().is_none_or(|classic| classic.value.value);
    let Some(buckets) = &metric.buckets else { return };
    if !classic {
        errors.at(&buckets.key, rules::unused_buckets().as_str());
    }
    let Buckets::List(list, bounds) = &buckets.value else { return };
    // With a constant among them, the compiler has to look.
    let Some(values) = bounds.iter().map(|bound| bound.value).collect::<Option<Vec<f64>>>() else { return };
    if values.is_empty() {
        errors.rule(list, rules::bucket_bounds(&values));
    }
    for (at, bound) in bounds.iter().enumerate() {
        errors.rule(bound, rules::bucket_bound(&values, at));
    }
}

fn native(errors: &Errors, metric: &Metric) {
    let Some(native) = &metric.native else { return };
    let Native { factor, zero_threshold, max_buckets } = &native.value;
    if let Some(factor) = factor {
        errors.rule(factor, factor.value.and_then(|value| rules::native(value, 0.0, 1)));
    }
    if let Some(least) = zero_threshold {
        errors.rule(least, least.value.and_then(|value| rules::native(2.0, value, 1)));
    }
    errors.rule(&native.key, max_buckets.and_then(|most| rules::native(2.0, 0.0, most.into())));
}

/// `buckets`, `native` and `classic` are for histograms, and one kind of buckets has to be left.
fn only_histograms(errors: &Errors, metric: &Metric, name: &str) {
    let keys = [
        metric.buckets.as_ref().map(|buckets| &buckets.key),
        metric.native.as_ref().map(|native| &native.key),
        metric.classic.as_ref().map(|classic| &classic.key),
    ];
    if metric.shape.kind != MetricType::Unknown {
        for key in keys.into_iter().flatten() {
            errors.rule(key, rules::only_histograms(metric.shape.kind, name, &key.to_string()));
        }
    }
    match &metric.classic {
        Some(classic) if !classic.value.value && metric.native.is_none() => {
            errors.at(&classic.key, rules::no_buckets().as_str());
        }
        _ => {}
    }
}

fn family(errors: &Errors, metric: &Metric, name: &str) {
    let alone = metric.shape.alone();
    if let Some(zero_init) = metric.zero_init.as_ref().filter(|_| alone) {
        errors.at(&zero_init.key, rules::unused_zero_init(name).as_str());
    }
    let caps = [
        metric.max_series.as_ref().map(|max_series| &max_series.key),
        metric.max_value_bytes.as_ref().map(|max_value_bytes| &max_value_bytes.key),
    ];
    for key in caps.into_iter().flatten().filter(|_| alone) {
        errors.at(key, rules::unused_cap(&key.to_string(), name).as_str());
    }
    if let Some(max_series) = &metric.max_series {
        errors.rule(&max_series.key, rules::series_cap(name, max_series.value));
    }
}
