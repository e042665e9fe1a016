//! How is a duration observed?

use std::time::Duration;

use super::Histogram;
use crate::metric::Moment;

/// Observes the seconds since it was started when it is dropped. Made by [`Histogram::start_timer`].
#[must_use = "the timer observes when it is dropped"]
#[derive(Debug)]
pub struct Timer {
    histogram: Option<Histogram>,
    started: Moment,
}

impl Timer {
    #[inline]
    pub(super) fn new(histogram: Histogram) -> Self {
        Self { histogram: Some(histogram), started: Moment::now() }
    }

    /// Observes now, and returns the duration.
    pub fn stop(mut self) -> Duration {
        let elapsed = self.elapsed();
        if let Some(histogram) = self.histogram.take() {
            histogram.observe(seconds(elapsed));
        }
        Duration::from_nanos(elapsed)
    }

    /// Observes nothing.
    pub fn discard(mut self) {
        self.histogram = None;
    }

    /// In nanoseconds.
    #[inline]
    fn elapsed(&self) -> u64 {
        Moment::now().nanoseconds_since(self.started)
    }
}

impl Drop for Timer {
    #[inline]
    fn drop(&mut self) {
        if let Some(histogram) = &self.histogram {
            histogram.observe(seconds(self.elapsed()));
        }
    }
}

/// As `as_secs_f64`, but for the last bit, where that divides: nobody has asked the clock for a round number.
#[inline]
fn seconds(nanoseconds: u64) -> f64 {
    // Signed, which takes one instruction; 292 years fit.
    nanoseconds as i64 as f64 * 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_those_of_the_duration_but_for_the_last_bit() {
        for nanoseconds in [0, 1, 999, 123_456_789, 250_000_000, 59_999_999_999, 86_400_000_000_007, i64::MAX as u64] {
            let wanted = Duration::from_nanos(nanoseconds).as_secs_f64();
            let apart = (seconds(nanoseconds) - wanted).abs();
            assert!(apart <= wanted * f64::EPSILON, "{nanoseconds}: {apart:e}");
        }
    }
}
