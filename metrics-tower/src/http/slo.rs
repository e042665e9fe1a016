//! Which promise about requests is counted?

use std::time::Duration;

/// A service level objective that the layer counts itself, in `http_server_slo_events_total{slo}` and
/// `http_server_slo_bad_events_total{slo}`, both at zero from the start.
///
/// An event is a request that has ended; it is bad if it has an `error_type`, and for a latency objective also if it was
/// not finished within the bound. Cancelled requests count in neither.
///
/// ```
/// use std::time::Duration;
/// use metrics_tower::http::Slo;
///
/// let slos = [
///     Slo::availability("available", 0.999, Duration::from_secs(30 * 86_400)),
///     Slo::latency("fast", Duration::from_millis(300), 0.99, Duration::from_secs(30 * 86_400)),
/// ];
/// assert_eq!(slos[1].bound(), Some(Duration::from_millis(300)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slo {
    pub(crate) name: &'static str,
    pub(crate) ratio: f64,
    pub(crate) window: Duration,
    pub(crate) bound: Option<Duration>,
}

impl Slo {
    /// A share of `ratio` of the requests succeeds, over `window`.
    pub const fn availability(name: &'static str, ratio: f64, window: Duration) -> Self {
        Self { name, ratio, window, bound: None }
    }

    /// A share of `ratio` of the requests succeeds within `bound`, over `window`.
    pub const fn latency(name: &'static str, bound: Duration, ratio: f64, window: Duration) -> Self {
        Self { name, ratio, window, bound: Some(bound) }
    }

    /// The value of the label `slo`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The share of good events that is owed.
    pub const fn ratio(&self) -> f64 {
        self.ratio
    }

    /// The time over which it is owed.
    pub const fn window(&self) -> Duration {
        self.window
    }

    /// The longest that a good request may take, if that matters.
    pub const fn bound(&self) -> Option<Duration> {
        self.bound
    }
}
