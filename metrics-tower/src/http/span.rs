//! Which trace does a request belong to?

use metrics_core::encode::Exemplar;
use metrics_core::span::SpanIds;

use super::config::HttpMetrics;

/// The span in which a response's head came.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RequestSpan(Option<SpanIds>);

impl RequestSpan {
    pub(crate) fn current() -> Self {
        Self(SpanIds::current())
    }

    pub(crate) fn exemplar(self, value: f64) -> Option<Exemplar> {
        self.0.map(|span| span.exemplar(value))
    }
}

impl HttpMetrics {
    /// Exemplars on duration and requests counter from the current `tracing` span, as OpenTelemetry knows it (feature
    /// `tracing`): after each scrape the first request of a bucket leaves one. Off unless called.
    ///
    /// The layer that opens the request's span has to be outside of this one; the span is looked at when the head of the
    /// response is there, so that whatever the handler did to it has been done. A request that never came so far, because it
    /// was cancelled or has panicked, leaves none, nor does one of a trace that is not sampled. See [`metrics_core::span`].
    ///
    /// ```no_run
    /// use metrics_core::Registry;
    /// use metrics_tower::HttpMetrics;
    ///
    /// let registry = Registry::new();
    /// let layer = HttpMetrics::server().with_span_exemplars().layer(&registry)?;
    /// # drop(layer);
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    pub fn with_span_exemplars(mut self) -> Self {
        self.span_exemplars = true;
        self
    }
}
