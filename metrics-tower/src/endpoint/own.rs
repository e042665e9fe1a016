//! What does the endpoint tell about itself?

use std::time::Duration;

use metrics_core::{
    Counter, Declaration, Error, Family, Histogram, LabelDeclaration, LabelSet, LabelValue, LabelVisitor,
};
use metrics_core::{LabelValues, MetricType, Registry};

const SCRAPES: Declaration = Declaration::new(
    MetricType::Counter,
    "metrics_endpoint_scrapes_total",
    "Scrapes that have ended, by how they did.",
);
const DURATION: Declaration = Declaration::new(
    MetricType::Histogram,
    "metrics_endpoint_scrape_duration_seconds",
    "Time from a scrape's request to the last piece of its answer.",
)
.with_unit("seconds")
.with_buckets(&[0.001, 0.01, 0.1, 1.0, 10.0]);

/// How a scrape can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything was handed to the server.
    Complete,
    /// There was no place for it.
    Refused,
    /// Its reader stopped reading.
    Stalled,
    /// It took longer than its reader waits.
    TimedOut,
    /// Its reader went away.
    Dropped,
}

impl LabelValue for Outcome {
    const VALUES: &'static [&'static str] = &["complete", "refused", "stalled", "timed_out", "dropped"];

    fn index(self) -> usize {
        self as usize
    }
}

impl LabelSet for Outcome {
    type Schema = Self;
    const LABELS: &'static [LabelDeclaration] =
        &[LabelDeclaration::new("outcome", LabelValues::Enumerated(<Self as LabelValue>::VALUES))];

    fn index(&self) -> usize {
        LabelValue::index(*self)
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        visitor.enumerated(LabelValue::index(*self));
    }
}

/// The endpoint's own metrics, if it has some.
#[derive(Clone, Debug, Default)]
pub(crate) struct Own(Option<(Family<Outcome, Counter>, Histogram)>);

impl Own {
    pub(crate) fn register(registry: &Registry) -> Result<Self, Error> {
        Ok(Self(Some((registry.register(SCRAPES)?, registry.register(DURATION)?))))
    }

    pub(crate) fn ended(&self, outcome: Outcome, duration: Duration) {
        if let Self(Some((scrapes, durations))) = self {
            scrapes.with(&outcome).inc();
            if outcome != Outcome::Refused {
                durations.observe_duration(duration);
            }
        }
    }
}
