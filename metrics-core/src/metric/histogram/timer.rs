//! How is a duration observed?

use std::time::{Duration, Instant};

use super::Histogram;

/// Observes the seconds since it was started when it is dropped. Made by [`Histogram::start_timer`].
#[must_use = "the timer observes when it is dropped"]
#[derive(Debug)]
pub struct Timer {
    histogram: Option<Histogram>,
    started: Instant,
}

impl Timer {
    pub(super) fn new(histogram: Histogram) -> Self {
        Self { histogram: Some(histogram), started: Instant::now() }
    }

    /// Observes now, and returns the duration.
    pub fn stop(mut self) -> Duration {
        let elapsed = self.started.elapsed();
        if let Some(histogram) = self.histogram.take() {
            histogram.observe_duration(elapsed);
        }
        elapsed
    }

    /// Observes nothing.
    pub fn discard(mut self) {
        self.histogram = None;
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(histogram) = self.histogram.take() {
            histogram.observe_duration(self.started.elapsed());
        }
    }
}
