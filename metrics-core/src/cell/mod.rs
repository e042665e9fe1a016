//! Per-thread cells: where recorded numbers live. The only lock-free protocols over raw memory, and the only unsafe code.
//!
//! # Words
//!
//! - A *slot* is the number of a word. A metric owns a *run* of consecutive words that starts at its slot: first the
//!   *key*, then its values. Runs lie within one *chunk* (8 KiB); a thread's *arena* is a directory of chunks, which
//!   its owner allocates as it first touches them. Two levels below the arena lead to a chunk; entries that do not exist
//!   yet point to one shared chunk of zeros, so that the recording path checks nothing but the key.
//! - The *generation* of a slot rises each time the slot is handed out. A handle carries the generation it was made for.
//!   The key of a run is the generation for which its owner last zeroed it.
//!
//! # Who may write
//!
//! Only the thread that owns an arena writes its words, with one exception: a reader may set the key's top bit
//! ([`run::HELP`]). An arena is owned by whoever turned its `owner` word from 0 to 1; that happens in
//! [`directory::Directory::claim`] and ends in [`directory::Directory::release`], nowhere else.
//!
//! - key = handle's generation: the record is made with plain loads and stores.
//! - key older: the owner zeroes the run, then publishes the new key (cold). Also the case of a missing chunk (key 0).
//! - key newer: the handle is stale, the record is dropped.
//! - key with the help bit: a reader cannot get a consistent copy because this thread writes all the time; the owner
//!   copies the run into the arena's help buffer (cold).
//!
//! A reader adds up the runs whose key is the generation that it is looking for.
//!
//! # Orderings and their partners
//!
//! | store | partner | what it publishes |
//! |---|---|---|
//! | `owner` ← 0, Release (`release`) | compare-exchange Acquire (`claim`) | all words of the arena to the next owner |
//! | directory entries, Release (`materialize`) | Acquire (`Arena::run`, `Arena::peek`) | the zeroed chunk |
//! | `head`, Release (`claim`) | Acquire (`Directory::arenas`) | the new arena |
//! | key ← generation, Release (`Run::begin`) | Acquire (`Run::generation`) | the zeroed words of the run |
//! | `decrements`, Release | Acquire (`updown`) | the increments that came before; with the last one, all that was done with a value (`sharded_arc.rs`) |
//! | sum, then bucket, Release (`histogram::observe`) | Acquire (`histogram::try_sum`) | see `histogram.rs` |
//! | balance, then starts or ends, Release (`busy`) | Acquire (`histogram::try_sum`) | see `histogram.rs` |
//! | `request`, Release (`help::ask`) | Acquire (`help::serve`) | which run is wanted |
//! | `done`, Release (`help::serve`) | Acquire (`help::ask`) | the copy in the help buffer |
//! | words, then state, Release (`held::put`) | Acquire (`held::read`) | an exemplar; see `held.rs` |
//!
//! Values of counters are Relaxed: each is one word, and a total needs no order between words.
//!
//! # Thread exit
//!
//! The arena keeps its values and is released; the next new thread claims it. A record after the thread-local is gone
//! claims an arena for that one record. Arenas are never freed: memory is bounded by the peak number of threads that
//! recorded at the same time.

pub(crate) mod busy;
pub(crate) mod directory;
pub(crate) mod held;
pub(crate) mod help;
pub(crate) mod histogram;
#[cfg(not(metrics_loom))]
pub(crate) mod local;
#[cfg(all(test, metrics_loom))]
mod models;
pub(crate) mod native;
pub(crate) mod run;
#[cfg(not(metrics_loom))]
pub(crate) mod sharded_arc;
pub(crate) mod shared;
#[cfg(not(metrics_loom))]
pub(crate) mod slots;
pub(crate) mod updown;
