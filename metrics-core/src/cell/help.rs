//! How does a reader get a consistent copy from a thread that records without pause?
//!
//! The reader stores a request (which run, numbered) and sets the key's help bit. That makes the owner's next record
//! on the run take its cold path, where it copies the run into the arena's buffer, which is consistent because the owner
//! is between two records, and stores the request's number as done. The recording path pays nothing for this.
//!
//! A bit can be left over from a reader that succeeded by itself: the owner then finds no request for this run and only
//! clears the bit. A request is served once: from then on the buffer is the reader's. One reader at a time asks an arena
//! (`readers`). A copy for an abandoned request may still be written while the next request stands; it is over before the
//! owner serves that one, and carries the old number.

use super::directory::{Arena, CHUNK_WORDS, Chunk};
use super::run::{HELP, Place, Run};
use crate::sync::{Ordering, wait_a_moment};

/// By the owner, which found the help bit in `key`: serves the request if it is for this run. The key without the bit.
pub(crate) fn serve(arena: &Arena, run: Run, place: Place, words: usize, key: u64) -> u64 {
    // Acquire: pairs with `ask`, the buffer exists, and is zeroed.
    let request = arena.request.load(Ordering::Acquire);
    // The bit may be set once more for a request that is done: the reader may be reading that copy.
    let wanted = request != 0 && request as u32 == place.slot && request != arena.done.load(Ordering::Relaxed);
    if let Some(copy) = if wanted { arena.copy_buffer() } else { None } {
        for offset in 1..words {
            copy.words[offset].store(run.load(offset, Ordering::Relaxed), Ordering::Relaxed);
        }
        // Release: the reader that sees its number sees the copy.
        arena.done.store(request, Ordering::Release);
    }
    run.end_help(key & !HELP);
    key & !HELP
}

/// By a reader whose `attempt` at the run failed: waits until an attempt succeeds or the owner has made a copy, and
/// reads that. `None` if the run is not of this generation any more. Ends after the owner's next record at the latest;
/// an owner that does not record lets the attempt succeed.
pub(crate) fn ask<T>(
    arena: &Arena,
    place: Place,
    mut attempt: impl FnMut(Run) -> Option<T>,
    from_copy: impl FnOnce(&Chunk) -> T,
) -> Option<T> {
    let run = arena.peek(place.slot);
    let mut number = arena.readers.lock();
    *number = number.wrapping_add(1).max(1);
    if arena.copy_buffer().is_none() {
        arena.make_copy_buffer();
    }
    let request = u64::from(*number) << 32 | u64::from(place.slot);
    // Release: the owner that sees the request sees the buffer.
    arena.request.store(request, Ordering::Release);
    let mut round = 0;
    let result = loop {
        if !run.ask_for_help(place.key()) {
            break None;
        }
        if let Some(value) = attempt(run) {
            break Some(value);
        }
        wait_a_moment(round);
        round = round.wrapping_add(1);
        if arena.done.load(Ordering::Relaxed) == request {
            // The run may have been begun anew before it was copied. The fence in `still` makes the load before it an
            // acquiring one: pairs with `serve`.
            break arena.copy_buffer().filter(|_| run.still(place.key())).map(from_copy);
        }
    };
    arena.request.store(0, Ordering::Relaxed);
    drop(number);
    result
}

const _: () = assert!(CHUNK_WORDS > 0, "a run fits the buffer because both are at most a chunk");
