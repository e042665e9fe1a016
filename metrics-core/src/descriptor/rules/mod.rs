//! What is allowed in a declaration? Rules over plain values, each a `const fn` that says what is wrong and what would
//! be right.
//!
//! This folder is compiled twice: into metrics-core, where [`super::validate`] applies it to constants and at
//! registration, and into metrics-derive, which applies it to what can be seen in the source. So it names nothing but
//! `core` and the module that includes it, which has to have a `MetricType`.

#![allow(dead_code, unused_imports, reason = "each of the two crates uses most of it")]

mod bucket;
mod label;
mod message;
mod name;
mod objective;
mod scale;
mod unit;

pub(crate) use bucket::{bucket_bound, bucket_bounds, native, no_buckets, only_histograms, unused_buckets};
pub(crate) use label::{
    label_name, label_of_states, label_space, label_value, labels_differ, series_cap, unused_cap, unused_zero_init,
    values_differ,
};
pub(crate) use message::Message;
pub(crate) use name::{Place, clash, far, help, metric_name, prefix, type_suffix, utf8_name};
pub(crate) use objective::{
    bad_values, objective_bound_listed, objective_kind, objective_ratio, objective_values, objective_window,
};
pub(crate) use scale::{
    Signal, scale_combine, scale_down, scale_kind, scale_over, scale_replicas, scale_target, scale_zero_init,
};
pub(crate) use unit::{base_unit, busy_name, unit_in_name, unit_suffix};

/// What a rule finds: nothing, or what is wrong and what would be right.
pub(crate) type Verdict = Option<Message>;
