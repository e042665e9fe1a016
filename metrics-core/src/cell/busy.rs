//! How is the integral of "how many are in progress" kept without a clock tick?
//!
//! Words: key, version, and two triples (in progress, sum of their start times, finished time), in wrapping integer
//! nanoseconds. A change writes the triple that is not current, then raises the version. A reading is
//! `finished + in progress × now − starts`, added up over the threads: a start and its end may be on different threads,
//! since only the totals have to come out.

use super::directory::{Arena, Chunk};
use super::help;
use super::run::{Place, Run};
use crate::sync::Ordering;

/// Key, version, two triples.
pub(crate) const WORDS: usize = 8;

const VERSION: usize = 1;
const TRIPLES: usize = 2;
const ATTEMPTS: usize = if cfg!(metrics_loom) { 0 } else { 4 };

/// One thread's share. `active` may be "negative" (wrapped) where work ends on another thread than it began on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Busy {
    pub(crate) active: u64,
    pub(crate) starts: u64,
    pub(crate) finished: u64,
}

impl Busy {
    /// The integral up to `now`, in nanoseconds.
    pub(crate) fn until(self, now: u64) -> u64 {
        self.finished.wrapping_add(self.active.wrapping_mul(now)).wrapping_sub(self.starts)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            active: self.active.wrapping_add(other.active),
            starts: self.starts.wrapping_add(other.starts),
            finished: self.finished.wrapping_add(other.finished),
        }
    }

    fn load(word: impl Fn(usize) -> u64, version: u64) -> Self {
        let at = TRIPLES + 3 * (version & 1) as usize;
        Self { active: word(at), starts: word(at + 1), finished: word(at + 2) }
    }
}

#[inline(always)]
fn change(run: Run, change: impl FnOnce(Busy) -> Busy) {
    let version = run.load(VERSION, Ordering::Relaxed);
    let now = change(Busy::load(|offset| run.load(offset, Ordering::Relaxed), version));
    let next = version.wrapping_add(1);
    let at = TRIPLES + 3 * (next & 1) as usize;
    // Release: a reader that finds one of these words finds the version before, and so notices that its triple is
    // being written (`try_read`).
    run.store(at, now.active, Ordering::Release);
    run.store(at + 1, now.starts, Ordering::Release);
    run.store(at + 2, now.finished, Ordering::Release);
    // Release: a reader that finds the version finds its triple.
    run.store(VERSION, next, Ordering::Release);
}

/// One more in progress, since `now`.
#[inline(always)]
pub(crate) fn start(run: Run, now: u64) {
    change(run, |busy| busy.plus(Busy { active: 1, starts: now, finished: 0 }));
}

/// One less in progress, which had been since `then`.
#[inline(always)]
pub(crate) fn end(run: Run, then: u64, now: u64) {
    let lasted = now.wrapping_sub(then);
    change(run, |busy| busy.plus(Busy { active: u64::MAX, starts: then.wrapping_neg(), finished: lasted }));
}

fn try_read(run: Run, key: u64) -> Option<Busy> {
    let version = run.load(VERSION, Ordering::Acquire);
    let busy = Busy::load(|offset| run.load(offset, Ordering::Acquire), version);
    // The loads above are Acquire, so this one comes after them.
    (run.load(VERSION, Ordering::Relaxed) == version && run.still(key)).then_some(busy)
}

fn read_copy(copy: &Chunk) -> Busy {
    let word = |offset: usize| copy.words[offset].load(Ordering::Relaxed);
    Busy::load(word, word(VERSION))
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
