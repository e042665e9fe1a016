//! What is a run of words, and how does its owner begin it anew?

use super::directory::{CHUNK_WORDS, Chunk};
use crate::sync::{Ordering, fence, store_beside_exchange};

/// Set in a key by a reader that asks the owner for a consistent copy.
pub(crate) const HELP: u64 = 1 << 63;

/// A series' place: the first word of its run, and the generation for which it was handed out. Never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

impl Place {
    /// In one word; never zero, since generations begin at 1.
    pub(crate) const fn pack(self) -> u64 {
        (self.generation as u64) << 32 | self.slot as u64
    }

    pub(crate) const fn unpack(word: u64) -> Self {
        Self { slot: word as u32, generation: (word >> 32) as u32 }
    }

    #[inline(always)]
    pub(crate) const fn key(self) -> u64 {
        self.generation as u64
    }
}

/// A run in one arena.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    chunk: &'static Chunk,
    at: usize,
}

impl Run {
    #[inline(always)]
    pub(crate) fn new(chunk: &'static Chunk, slot: u32) -> Self {
        Self { chunk, at: slot as usize % CHUNK_WORDS }
    }

    /// The same run, told to begin at a multiple of `alignment`, which it does (see [`super::slots::alignment`]): words
    /// below the alignment are then found without arithmetic.
    #[cfg(not(metrics_loom))]
    #[inline(always)]
    pub(crate) fn aligned(self, alignment: usize) -> Self {
        Self { at: self.at & !(alignment - 1), ..self }
    }

    /// The remainder never changes the index, since a run lies within its chunk; it spares the bounds check.
    #[inline(always)]
    fn word(self, offset: usize) -> &'static crate::sync::AtomicU64 {
        &self.chunk.words[(self.at + offset) % CHUNK_WORDS]
    }

    /// The key as its owner sees it.
    #[inline(always)]
    pub(crate) fn own_key(self) -> u64 {
        self.word(0).load(Ordering::Relaxed)
    }

    /// The generation for which this run was last zeroed, for a reader. Acquire: pairs with [`Self::begin`].
    pub(crate) fn generation(self) -> u64 {
        self.word(0).load(Ordering::Acquire) & !HELP
    }

    /// Asks the owner for a copy; false if the run is not of this generation any more. Relaxed: the bit says nothing but
    /// that the owner is to look. An owner that sees it before it sees the request clears it, and the reader sets it again.
    pub(crate) fn ask_for_help(self, key: u64) -> bool {
        match self.word(0).compare_exchange(key, key | HELP, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => true,
            Err(now) => now == key | HELP,
        }
    }

    /// The owner has seen the bit. A plain store: readers set nothing but this bit. Release: as in [`Self::begin`], whose
    /// key this one hides.
    pub(crate) fn end_help(self, key: u64) {
        store_beside_exchange(self.word(0), key, Ordering::Release);
    }

    /// Zeroes the `words` of the run and takes `key`; by the owner only. Release: a reader that sees the key sees zeros.
    pub(crate) fn begin(self, key: u64, words: usize) {
        // No generation meanwhile. Release, as a fence too: a reader of the last generation that sees this key or any
        // word stored from here on sees the rest of what came before, in `still` and for whoever ended that series.
        store_beside_exchange(self.word(0), 0, Ordering::Release);
        fence(Ordering::Release);
        for offset in 1..words {
            self.word(offset).store(0, Ordering::Relaxed);
        }
        store_beside_exchange(self.word(0), key, Ordering::Release);
    }

    #[inline(always)]
    pub(crate) fn load(self, offset: usize, ordering: Ordering) -> u64 {
        self.word(offset).load(ordering)
    }

    /// A word, if the run is of the generation `key`.
    pub(crate) fn load_checked(self, key: u64, offset: usize) -> Option<u64> {
        let value = (self.generation() == key).then(|| self.load(offset, Ordering::Relaxed));
        value.filter(|_| self.still(key))
    }

    /// Whether the words that this thread has loaded so far are those of the generation `key`, which it had found.
    pub(crate) fn still(self, key: u64) -> bool {
        // Acquire: pairs with the fence in `begin`.
        fence(Ordering::Acquire);
        self.word(0).load(Ordering::Relaxed) & !HELP == key
    }

    #[inline(always)]
    pub(crate) fn store(self, offset: usize, value: u64, ordering: Ordering) {
        self.word(offset).store(value, ordering);
    }

    /// Adds to a word of which this thread is the only writer.
    #[inline(always)]
    pub(crate) fn add(self, offset: usize, amount: u64, ordering: Ordering) {
        let value = self.load(offset, Ordering::Relaxed).wrapping_add(amount);
        self.store(offset, value, ordering);
    }

    /// Adds to a float of which this thread is the only writer.
    #[inline(always)]
    pub(crate) fn add_f64(self, offset: usize, amount: f64) {
        let value = f64::from_bits(self.load(offset, Ordering::Relaxed)) + amount;
        self.store(offset, value.to_bits(), Ordering::Relaxed);
    }
}
