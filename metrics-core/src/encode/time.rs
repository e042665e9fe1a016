//! What is a moment on the wire?

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment, counted from 1970 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp {
    since_epoch: Duration,
}

impl Timestamp {
    /// The moment this long after the beginning of 1970.
    pub const fn from_epoch(since_epoch: Duration) -> Self {
        Self { since_epoch }
    }

    /// This moment.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// The moment this much later.
    pub const fn after(self, time: Duration) -> Self {
        Self { since_epoch: self.since_epoch.saturating_add(time) }
    }

    /// Whole seconds since the beginning of 1970.
    pub const fn seconds(self) -> u64 {
        self.since_epoch.as_secs()
    }

    /// The nanoseconds behind the whole seconds.
    pub const fn subsecond_nanos(self) -> u32 {
        self.since_epoch.subsec_nanos()
    }
}

impl From<SystemTime> for Timestamp {
    /// A clock that stands before 1970 is taken to stand at 1970.
    fn from(time: SystemTime) -> Self {
        Self { since_epoch: time.duration_since(UNIX_EPOCH).unwrap_or_default() }
    }
}

/// Appends seconds with as many decimals as are needed, at least one and at most nine.
pub(crate) fn write_seconds(out: &mut Vec<u8>, time: Timestamp) {
    out.extend_from_slice(itoa::Buffer::new().format(time.seconds()).as_bytes());
    let point = out.len();
    // A one before the nine digits keeps their leading zeros; it gives its place to the point.
    out.extend_from_slice(itoa::Buffer::new().format(1_000_000_000 + time.subsecond_nanos()).as_bytes());
    out[point] = b'.';
    while out.len() > point + 2 && out.last() == Some(&b'0') {
        out.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_keep_every_digit_that_counts() {
        let goldens = [
            (0, 0, "0.0"),
            (1, 500_000_000, "1.5"),
            (1_520_879_607, 789_000_000, "1520879607.789"),
            (7, 1, "7.000000001"),
        ];
        for (seconds, nanos, expected) in goldens {
            let mut out = Vec::new();
            write_seconds(&mut out, Timestamp::from_epoch(Duration::new(seconds, nanos)));
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn a_clock_before_1970_is_taken_to_stand_at_1970() {
        assert_eq!(Timestamp::from(UNIX_EPOCH - Duration::from_secs(5)).seconds(), 0);
    }
}
