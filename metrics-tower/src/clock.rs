//! What time is it, in nanoseconds since the process began to ask?

use std::sync::OnceLock;
use std::time::Instant;

/// Never falls, and is never 0 after the first call has returned.
pub(crate) fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}
