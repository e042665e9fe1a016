//! Which arena is this thread's? The thin glue between thread-locals and the directory.

use std::cell::Cell;

use super::directory::{Absent, Arena, Chunk, Directory, Table};
use super::run::{Place, Run};
use super::slots::{NOWHERE, alignment};

static ABSENT_CHUNK: Chunk = Chunk::zeroed();
static ABSENT_TABLE: Table = Table::of((&raw const ABSENT_CHUNK).cast_mut());
/// The arena of a thread that has none: nobody owns it, no key in it equals a generation.
static ABSENT_ARENA: Arena = Arena::of((&raw const ABSENT_TABLE).cast_mut(), 1);

static DIRECTORY: Directory = Directory::new(Absent { chunk: &ABSENT_CHUNK, table: &ABSENT_TABLE });

thread_local! {
    /// Has no destructor, so that reading it needs no check and works until the very end of the thread. A pointer,
    /// because Rust 1.85 lets no constant have a reference to a static with atomics. Only `set_arena` writes it.
    static ARENA: Cell<*const Arena> = const { Cell::new(&raw const ABSENT_ARENA) };
    static ON_EXIT: OnExit = const { OnExit(Cell::new(None)) };
}

#[inline(always)]
fn arena() -> &'static Arena {
    let arena = ARENA.get();
    // SAFETY: it points to `ABSENT_ARENA`, or comes from the `&'static Arena` given to `set_arena`.
    unsafe { &*arena }
}

fn set_arena(arena: &'static Arena) {
    ARENA.set(arena);
}

/// Gives the thread's arena back when the thread ends.
struct OnExit(Cell<Option<&'static Arena>>);

impl Drop for OnExit {
    fn drop(&mut self) {
        if let Some(arena) = self.0.take() {
            // First, so that a destructor that runs later and records claims an arena for itself.
            set_arena(&ABSENT_ARENA);
            DIRECTORY.release(arena);
        }
    }
}

/// All arenas.
pub(crate) fn arenas() -> impl Iterator<Item = &'static Arena> {
    DIRECTORY.arenas()
}

/// Makes a record in this thread's run at `place`, which has `words` words.
#[inline(always)]
pub(crate) fn record(place: Place, words: usize, record: impl FnOnce(Run)) {
    let run = run(place, words);
    if run.own_key() == place.key() {
        record(run);
    } else {
        record_cold(place, words, record);
    }
}

/// This thread's run at a place; its key tells whether it may be written. It has at least `words` words.
#[inline(always)]
pub(crate) fn run(place: Place, words: usize) -> Run {
    arena().run(place.slot).aligned(alignment(words))
}

/// What a record does when its run is not ready: makes it ready and records, or drops the record of a stale handle or of one
/// that leads nowhere.
#[cold]
pub(crate) fn record_cold(place: Place, words: usize, record: impl FnOnce(Run)) {
    if place == NOWHERE {
        return;
    }
    with_arena(|arena| {
        if let Some(run) = arena.materialize(DIRECTORY.absent(), place, words) {
            record(run);
        }
    });
}

/// Runs `work` with an arena that this thread owns meanwhile.
#[inline]
pub(crate) fn with_arena<T>(work: impl FnOnce(&'static Arena) -> T) -> T {
    let arena = arena();
    if !std::ptr::eq(arena, &ABSENT_ARENA) {
        return work(arena);
    }
    match claim_for_thread() {
        Some(arena) => work(arena),
        None => with_borrowed_arena(work),
    }
}

/// Claims an arena until this thread ends; `None` if the thread is already ending.
#[cold]
fn claim_for_thread() -> Option<&'static Arena> {
    let claim = |on_exit: &OnExit| {
        let arena = DIRECTORY.claim();
        on_exit.0.set(Some(arena));
        set_arena(arena);
        arena
    };
    ON_EXIT.try_with(claim).ok()
}

/// For a record in a destructor that runs after ours: an arena for this one record. It is given back on a panic too.
#[cold]
fn with_borrowed_arena<T>(work: impl FnOnce(&'static Arena) -> T) -> T {
    struct Borrowed(&'static Arena);
    impl Drop for Borrowed {
        fn drop(&mut self) {
            DIRECTORY.release(self.0);
        }
    }
    let borrowed = Borrowed(DIRECTORY.claim());
    work(borrowed.0)
}
