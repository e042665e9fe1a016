//! Where do a few words wait that any thread may write and a scrape reads, without either waiting for the other? (An
//! exemplar.)
//!
//! One word of state beside the words: whether a writer is inside, whether a scrape has seen what is there, a version,
//! and the generation of the series that it belongs to. A writer that finds another one inside gives up; a reader that
//! finds one, or sees the state change meanwhile, tries again a few times and then goes without. A writer that is stopped
//! inside therefore costs one exemplar, and nobody's time.

use crate::sync::{AtomicU64, Ordering, store_beside_exchange};

const WRITING: u64 = 1;
const SEEN: u64 = 2;
const VERSION: u64 = 4;
const GENERATION: u32 = 32;
/// How often a reader tries.
const ATTEMPTS: usize = 4;

/// Words that are written and read as one.
#[derive(Debug)]
pub(crate) struct Held<const WORDS: usize> {
    state: AtomicU64,
    words: [AtomicU64; WORDS],
}

impl<const WORDS: usize> Default for Held<WORDS> {
    fn default() -> Self {
        Self { state: AtomicU64::new(0), words: std::array::from_fn(|_| AtomicU64::new(0)) }
    }
}

impl<const WORDS: usize> Held<WORDS> {
    /// Puts these words in the place of what is there; false if somebody else is just doing so, or if what is there is of a
    /// later generation. Words that are not told keep what they have.
    pub(crate) fn put(&self, generation: u32, words: impl Iterator<Item = u64>) -> bool {
        // Acquire: the words of the writer before come before these; partner is the Release store below.
        let before = self.state.fetch_or(WRITING, Ordering::Acquire);
        if before & WRITING != 0 {
            return false;
        }
        // From a handle that outlived its series: everything stays as it is. A scrape that reads meanwhile cannot say that it
        // has seen what is there; the next one will.
        let stale = before >> GENERATION > u64::from(generation);
        if !stale {
            for (word, value) in self.words.iter().zip(words) {
                // Release: a reader that sees it sees `WRITING` in its second look at the state; partner in `read`.
                word.store(value, Ordering::Release);
            }
        }
        let version = before.wrapping_add(VERSION) & ((1 << GENERATION) - VERSION);
        let after = if stale { before } else { u64::from(generation) << GENERATION | version };
        // Release: whoever sees this state sees all words; partners are the Acquire loads of `put` and `read`.
        store_beside_exchange(&self.state, after, Ordering::Release);
        !stale
    }

    /// Whether something new is welcome: nothing is there, or of an earlier generation, or a scrape has seen what is there
    /// of this one.
    #[inline]
    pub(crate) fn wants(&self, generation: u32) -> bool {
        // Relaxed: a wrong answer costs an exemplar, or makes one too many.
        let state = self.state.load(Ordering::Relaxed);
        let [there, generation] = [state >> GENERATION, u64::from(generation)];
        state & WRITING == 0 && (there < generation || there == generation && state & SEEN != 0)
    }

    /// What is there, if it is of this generation and no writer is in the way. From now on it has been seen.
    pub(crate) fn read(&self, generation: u32) -> Option<[u64; WORDS]> {
        (0..ATTEMPTS).find_map(|_| self.try_read(generation)).flatten()
    }

    /// The outer `None` is worth another try.
    fn try_read(&self, generation: u32) -> Option<Option<[u64; WORDS]>> {
        // Acquire, here and below; partners in `put`.
        let state = self.state.load(Ordering::Acquire);
        if state >> GENERATION != u64::from(generation) {
            return Some(None);
        }
        if state & WRITING != 0 {
            return None;
        }
        let words = std::array::from_fn(|at| self.words[at].load(Ordering::Acquire));
        // Another scrape may have seen it meanwhile.
        let same = self.state.load(Ordering::Relaxed) | SEEN == state | SEEN;
        // Fails where something newer has come, which nobody has seen.
        let _ = self.state.compare_exchange(state, state | SEEN, Ordering::Relaxed, Ordering::Relaxed);
        same.then_some(Some(words))
    }
}

#[cfg(all(test, not(metrics_loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_last_is_read_until_its_generation_is_over() {
        let held = Held::<3>::default();
        assert_eq!(held.read(1), None);
        assert!(held.put(1, [1, 2, 3].into_iter()));
        assert!(held.put(1, [4, 5].into_iter()));
        assert_eq!(held.read(1), Some([4, 5, 3]));
        assert_eq!(held.read(2), None);
        assert!(held.put(2, [6].into_iter()));
        assert_eq!((held.read(1), held.read(2)), (None, Some([6, 5, 3])));
    }

    #[test]
    fn a_stale_handle_neither_wants_nor_puts_anything() {
        let held = Held::<2>::default();
        assert!(held.put(2, [1, 2].into_iter()));
        for seen in [false, true] {
            assert!(!held.wants(1), "seen: {seen}");
            assert!(!held.put(1, [3, 4].into_iter()));
            assert_eq!(held.wants(2), seen, "what is known of it stays");
            assert_eq!(held.read(2), Some([1, 2]));
        }
        assert!(held.put(2, [5, 6].into_iter()));
        assert_eq!(held.read(2), Some([5, 6]));
    }

    #[test]
    fn something_new_is_welcome_once_a_scrape_has_seen_what_is_there() {
        let held = Held::<1>::default();
        assert!(held.wants(1));
        held.put(1, [1].into_iter());
        assert!(!held.wants(1));
        assert!(held.wants(2), "another series");
        held.read(1);
        held.read(1);
        assert!(held.wants(1));
        held.put(1, [2].into_iter());
        assert!(!held.wants(1));
    }
}
