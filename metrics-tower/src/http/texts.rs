//! Which texts may a label have that is not an enum? The first so many that are seen; all others are one.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use foldhash::fast::RandomState;

/// The most texts that one label may be allowed.
pub(crate) const MOST: usize = 4096;
/// The place of all texts beyond the cap.
const OVERFLOW: u16 = MOST as u16 * 2;
/// What stands for them.
const OVERFLOW_TEXT: &str = "_overflow";
/// Longer texts are beyond the cap, however few there are: memory is bounded too.
const MAX_LENGTH: usize = 1024;

/// A set of texts that only grows, up to a cap. A look-up is a hash and a comparison of what is never changed again; only
/// a new text waits for others that are new at the same moment.
#[derive(Debug)]
pub(crate) struct CappedTexts {
    /// Twice as many as there may be texts, so that there is always an empty one to stop at.
    slots: Box<[OnceLock<Box<str>>]>,
    hasher: RandomState,
    cap: usize,
    /// How many slots are filled. Changed under the lock, after its slot.
    taken: AtomicUsize,
    filling: Mutex<()>,
}

impl CappedTexts {
    pub(crate) fn new(cap: usize) -> Self {
        let slots = (0..2 * cap).map(|_| OnceLock::new()).collect();
        Self { slots, hasher: RandomState::default(), cap, taken: AtomicUsize::new(0), filling: Mutex::new(()) }
    }

    /// The place of a text, which it keeps for ever; `None` for the empty one, which is as none at all.
    pub(crate) fn place(&self, text: &str) -> Option<u16> {
        if text.is_empty() {
            return None;
        }
        if text.len() > MAX_LENGTH {
            return Some(OVERFLOW);
        }
        let start = self.hasher.hash_one(text) as usize;
        for probe in 0..self.slots.len() {
            let at = start.wrapping_add(probe) % self.slots.len();
            match self.slots[at].get() {
                Some(known) if **known == *text => return Some(at as u16),
                Some(_) => {}
                None => match self.fill(at, text) {
                    Filled::Ours => return Some(at as u16),
                    Filled::Theirs => {}
                    Filled::NoRoom => return Some(OVERFLOW),
                },
            }
        }
        Some(OVERFLOW)
    }

    /// The text at a place.
    pub(crate) fn text(&self, place: u16) -> &str {
        self.slots.get(usize::from(place)).and_then(OnceLock::get).map_or(OVERFLOW_TEXT, |text| text)
    }

    /// A slot that was empty a moment ago.
    fn fill(&self, at: usize, text: &str) -> Filled {
        if self.is_full() {
            return self.filled(at, text).unwrap_or(Filled::NoRoom);
        }
        self.fill_one(at, text)
    }

    /// One at a time, so that the number of texts is never more than there are, not for a moment: a text that is beyond the
    /// cap once must be so for ever.
    #[cold]
    fn fill_one(&self, at: usize, text: &str) -> Filled {
        // It guards no value that a panic could leave half done.
        let _one = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(filled) = self.filled(at, text) {
            return filled;
        }
        if self.is_full() {
            return Filled::NoRoom;
        }
        self.slots[at].get_or_init(|| text.into());
        // Release, for `is_full`: whoever sees the number sees the slot.
        self.taken.fetch_add(1, Ordering::Release);
        Filled::Ours
    }

    /// Once this is so every slot that will ever be filled can be seen.
    fn is_full(&self) -> bool {
        // Acquire, with `fill_one`.
        self.taken.load(Ordering::Acquire) >= self.cap
    }

    fn filled(&self, at: usize, text: &str) -> Option<Filled> {
        self.slots[at].get().map(|known| if **known == *text { Filled::Ours } else { Filled::Theirs })
    }
}

/// What became of an empty slot.
enum Filled {
    /// It has our text.
    Ours,
    /// Somebody else was there first, with another text.
    Theirs,
    /// There are as many texts as there may be.
    NoRoom,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_text_keeps_its_place_and_those_beyond_the_cap_share_one() {
        let texts = CappedTexts::new(3);
        let places: Vec<_> = ["a", "b", "c"].map(|text| texts.place(text)).into();
        for (text, place) in ["a", "b", "c"].into_iter().zip(&places) {
            assert_eq!(texts.place(text), *place);
            assert_eq!(texts.text(place.unwrap()), text);
        }
        for beyond in ["d", "e", "d"] {
            assert_eq!(texts.text(texts.place(beyond).unwrap()), "_overflow");
        }
        assert_eq!(texts.place("a"), places[0]);
    }

    #[test]
    fn an_empty_text_is_none_and_a_long_one_beyond_the_cap() {
        let texts = CappedTexts::new(2);
        assert_eq!(texts.place(""), None);
        assert_eq!(texts.text(texts.place(&"x".repeat(MAX_LENGTH + 1)).unwrap()), "_overflow");
        assert_eq!(texts.text(texts.place(&"x".repeat(MAX_LENGTH)).unwrap()).len(), MAX_LENGTH);
    }

    #[test]
    fn threads_that_meet_make_as_many_texts_as_allowed_and_agree_on_the_place_of_each() {
        for _ in 0..200 {
            let texts = CappedTexts::new(8);
            let seen: Vec<BTreeSet<(String, u16)>> = std::thread::scope(|scope| {
                let one = |_| {
                    scope.spawn(|| {
                        let numbers = (0..16).map(|number| number.to_string());
                        numbers.filter_map(|text| texts.place(&text).map(|place| (text, place))).collect()
                    })
                };
                let running: Vec<_> = (0..4).map(one).collect();
                running.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let all: BTreeSet<_> = seen.into_iter().flatten().collect();
            // One place a text: none is beyond the cap for one thread and not for another.
            assert_eq!(all.len(), 16, "{all:?}");
            let places: BTreeSet<_> = all.iter().map(|(_, place)| *place).filter(|place| *place != OVERFLOW).collect();
            let kept = all.iter().filter(|(_, place)| *place != OVERFLOW).count();
            assert_eq!((kept, places.len()), (8, 8), "{all:?}");
        }
    }
}
