//! Do the protocols hold in every order that the memory model allows? One race a model; `metrics-core/loom.sh` runs them.
//!
//! What the thread-local glue and the metric types do around the cells is repeated here in [`Thread`], without
//! thread-locals and statics.

mod arena;
mod busy;
mod held;
mod histogram;
mod reuse;
mod shared;
mod totals;

use super::directory::{Absent, Arena, Directory};
use super::run::{Place, Run};

/// The place of the series in most models.
const PLACE: Place = Place { slot: 0, generation: 1 };

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
