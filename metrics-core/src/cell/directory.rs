//! Which arenas exist, who owns them, and where are their chunks? No thread-locals and no statics: loom models all of it.

use std::ptr;

use super::run::{Place, Run};
use crate::sync::{AtomicPtr, AtomicU32, AtomicU64, Mutex, Ordering, fence};

#[cfg(not(metrics_loom))]
mod sizes {
    pub(crate) const CHUNK_WORDS: usize = 1024;
    pub(crate) const TABLE_CHUNKS: usize = 1024;
    pub(crate) const ARENA_TABLES: usize = 64;
}

/// Small, so that a model reaches every state.
#[cfg(metrics_loom)]
mod sizes {
    pub(crate) const CHUNK_WORDS: usize = 24;
    pub(crate) const TABLE_CHUNKS: usize = 2;
    pub(crate) const ARENA_TABLES: usize = 1;
}

pub(crate) use sizes::{ARENA_TABLES, CHUNK_WORDS, TABLE_CHUNKS};

/// How many words there are for all series of the process.
pub(crate) const WORDS: usize = CHUNK_WORDS * TABLE_CHUNKS * ARENA_TABLES;

/// Words of one arena. Aligned so that a run of eight words never straddles a cache line.
#[repr(C, align(64))]
pub(crate) struct Chunk {
    pub(crate) words: [AtomicU64; CHUNK_WORDS],
}

/// The chunks of one part of an arena.
pub(crate) struct Table {
    chunks: [AtomicPtr<Chunk>; TABLE_CHUNKS],
}

/// The words of one recording thread, and what a reader and its owner say to each other.
pub(crate) struct Arena {
    tables: [AtomicPtr<Table>; ARENA_TABLES],
    /// 1 while a thread owns it.
    owner: AtomicU32,
    /// The arena that was there before; written once, before the arena is published.
    next: AtomicPtr<Arena>,
    /// The shared cell that the owner is writing to, plus one; see `shared.rs`.
    pub(crate) hazard: AtomicU64,
    /// See `help.rs`.
    pub(crate) request: AtomicU64,
    pub(crate) done: AtomicU64,
    pub(crate) copy: AtomicPtr<Chunk>,
    /// The number of the last request; its lock is held by one reader at a time, never by a recorder.
    pub(crate) readers: Mutex<u32>,
}

/// To what everything points that does not exist yet: zeros, which no handle's generation equals.
#[derive(Clone, Copy)]
pub(crate) struct Absent {
    pub(crate) chunk: &'static Chunk,
    pub(crate) table: &'static Table,
}

/// All arenas.
pub(crate) struct Directory {
    head: AtomicPtr<Arena>,
    absent: Absent,
}

#[cfg(all(test, metrics_loom))]
impl Absent {
    pub(crate) fn leaked() -> Self {
        let chunk = Chunk::leak();
        Self { chunk, table: Box::leak(Box::new(Table::of(pointer(chunk)))) }
    }
}

fn pointer<T>(target: &'static T) -> *mut T {
    ptr::from_ref(target).cast_mut()
}

/// The target of a pointer that was read from a directory entry.
#[inline(always)]
fn target<T>(pointer: *mut T) -> &'static T {
    // SAFETY: entries are only ever made by `pointer` from a `&'static`, in this file: the target is valid, aligned, and
    // never freed, and it has no parts that change except through atomics.
    unsafe { &*pointer }
}

impl Chunk {
    #[cfg(not(metrics_loom))]
    pub(crate) const fn zeroed() -> Self {
        Self { words: [const { AtomicU64::new(0) }; CHUNK_WORDS] }
    }

    #[cfg(metrics_loom)]
    pub(crate) fn zeroed() -> Self {
        Self { words: std::array::from_fn(|_| AtomicU64::new(0)) }
    }

    fn leak() -> &'static Self {
        Box::leak(Box::new(Self::zeroed()))
    }
}

impl Table {
    #[cfg(not(metrics_loom))]
    pub(crate) const fn of(absent: *mut Chunk) -> Self {
        let mut chunks = [const { AtomicPtr::new(ptr::null_mut()) }; TABLE_CHUNKS];
        let mut at = 0;
        while at < TABLE_CHUNKS {
            chunks[at] = AtomicPtr::new(absent);
            at += 1;
        }
        Self { chunks }
    }

    #[cfg(metrics_loom)]
    pub(crate) fn of(absent: *mut Chunk) -> Self {
        Self { chunks: std::array::from_fn(|_| AtomicPtr::new(absent)) }
    }
}

impl Arena {
    #[cfg(not(metrics_loom))]
    pub(crate) const fn of(absent: *mut Table, owner: u32) -> Self {
        let mut tables = [const { AtomicPtr::new(ptr::null_mut()) }; ARENA_TABLES];
        let mut at = 0;
        while at < ARENA_TABLES {
            tables[at] = AtomicPtr::new(absent);
            at += 1;
        }
        Self {
            tables,
            owner: AtomicU32::new(owner),
            next: AtomicPtr::new(ptr::null_mut()),
            hazard: AtomicU64::new(0),
            request: AtomicU64::new(0),
            done: AtomicU64::new(0),
            copy: AtomicPtr::new(ptr::null_mut()),
            readers: Mutex::new(0),
        }
    }

    #[cfg(metrics_loom)]
    pub(crate) fn of(absent: *mut Table, owner: u32) -> Self {
        Self {
            tables: std::array::from_fn(|_| AtomicPtr::new(absent)),
            owner: AtomicU32::new(owner),
            next: AtomicPtr::new(ptr::null_mut()),
            hazard: AtomicU64::new(0),
            request: AtomicU64::new(0),
            done: AtomicU64::new(0),
            copy: AtomicPtr::new(ptr::null_mut()),
            readers: Mutex::new(0),
        }
    }

