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

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
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
