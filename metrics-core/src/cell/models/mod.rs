//! Do the protocols hold in every order that the memory model allows? One race a model; `metrics-core/loom.sh` runs them.
//!
//! What the thread-local glue and the metric types do around the cells is repeated here in [`Thread`], without
//! thread-locals and statics.
//!
//! # What loom has to be helped with
//!
//! A model that explores one execution proves nothing, so each tells what its executions came to, and the test compares
//! that with all that is possible ([`outcomes`]). loom remembers only the last access to a word when it looks for races: an
//! owner who loads a word and then stores it hides from loom whoever loaded it before. Hence in every model **the main
//! thread is the writer and the reader is spawned**: loom lets the main thread run first, finds every store in the
//! reader's way, and lets each load have any value that the memory model allows. (With the roles the other way round,
//! a quarter of these models came to a single execution.)
//!
//! Sequentially consistent accesses loom takes for acquiring and releasing ones; see `sync::between_seqcst`. An exchange
//! beside plain stores it orders wrongly; see `sync::store_beside_exchange`. Which ordering is noticed by which model when
//! it is gone is in `orderings.txt`, checked by `metrics-core/orderings.py`.

mod arena;
mod busy;
mod held;
mod histogram;
mod native;
mod reuse;
mod sharded_arc;
mod shared;
mod sparse;
mod totals;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use super::directory::{Absent, Arena, Directory};
use super::run::{Place, Run};

/// The place of the series in most models.
const PLACE: Place = Place { slot: 0, generation: 1 };

/// To what all executions of a model come, of which each makes assertions of its own. `preemptions` bounds how often a thread
/// is interrupted where it does not wait; without it all executions are tried. `LOOM_MAX_PREEMPTIONS` sets it for all.
fn outcomes<T: Ord + Debug + Send + 'static>(
    preemptions: impl Into<Option<usize>>,
    execution: impl Fn() -> T + Send + Sync + 'static,
) -> BTreeSet<T> {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let into = seen.clone();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(preemptions.into());
    builder.check(move || {
        let outcome = execution();
        into.lock().unwrap().insert(outcome);
    });
    let mut seen = seen.lock().unwrap();
    std::mem::take(&mut *seen)
}

/// A directory of this execution. It is leaked, as the real one's arenas are.
fn directory() -> &'static Directory {
    Box::leak(Box::new(Directory::new(Absent::leaked())))
}

/// A recording thread: its arena is released when it ends.
struct Thread {
    directory: &'static Directory,
    arena: &'static Arena,
}

impl Thread {
    fn new(directory: &'static Directory) -> Self {
        Self { directory, arena: directory.claim() }
    }

    /// What every handle does: the record if the run is ready, the cold path if not.
    fn record(&self, place: Place, words: usize, record: impl FnOnce(Run)) {
        let run = self.arena.run(place.slot);
        if run.own_key() == place.key() {
            record(run);
        } else if let Some(run) = self.arena.materialize(self.directory.absent(), place, words) {
            record(run);
        }
    }

    fn count(&self, place: Place, amount: u64) {
        self.record(place, totals::COUNTER_WORDS, |run| run.add(1, amount, crate::sync::Ordering::Relaxed));
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.directory.release(self.arena);
    }
}
