//! Do the expansions hold where nothing has the name it usually has?

/// The crate under another name.
mod library {
    pub(crate) mod deep {
        pub(crate) use ::metrics_core as telemetry;
    }
}

/// Without a prelude, and with everything that has a usual name being something else.
mod strange {
    #![no_implicit_prelude]
    #![allow(
        dead_code,
        non_camel_case_types,
        non_snake_case,
        non_upper_case_globals,
        reason = "that is what is tested"
    )]

    use crate::library::deep::telemetry::{
        Counter, Family, Gauge, Histogram, LabelSet as Set, LabelValue as Value, Metrics as Struct,
    };

    struct Option;
    struct Result;
    struct Declaration;
    struct Registry;
    struct Descriptor;
    struct LabelSet;
    struct LabelValue;
    struct Metrics;
    struct Metric;
    struct f64;
    struct usize;
    struct u32;
    struct str;
    struct bool;
    struct String;
    trait From {}
    trait FnMut {}
    fn Some() {}
    fn None() {}
    fn Ok() {}
    fn Err() {}
    mod core {}
    mod std {}
    mod metrics_core {}
    mod validate {}
    const PARTS: () = ();
    const LABELS: () = ();
    const BOUNDS: [::core::primitive::f64; 2] = [1.0, 2.0];
    const OBJECTIVES: ::core::primitive::f64 = 0.9;

    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::cmp::PartialEq, Value)]
    #[label(crate = crate::library::deep::telemetry)]
    pub(super) enum Outcome {
        Some,
        None,
        #[label(other)]
        Ok,
    }

    /// What a type parameter of the expansion could be called.
    type V = Outcome;

    #[derive(Set)]
    #[label(crate = crate::library::deep::telemetry)]
    pub(super) struct Inner {
        pub(super) outcome: V,
        pub(super) flag: ::core::option::Option<::core::primitive::bool>,
    }

    #[derive(Set)]
    #[label(crate = crate::library::deep::telemetry)]
    pub(super) struct Labels<'visitor> {
        #[label(nested)]
        pub(super) index: Inner,
        pub(super) visitor: &'visitor ::core::primitive::str,
    }

    #[derive(Struct)]
    #[metrics(prefix = "strange", crate = crate::library::deep::telemetry)]
    pub(super) struct All {
        /// Nested.
        #[metric(nested, prefix = "inner")]
        pub(super) registry: More,
        /// Records.
        #[metric(max_series = 9)]
        pub(super) describe_total: Family<Labels<'static>, Counter>,
        /// Outcomes.
        #[metric(
            zero_init = true,
            objective(ratio = 0.9, label = "outcome", bad = ["none"], window = "1d"),
            autoscale(per_second = 9, combine = max, min = 1, max = 3, scale_down = "1m")
        )]
        pub(super) outcomes_total: Family<Inner, Counter>,
    }

    #[derive(Struct)]
    #[metrics(crate = crate::library::deep::telemetry)]
    pub(super) struct More {
        /// Bounds.
        #[metric(unit = "bytes", buckets = BOUNDS, native(factor = 1.5), objective(ratio = OBJECTIVES, at_most = 1, window = "1d"))]
        pub(super) size_bytes: Histogram,
        /// A gauge.
        #[metric(autoscale(shared = 3, over = "1m"))]
        pub(super) r#type: Gauge,
    }
}

#[test]
fn expansions_name_nothing_that_a_user_could_have_renamed() -> Result<(), metrics_core::Error> {
    use metrics_core::Metrics as _;

    let registry = metrics_core::Registry::new();
    let all = strange::All::register(&registry)?;
    let index = || strange::Inner { outcome: strange::Outcome::from("what"), flag: None };
    all.describe_total.with(&strange::Labels { index: index(), visitor: "v" }).inc();
    all.outcomes_total.with(&index()).inc();
    all.registry.r#type.set(3);
    assert_eq!(registry.sample("strange_describe_total", &[("outcome", "ok"), ("visitor", "v")]), Some(1.0));
    assert_eq!(registry.sample("strange_outcomes_total", &[("outcome", "ok")]), Some(1.0));
    assert_eq!(registry.sample("strange_inner_type", &[]), Some(3.0));
    Ok(())
}

/// Items that a macro of the user makes.
macro_rules! generated {
    ($name:ident, $field:ident, $value:literal, $help:expr, $first:literal, $bounds:expr, $bad:literal) => {
        /// Made by a macro.
        #[derive(metrics_core::Metrics)]
        struct $name {
            /// Named by a macro.
            #[metric(name = $value)]
            $field: $crate::library::deep::telemetry::Counter,
            #[metric(help = $help, buckets = [$first, 2])]
            size: $crate::library::deep::telemetry::Histogram,
            #[metric(help = $help, buckets = $bounds)]
            weight: $crate::library::deep::telemetry::Histogram,
            /// Of flags.
            #[metric(objective(ratio = 0.9, label = "flag", bad = [$bad], window = "1d"))]
            flags_total: metrics_core::Family<Flag, metrics_core::Counter>,
        }
    };
}

#[derive(metrics_core::LabelSet)]
struct Flag {
    flag: bool,
}

generated!(Generated, orders, "orders_total", "Sizes.", 1, [3, 4], "false");

#[test]
fn a_macro_can_make_a_struct_of_metrics() -> Result<(), metrics_core::Error> {
    use metrics_core::Metrics as _;

    let registry = metrics_core::Registry::new();
    let metrics = Generated::register(&registry)?;
    metrics.orders.inc();
    metrics.size.observe(1.0);
    metrics.weight.observe(3.5);
    metrics.flags_total.with(&Flag { flag: true }).inc();
    assert_eq!(registry.sample("orders_total", &[]), Some(1.0));
    assert_eq!(registry.sample("size_bucket", &[("le", "1")]), Some(1.0));
    assert_eq!(registry.sample("weight_bucket", &[("le", "4")]), Some(1.0));
    assert_eq!(registry.sample("flags_total", &[("flag", "true")]), Some(1.0));
    Ok(())
}
