//! How are a histogram's buckets and its sum kept together, without a lock and without a sequence to retry?
//!
//! Words: key, count, two sums, then the buckets. Observation number n stores the new sum in the place of n's parity and
//! then raises its bucket, so that both the sum before and the sum after the last observation are there. A reader adds up
//! the buckets to N, takes the sum of N's parity, and reads the buckets once more: if they are the same, the sum is that
//! of exactly those N observations.
//!
//! Why: bucket stores are Release and bucket loads Acquire. Let the first pass have seen observation k as its latest. The
//! second pass then sees the first k observations, so N ≥ k; the first pass saw only some of the first k, so N ≤ k. Hence
//! the first pass saw exactly the first N. The sum of N was stored before the bucket of N, so the load finds it or one of
//! N+2, N+4, …; those are Release stores made after the bucket of N+1, and had the load found one, the second pass would
//! have seen N+1.
//!
//! A writer that stops anywhere lets the reader succeed. One that never stops is asked for a copy (`help.rs`). Readings
//! never fall, because buckets only rise.

use super::directory::{Arena, Chunk};
use super::help;
use super::run::{Place, Run};
use crate::sync::Ordering;

pub(crate) const COUNT: usize = 1;
pub(crate) const SUMS: usize = 2;
/// Words before the buckets.
pub(crate) const HEAD: usize = 4;

/// How often a reader tries before it asks for help.
pub(crate) const ATTEMPTS: usize = if cfg!(metrics_loom) { 0 } else { 4 };

/// Counts one observation; `value` is what it adds to the sum.
#[inline(always)]
pub(crate) fn observe(run: Run, bucket: usize, value: f64) {
    let number = run.load(COUNT, Ordering::Relaxed).wrapping_add(1);
    let before = f64::from_bits(run.load(SUMS + (number.wrapping_sub(1) & 1) as usize, Ordering::Relaxed));
    // Release: see above; pairs with `sum` in `try_sum`.
    run.store(SUMS + (number & 1) as usize, (before + value).to_bits(), Ordering::Release);
    // Release: see above; pairs with the bucket loads of `try_sum`.
    run.add(HEAD + bucket, 1, Ordering::Release);
    run.store(COUNT, number, Ordering::Relaxed);
}

/// Reads counts and, of the two sums at `sums`, the one that belongs to them; `None` if the owner was too busy or the run is
/// not of the generation `key` any more.
pub(super) fn try_sum(run: Run, key: u64, sums: usize, buckets: usize, counts: &mut [u64]) -> Option<u64> {
    let mut count = 0_u64;
    for (bucket, seen) in counts.iter_mut().enumerate() {
        *seen = run.load(buckets + bucket, Ordering::Acquire);
        count = count.wrapping_add(*seen);
    }
    let sum = run.load(sums + (count & 1) as usize, Ordering::Acquire);
    let same = |(bucket, seen): (usize, &u64)| run.load(buckets + bucket, Ordering::Relaxed) == *seen;
    (counts.iter().enumerate().all(same) && run.still(key)).then_some(sum)
}

/// Adds the run's buckets to `into`, and returns its sum; `None`, and nothing added, as [`try_sum`].
pub(super) fn try_read(run: Run, key: u64, into: &mut [u64], scratch: &mut [u64]) -> Option<f64> {
    let sum = try_sum(run, key, SUMS, HEAD, scratch)?;
    into.iter_mut().zip(scratch.iter()).for_each(|(total, seen)| *total = total.wrapping_add(*seen));
    Some(f64::from_bits(sum))
}

fn read_copy(copy: &Chunk, into: &mut [u64]) -> f64 {
    let word = |offset: usize| copy.words[offset].load(Ordering::Relaxed);
    let mut count = 0_u64;
    for (bucket, total) in into.iter_mut().enumerate() {
        count = count.wrapping_add(word(HEAD + bucket));
        *total = total.wrapping_add(word(HEAD + bucket));
    }
    f64::from_bits(word(SUMS + (count & 1) as usize))
}

/// Adds one arena's buckets to `into`, and returns its sum. Bounded: see the module's text.
pub(crate) fn read(arena: &Arena, place: Place, into: &mut [u64], scratch: &mut Vec<u64>) -> f64 {
    let run = arena.peek(place.slot);
    if run.generation() != place.key() {
        return 0.0;
    }
    scratch.clear();
    scratch.resize(into.len(), 0);
    for _ in 0..ATTEMPTS {
        if let Some(sum) = try_read(run, place.key(), into, scratch) {
            return sum;
        }
    }
    let into = std::cell::RefCell::new(into);
    let attempt = |run| try_read(run, place.key(), &mut into.borrow_mut(), scratch);
    help::ask(arena, place, attempt, |copy| read_copy(copy, &mut into.borrow_mut())).unwrap_or(0.0)
}
