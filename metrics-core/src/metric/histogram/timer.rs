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
    #[inline]
    pub(super) fn new(histogram: Histogram) -> Self {
        Self { histogram: Some(histogram), started: Instant::now() }
    }

    /// Observes now, and returns the duration.
    pub fn stop(mut self) -> Duration {
        let elapsed = self.started.elapsed();
        if let Some(histogram) = self.histogram.take() {
            histogram.observe(seconds(elapsed));
        }
        elapsed
    }

    /// Observes nothing.
    pub fn discard(mut self) {
        self.histogram = None;
    }
}

impl Drop for Timer {
    #[inline]
    fn drop(&mut self) {
        if let Some(histogram) = &self.histogram {
            histogram.observe(seconds(self.started.elapsed()));
        }
    }
}

/// As `as_secs_f64`, but for the last bit, where that divides: nobody has asked the clock for a round number.
#[inline]
fn seconds(elapsed: Duration) -> f64 {
    elapsed.as_secs() as i64 as f64 + f64::from(elapsed.subsec_nanos()) * 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_those_of_the_duration_but_for_the_last_bit() {
        let nanos = [0, 1, 999, 1_000_000, 123_456_789, 250_000_000, 999_999_999];
        for (secs, nanos) in [0, 1, 59, 3600, 86_400 * 365].iter().flat_map(|secs| nanos.map(|nanos| (*secs, nanos))) {
            let elapsed = Duration::new(secs, nanos);
            let apart = (seconds(elapsed) - elapsed.as_secs_f64()).abs();
            assert!(apart <= elapsed.as_secs_f64() * f64::EPSILON, "{elapsed:?}: {apart:e}");
        }
    }
}
