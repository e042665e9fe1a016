//! Which slots are in use? Runs are handed out by length and come back with a higher generation.

use crate::sync::Mutex;

use super::directory::{CHUNK_WORDS, WORDS};
use super::run::Place;

/// Lengths of runs. A run keeps its place and length for ever, so that a stale handle always points to a key.
const LENGTHS: [usize; 18] = [2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 336, 512, 680, 1016, 1024];

/// The longest run.
pub(crate) const LONGEST: usize = CHUNK_WORDS;

static SLOTS: Mutex<Slots> = Mutex::new(Slots::new());

struct Slots {
    /// The first word that was never handed out.
    fresh: usize,
    /// Runs that came back, by length, with the generation that comes next.
    returned: [Vec<Place>; LENGTHS.len()],
}

/// The length that is handed out where `words` are wanted: the next of the fixed ones.
pub(crate) fn length(words: usize) -> usize {
    LENGTHS[class(words)]
}

fn class(words: usize) -> usize {
    LENGTHS.iter().position(|length| words <= *length).unwrap_or(LENGTHS.len() - 1)
}

/// At a multiple of what a run of `words` or more begins; a power of two. A run of 8 words or more begins a cache line.
pub(crate) const fn alignment(words: usize) -> usize {
    match words {
        0..=2 => 2,
        3..=4 => 4,
        _ => 8,
    }
}

/// Where the records of a handle go for which there is no run: they are dropped ([`super::local::record_cold`]). No run ever
/// begins here, which handles of all shapes would share, so a reader finds nothing either.
pub(crate) const NOWHERE: Place = Place { slot: 0, generation: 1 };

/// A run of at least `words` (at most [`LONGEST`]) of a generation that was never handed out; `None` if all words of the
/// process are in use.
pub(crate) fn allocate(words: usize) -> Option<Place> {
    SLOTS.lock().take(class(words))
}

/// The same for up to `count` runs at once, which costs the lock once.
pub(crate) fn allocate_some(words: usize, count: usize, into: &mut Vec<Place>) {
    let class = class(words);
    let mut slots = SLOTS.lock();
    into.extend((0..count).map_while(|_| slots.take(class)));
}

/// Takes a run back. Its handles are stale from the moment it is handed out again.
pub(crate) fn free(place: Place, words: usize) {
    if place == NOWHERE {
        return;
    }
    // A generation is never used twice: a run that has used all of them stays away.
    if let Some(generation) = place.generation.checked_add(1) {
        SLOTS.lock().returned[class(words)].push(Place { generation, ..place });
    }
}

impl Slots {
    const fn new() -> Self {
        Self { fresh: CHUNK_WORDS, returned: [const { Vec::new() }; LENGTHS.len()] }
    }

    fn take(&mut self, class: usize) -> Option<Place> {
        self.returned[class].pop().or_else(|| self.fresh(LENGTHS[class]))
    }

    /// Words that were never used. No run crosses the end of a chunk.
    fn fresh(&mut self, length: usize) -> Option<Place> {
        // A power of two, which the compiler does not know: it would divide.
        let below = alignment(length) - 1;
        let mut slot = (self.fresh + below) & !below;
        if slot / CHUNK_WORDS != (slot + length - 1) / CHUNK_WORDS {
            slot = slot.next_multiple_of(CHUNK_WORDS);
        }
        if slot + length > WORDS {
            return None;
        }
        self.fresh = slot + length;
        Some(Place { slot: u32::try_from(slot).ok()?, generation: 1 })
    }
}
