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

const SIZE: Declaration = Declaration::new(
    MetricType::Histogram,
    "metrics_endpoint_scrape_size_bytes",
    "Size of a scrape's answer as it was handed to the server, compressed or not.",
)
.with_unit("bytes")
.with_buckets(&[1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]);

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
    /// It had run for long, and another scrape has its place.
    Displaced,
}

impl LabelValue for Outcome {
    const VALUES: &'static [&'static str] = &["complete", "refused", "stalled", "timed_out", "dropped", "displaced"];

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
pub(crate) struct Own(Option<Metrics>);

#[derive(Clone, Debug)]
struct Metrics {
    scrapes: Family<Outcome, Counter>,
    duration: Histogram,
    size: Histogram,
}

impl Own {
    pub(crate) fn register(registry: &Registry) -> Result<Self, Error> {
        Ok(Self(Some(Metrics {
            scrapes: registry.register(SCRAPES)?,
            duration: registry.register(DURATION)?,
            size: registry.register(SIZE)?,
        })))
    }

    /// A scrape has ended, after so many bytes of its body.
    pub(crate) fn ended(&self, outcome: Outcome, duration: Duration, bytes: u64) {
        if let Self(Some(own)) = self {
            own.scrapes.with(&outcome).inc();
            own.duration.observe_duration(duration);
            own.size.observe(bytes as f64);
        }
    }

    /// A scrape had no place.
    pub(crate) fn refused(&self) {
        if let Self(Some(own)) = self {
            own.scrapes.with(&Outcome::Refused).inc();
        }
    }
}
