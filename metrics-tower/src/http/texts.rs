//! Which texts may a label have that is not an enum? The first so many that are seen; all others are one.

use std::hash::BuildHasher;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use foldhash::fast::RandomState;

/// The most texts that one label may be allowed.
pub(crate) const MOST: usize = 4096;
/// The place of all texts beyond the cap.
const OVERFLOW: u16 = MOST as u16 * 2;
/// What stands for them.
const OVERFLOW_TEXT: &str = "_overflow";
/// Longer texts are beyond the cap, however few there are: memory is bounded too.
const MAX_LENGTH: usize = 1024;

/// A set of texts that only grows, up to a cap. A look-up is a hash and a comparison; it never waits.
#[derive(Debug)]
pub(crate) struct CappedTexts {
    /// Twice as many as there may be texts, so that there is always an empty one to stop at.
    slots: Box<[OnceLock<Box<str>>]>,
    hasher: RandomState,
    cap: usize,
    taken: AtomicUsize,
}

impl CappedTexts {
    pub(crate) fn new(cap: usize) -> Self {
        let slots = (0..2 * cap).map(|_| OnceLock::new()).collect();
        Self { slots, hasher: RandomState::default(), cap, taken: AtomicUsize::new(0) }
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

    #[cold]
    fn fill(&self, at: usize, text: &str) -> Filled {
        // Relaxed: only the number itself matters. Counted before, so that there are never more than allowed.
        if self.taken.fetch_add(1, Ordering::Relaxed) >= self.cap {
            self.taken.fetch_sub(1, Ordering::Relaxed);
            return Filled::NoRoom;
        }
        let mut ours = false;
        let known = self.slots[at].get_or_init(|| {
            ours = true;
            text.into()
        });
        let same = **known == *text;
        if !ours {
            self.taken.fetch_sub(1, Ordering::Relaxed);
        }
        if same { Filled::Ours } else { Filled::Theirs }
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
    fn threads_that_meet_never_make_more_texts_than_allowed_and_agree_on_their_places() {
        for _ in 0..50 {
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
            let kept: BTreeSet<_> = seen.into_iter().flatten().filter(|(_, place)| *place != OVERFLOW).collect();
            let names: BTreeSet<_> = kept.iter().map(|(text, _)| text).collect();
            let places: BTreeSet<_> = kept.iter().map(|(_, place)| place).collect();
            assert_eq!((names.len(), places.len()), (kept.len(), kept.len()), "{kept:?}");
            assert!(kept.len() <= 8, "{kept:?}");
        }
    }
}
