//! What time is it, as a number that can be added and subtracted at no cost?

use std::time::Instant;

use once_cell::sync::Lazy;

/// A reading of the monotonic clock as a small number: what [`BusyTime::begin_at`](super::BusyTime::begin_at) takes, and
/// what a duration can be told from.
///
/// ```
/// use metrics_core::metric::Moment;
///
/// let (one, other) = (Moment::now(), Moment::now());
/// assert!(other >= one);
/// assert_eq!(one.nanoseconds_since(other), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// Now. Never before what an earlier call in this process has returned.
    #[inline]
    pub fn now() -> Self {
        Self(clock())
    }

    /// How long after `earlier` this is; 0 if it is before.
    #[inline]
    pub fn nanoseconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// In nanoseconds, since a moment before all others: for whoever has no room for more than a number.
    #[inline]
    pub fn nanoseconds(self) -> u64 {
        self.0
    }
}

/// Exact up to how far apart three readings of the clock were once: below a microsecond, unless the thread was interrupted
/// each time of many.
impl From<Instant> for Moment {
    fn from(instant: Instant) -> Self {
        static SAME: Lazy<(Instant, Moment)> = Lazy::new(same);
        let (reference, moment) = *SAME;
        let [after, before] = [instant.duration_since(reference), reference.duration_since(instant)];
        // Five centuries do not overflow.
        Self(moment.0.saturating_add(after.as_nanos() as u64).saturating_sub(before.as_nanos() as u64))
    }
}

/// One moment in both forms: an instant between two moments that are as close as can be had.
fn same() -> (Instant, Moment) {
    const CLOSE: u64 = 500;
    const TRIES: usize = 100;
    let (mut best, mut apart) = ((Instant::now(), Moment::now()), u64::MAX);
    for _ in 0..TRIES {
        let (before, instant, after) = (Moment::now(), Instant::now(), Moment::now());
        let this = after.nanoseconds_since(before);
        if this < apart {
            (best, apart) = ((instant, Moment(before.0 + this / 2)), this);
        }
        if apart < CLOSE {
            break;
        }
    }
    best
}

/// The clock that `Instant` reads, which can only be told apart from another one, at many instructions' cost.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[inline]
fn clock() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    (now.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(now.tv_nsec as u64)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn clock() -> u64 {
    // A century, so that what was before the first reading is no negative number.
    const BEFORE: u64 = 100 * 365 * 86_400 * 1_000_000_000;
    static STARTED: Lazy<Instant> = Lazy::new(Instant::now);
    let since = Instant::now().saturating_duration_since(*STARTED);
    BEFORE + since.as_secs() * 1_000_000_000 + u64::from(since.subsec_nanos())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_instant_is_the_moment_at_which_it_was_taken() {
        for _ in 0..100 {
            let before = Moment::now();
            let moment = Moment::from(Instant::now());
            let after = Moment::now();
            // Far more than half the time between the readings of which the reference was made.
            let slack = 100_000;
            assert!(before.0 <= moment.0 + slack && moment.0 <= after.0 + slack, "{before:?} {moment:?} {after:?}");
        }
    }

    #[test]
    fn instants_are_as_far_apart_as_their_moments() {
        let now = Instant::now();
        let Some(earlier) = now.checked_sub(Duration::from_secs(5)) else { return };
        let later = now + Duration::from_secs(7);
        assert_eq!(Moment::from(now).nanoseconds_since(earlier.into()), 5_000_000_000);
        assert_eq!(Moment::from(later).nanoseconds_since(now.into()), 7_000_000_000);
        assert_eq!(Moment::from(now).nanoseconds_since(later.into()), 0);
    }
}
