//! How is the integral of "how many are in progress" kept without a clock tick?
//!
//! A start at a time `t` counts one start and takes `t` from a *balance*; an end counts one end and adds its time to the
//! balance, in wrapping integer nanoseconds. What has been in progress until now is then `balance + (starts − ends) × now`,
//! added up over the threads: a start and its end may be on different threads, since only the totals have to come out.
//!
//! Counts and balance are kept together as a histogram of two buckets, starts and ends, keeps them together with its sum
//! (`histogram.rs`): words are the key, the balances of both parities, starts and ends.

use super::directory::{Arena, Chunk};
use super::help;
use super::histogram::{self, ATTEMPTS};
use super::run::{Place, Run};
use crate::sync::Ordering;

/// Key, two balances, starts, ends.
pub(crate) const WORDS: usize = 5;

const BALANCES: usize = 1;
const STARTS: usize = 3;
const ENDS: usize = 4;

/// One thread's share. `active` may be "negative" (wrapped) where work ends on another thread than it began on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Busy {
    active: u64,
    balance: u64,
}

impl Busy {
    fn of([starts, ends]: [u64; 2], balance: u64) -> Self {
        Self { active: starts.wrapping_sub(ends), balance }
    }

    /// The integral up to `now`, in nanoseconds.
    pub(crate) fn until(self, now: u64) -> u64 {
        self.balance.wrapping_add(self.active.wrapping_mul(now))
    }

    fn plus(self, other: Self) -> Self {
        Self { active: self.active.wrapping_add(other.active), balance: self.balance.wrapping_add(other.balance) }
    }
}

/// Counts one start or end, by which the balance changes.
#[inline(always)]
fn change(run: Run, counted: usize, by: u64) {
    let [starts, ends] = [STARTS, ENDS].map(|offset| run.load(offset, Ordering::Relaxed));
    let number = starts.wrapping_add(ends);
    let balance = run.load(BALANCES + (number & 1) as usize, Ordering::Relaxed).wrapping_add(by);
    // Release, both: as in `histogram::observe`; partner are the loads of `histogram::try_sum`.
    run.store(BALANCES + (number & 1 ^ 1) as usize, balance, Ordering::Release);
    run.store(counted, if counted == STARTS { starts } else { ends }.wrapping_add(1), Ordering::Release);
}

/// One more in progress, since `now`.
#[inline(always)]
pub(crate) fn start(run: Run, now: u64) {
    change(run, STARTS, now.wrapping_neg());
}

/// One less in progress.
#[inline(always)]
pub(crate) fn end(run: Run, now: u64) {
    change(run, ENDS, now);
}

fn try_read(run: Run, key: u64) -> Option<Busy> {
    let mut counts = [0; 2];
    let balance = histogram::try_sum(run, key, BALANCES, STARTS, &mut counts)?;
    Some(Busy::of(counts, balance))
}

fn read_copy(copy: &Chunk) -> Busy {
    let word = |offset: usize| copy.words[offset].load(Ordering::Relaxed);
    let (starts, ends) = (word(STARTS), word(ENDS));
    Busy::of([starts, ends], word(BALANCES + (starts.wrapping_add(ends) & 1) as usize))
}

/// The sum of all threads' shares.
pub(crate) fn read<'a>(arenas: impl Iterator<Item = &'a Arena>, place: Place) -> Busy {
    arenas.fold(Busy::default(), |sum, arena| {
        let run = arena.peek(place.slot);
        if run.generation() != place.key() {
            return sum;
        }
        let attempt = |run| try_read(run, place.key());
        let busy = (0..ATTEMPTS).find_map(|_| attempt(run));
        sum.plus(busy.or_else(|| help::ask(arena, place, attempt, read_copy)).unwrap_or_default())
    })
}