    /// The run at `slot`, as its owner sees it; in a chunk that does not exist yet its key is 0.
    #[inline(always)]
    pub(crate) fn run(&self, slot: u32) -> Run {
        // Relaxed: only the owner changes these entries, and a new owner has synchronised with the last one (`claim`).
        self.run_with(slot, Ordering::Relaxed)
    }

    /// The run at `slot`, as a reader sees it. Acquire: pairs with the Release of `materialize`.
    #[inline]
    pub(crate) fn peek(&self, slot: u32) -> Run {
        self.run_with(slot, Ordering::Acquire)
    }

    #[inline(always)]
    fn run_with(&self, slot: u32, ordering: Ordering) -> Run {
        let chunk = slot as usize / CHUNK_WORDS;
        let table = target(self.tables[chunk / TABLE_CHUNKS % ARENA_TABLES].load(ordering));
        Run::new(target(table.chunks[chunk % TABLE_CHUNKS].load(ordering)), slot)
    }

    /// Makes the run at `place` ready for a record of its owner: its chunk exists and its key is the place's. `None` if
    /// the handle is stale. Must be called by the owner, with the length for which the run was handed out.
    pub(crate) fn materialize(&self, absent: Absent, place: Place, words: usize) -> Option<Run> {
        let chunk = place.slot as usize / CHUNK_WORDS;
        let entry = &self.tables[chunk / TABLE_CHUNKS % ARENA_TABLES];
        if entry.load(Ordering::Relaxed) == pointer(absent.table) {
            // Release: a reader that finds the table finds it initialised.
            entry.store(pointer(Box::leak(Box::new(Table::of(pointer(absent.chunk))))), Ordering::Release);
        }
        let entry = &target(entry.load(Ordering::Relaxed)).chunks[chunk % TABLE_CHUNKS];
        if entry.load(Ordering::Relaxed) == pointer(absent.chunk) {
            // Release: a reader that finds the chunk finds zeros.
            entry.store(pointer(Chunk::leak()), Ordering::Release);
        }
        let run = self.run(place.slot);
        let mut key = run.own_key();
        if key & super::run::HELP != 0 {
            key = super::help::serve(self, run, place, words, key);
        }
        if key < place.key() {
            run.begin(place.key(), words);
        }
        (key <= place.key()).then_some(run)
    }

    /// The help buffer, if a reader has made one. For readers, who hold `readers`, and for the owner once it has seen a
    /// request: Relaxed, since the lock or the request publishes the buffer.
    pub(crate) fn copy_buffer(&self) -> Option<&'static Chunk> {
        let pointer = self.copy.load(Ordering::Relaxed);
        (!pointer.is_null()).then(|| target(pointer))
    }

    /// Makes the help buffer; by a reader that holds `readers`.
    pub(crate) fn make_copy_buffer(&self) {
        self.copy.store(pointer(Chunk::leak()), Ordering::Relaxed);
    }
}

impl Directory {
    #[cfg(not(metrics_loom))]
    pub(crate) const fn new(absent: Absent) -> Self {
        Self { head: AtomicPtr::new(ptr::null_mut()), absent }
    }

    #[cfg(metrics_loom)]
    pub(crate) fn new(absent: Absent) -> Self {
        Self { head: AtomicPtr::new(ptr::null_mut()), absent }
    }

    pub(crate) fn absent(&self) -> Absent {
        self.absent
    }

    /// An arena that nobody else owns, until [`Self::release`]: a released one, or a new one.
    pub(crate) fn claim(&self) -> &'static Arena {
        // Acquire: pairs with `release`, so that this thread goes on from the values of the last owner.
        let free = |arena: &&Arena| arena.owner.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok();
        if let Some(arena) = self.arenas().find(free) {
            // What the last owner saw before it began a run is seen by whoever reads what this one stores there;
            // partner is the fence in `Run::still`.
            fence(Ordering::Release);
            return arena;
        }
        let arena: &'static Arena = Box::leak(Box::new(Arena::of(pointer(self.absent.table), 1)));
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            arena.next.store(head, Ordering::Relaxed);
            // Release: whoever finds the arena finds it initialised. A failed exchange publishes nothing. SeqCst: comes
            // before the owner's hazards, see `arenas`.
            match self.head.compare_exchange(head, pointer(arena), Ordering::SeqCst, Ordering::Relaxed) {
                Ok(_) => return arena,
                Err(now) => head = now,
            }
        }
    }

    /// Gives an arena back, with the values in it.
    pub(crate) fn release(&self, arena: &'static Arena) {
        // Release: pairs with the Acquire of `claim`.
        arena.owner.store(0, Ordering::Release);
    }

    /// All arenas that exist now, newest first.
    pub(crate) fn arenas(&self) -> impl Iterator<Item = &'static Arena> + use<> {
        // Acquire on the head is enough, so that `next` is Relaxed: it was written before its arena was published, and the
        // exchange that publishes a later arena continues the release sequence of the earlier ones.
        // SeqCst: comes after `SharedCell::retire`, so that an arena which is missed is one whose owner sees the retirement.
        let mut next = self.head.load(Ordering::SeqCst);
        std::iter::from_fn(move || {
            let arena = (!next.is_null()).then(|| target(next))?;
            next = arena.next.load(Ordering::Relaxed);
            Some(arena)
        })
    }
}
