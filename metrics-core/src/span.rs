//! Which trace does a record belong to? Exemplars from the current `tracing` span, as OpenTelemetry knows it (feature
//! `tracing`).
//!
//! [`exemplar`] goes where a sampled record asks for an exemplar. The current span has to be one that an
//! OpenTelemetry layer of `tracing-opentelemetry` records, or OpenTelemetry's own current span; one of a trace that is not
//! sampled gives no exemplar, since it would lead nowhere.
//!
//! ```
//! use metrics_core::{Declaration, Histogram, MetricType, Registry, span};
//!
//! let registry = Registry::new();
//! let wait = Declaration::new(MetricType::Histogram, "wait_seconds", "Wait.").with_unit("seconds");
//! let wait: Histogram = registry.register(wait)?;
//! wait.observe_sampled(0.25, span::exemplar);
//! assert_eq!(wait.snapshot().count(), 1);
//! # Ok::<(), metrics_core::Error>(())
//! ```
//!
//! # What it costs
//!
//! Recording stays without a lock: the span is looked for only by the first record of a bucket after each scrape, until one
//! finds it. Where `tracing-opentelemetry` activates contexts, as it does unless told otherwise, that is a look at a
//! thread-local; without, and where there is no trace, its subscriber is asked, which takes a lock of the span's own.

use std::panic::{AssertUnwindSafe, catch_unwind};

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::encode::{Exemplar, Timestamp};

/// The trace and the span that some code runs in, to be told where it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanIds {
    // In bytes, so that it has no alignment to fill.
    trace: [u8; 16],
    span: [u8; 8],
}

impl SpanIds {
    /// Those of the current span; none outside of one, and in a trace that is not sampled.
    pub fn current() -> Option<Self> {
        // Both keep what is current in thread-locals, and panic where a thread that ends has lost them: a record must not.
        catch_unwind(AssertUnwindSafe(|| {
            let activated = Context::map_current(Self::of);
            activated.or_else(|| Self::of(&tracing::Span::current().context()))
        }))
        .ok()
        .flatten()
    }

    fn of(context: &Context) -> Option<Self> {
        let span = context.span();
        let span = span.span_context();
        let sampled = span.is_valid() && span.is_sampled();
        sampled.then(|| Self { trace: span.trace_id().to_bytes(), span: span.span_id().to_bytes() })
    }

    /// The trace's number.
    pub const fn trace_id(&self) -> u128 {
        u128::from_be_bytes(self.trace)
    }

    /// The span's number.
    pub const fn span_id(&self) -> u64 {
        u64::from_be_bytes(self.span)
    }

    /// An exemplar of this span, made now.
    pub fn exemplar(&self, value: f64) -> Exemplar {
        Exemplar::of_trace(value, Timestamp::now(), self.trace_id(), self.span_id())
    }
}

/// An exemplar of the current span; for [`Histogram::observe_sampled`](crate::Histogram::observe_sampled) and
/// [`Counter::add_sampled`](crate::Counter::add_sampled).
pub fn exemplar(value: f64) -> Option<Exemplar> {
    SpanIds::current().map(|span| span.exemplar(value))
}
