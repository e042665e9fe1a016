//! Do the lints that users turn on leave the expansions alone? Clippy's are asked by `cargo clippy --all-targets`.

#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications, unused_results, elided_lifetimes_in_paths)]
#![deny(missing_debug_implementations, missing_copy_implementations, single_use_lifetimes, trivial_casts)]
#![deny(trivial_numeric_casts, unused_lifetimes, variant_size_differences, let_underscore_drop, deprecated)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(clippy::absolute_paths, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::question_mark_used)]
#![deny(clippy::missing_inline_in_public_items, clippy::shadow_reuse, clippy::shadow_same, clippy::shadow_unrelated)]
#![deny(clippy::single_char_lifetime_names, clippy::default_numeric_fallback, clippy::min_ident_chars)]
#![deny(
    clippy::std_instead_of_core,
    clippy::implicit_return,
    clippy::str_to_string,
    clippy::panic,
    clippy::unwrap_used
)]

/// What a library of a strict user exports.
pub mod strict {
    use metrics_core::{Counter, Family, Gauge, Histogram, LabelSet, LabelValue, Metrics};

    /// How it went.
    #[derive(Clone, Copy, Debug, LabelValue)]
    #[non_exhaustive]
    pub enum Outcome {
        /// Well.
        Paid,
        /// Not any more.
        #[deprecated = "nobody does it"]
        Lost,
        /// Somehow.
        #[label(other)]
        Other,
    }

    /// Labels.
    #[derive(Clone, Debug, LabelSet)]
    #[non_exhaustive]
    pub struct Labels<'text> {
        /// Nested.
        #[label(nested)]
        pub inner: Inner,
        /// Dynamic.
        pub route: &'text str,
        /// Not told.
        #[label(skip)]
        pub note: u8,
    }

    /// More labels.
    #[derive(Clone, Copy, Debug, LabelSet)]
    #[non_exhaustive]
    pub struct Inner {
        /// How it went.
        pub outcome: Outcome,
    }

    /// None.
    #[derive(Clone, Copy, Debug, LabelSet)]
    #[non_exhaustive]
    pub struct Nothing;

    /// Metrics.
    #[derive(Clone, Debug, Metrics)]
    #[metrics(prefix = "strict")]
    #[non_exhaustive]
    pub struct All {
        /// Orders.
        #[metric(max_series = 5)]
        pub orders_total: Family<Labels<'static>, Counter>,
        /// Sizes.
        #[metric(buckets = [1, 2.5], native, objective(ratio = 0.5, at_most = 1, window = "1h"))]
        pub size: Histogram,
        /// More.
        #[metric(nested)]
        pub more: More,
    }

    /// More metrics.
    #[derive(Clone, Debug, Metrics)]
    #[non_exhaustive]
    pub struct More {
        /// Depth.
        #[metric(autoscale(shared = 3, combine = max))]
        pub depth: Family<Inner, Gauge>,
    }

    /// None.
    #[derive(Clone, Copy, Debug, Metrics)]
    #[non_exhaustive]
    pub struct Silent {}
}
