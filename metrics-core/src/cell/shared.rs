//! Where does a value live that has one place for all threads (a gauge that can be set)?
//!
//! A shared cell is a generation beside a value. A handle that owns the cell, or whose family cannot lose it, writes the
//! value plainly. A handle that was looked up can outlive its series: it first announces in its thread's arena which cell
//! it is about to write (the hazard), then checks the generation. A cell is handed out again only while no arena
//! announces it: both sides are sequentially consistent, so either the writer sees the new generation, or whoever hands
//! out sees the announcement.

use super::directory::Arena;
use crate::sync::{AtomicU64, Ordering, between_seqcst};

/// One value for all threads.
#[derive(Debug)]
pub(crate) struct SharedCell {
    generation: AtomicU64,
    pub(crate) value: AtomicU64,
}

impl SharedCell {
    #[cfg(not(metrics_loom))]
    pub(crate) const fn new() -> Self {
        Self { generation: AtomicU64::new(0), value: AtomicU64::new(0) }
    }

    #[cfg(metrics_loom)]
    pub(crate) fn new() -> Self {
        Self { generation: AtomicU64::new(0), value: AtomicU64::new(0) }
    }

    /// For a reader that has loaded the value before, with Acquire: had it found one of a later generation, it would find
    /// that generation here.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    /// Ends the current generation: records of its handles are dropped from now on.
    pub(crate) fn retire(&self, next: u64) {
        // SeqCst: before the hazards are read (`is_announced`); partner in `guarded`.
        self.generation.store(next, Ordering::SeqCst);
        between_seqcst();
    }
}

/// Whether a writer may be inside cell number `index`. Call after [`SharedCell::retire`]; false means that no writer of
/// an older generation is inside, nor will be.
pub(crate) fn is_announced<I: Iterator<Item = &'static Arena>>(arenas: impl Fn() -> I, index: u32) -> bool {
    arenas().any(|arena| arena.hazard.load(Ordering::SeqCst) == u64::from(index) + 1)
}

/// Runs `write` on cell number `index` unless `generation` is over. `arena` is owned by this thread.
#[inline]
pub(crate) fn guarded(arena: &Arena, cell: &SharedCell, index: u32, generation: u64, write: impl FnOnce(&AtomicU64)) {
    // SeqCst read-modify-write: the announcement is visible before the generation is read; partner in `retire`.
    arena.hazard.swap(u64::from(index) + 1, Ordering::SeqCst);
    between_seqcst();
    if cell.generation.load(Ordering::SeqCst) == generation {
        write(&cell.value);
    }
    // Release: whoever sees the announcement gone sees the write.
    arena.hazard.store(0, Ordering::Release);
}

#[cfg(all(test, not(metrics_loom)))]
mod tests {
    use std::ptr;

    use super::*;
    use crate::sync::wait_a_moment;

    const ROUNDS: u64 = 200_000;

    /// What a thread tells the other one: how far it has come.
    #[derive(Default)]
    struct Progress(AtomicU64);

    impl Progress {
        fn tell(&self, round: u64) {
            self.0.store(round, Ordering::Release);
        }

        fn wait_for(&self, round: u64) {
            let mut waited = 0;
            while self.0.load(Ordering::Acquire) < round {
                wait_a_moment(waited);
                waited += 1;
            }
        }
    }

    /// loom does not know what sequentially consistent accesses are good for, so this looks on the processor at hand: with
    /// a plain store in `retire`, x86 shows a writer in a cell that was handed out, within these rounds.
    #[test]
    fn a_writer_and_whoever_hands_the_cell_out_never_miss_each_other() {
        let arena: &'static Arena = Box::leak(Box::new(Arena::of(ptr::null_mut(), 1)));
        let cell: &'static SharedCell = Box::leak(Box::new(SharedCell::new()));
        let [began, wrote]: &'static [Progress; 2] = Box::leak(Box::default());
        cell.retire(1);
        let writer = std::thread::spawn(move || {
            for round in 1..=ROUNDS {
                began.wait_for(round);
                guarded(arena, cell, 0, round, |value| value.store(7, Ordering::Relaxed));
                wrote.tell(round);
            }
        });
        for round in 1..=ROUNDS {
            began.tell(round);
            // The two drift against each other, so that they meet now here, now there.
            (0..round % 512).for_each(|step| {
                std::hint::black_box(step);
            });
            cell.retire(round + 1);
            let reissued = !is_announced(|| [arena].into_iter(), 0);
            if reissued {
                cell.value.store(0, Ordering::Relaxed);
            }
            wrote.wait_for(round);
            assert!(!reissued || cell.value.load(Ordering::Relaxed) == 0, "round {round}");
        }
        writer.join().unwrap();
    }
}
