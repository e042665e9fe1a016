//! Do buckets and sum belong together in every reading of a histogram?

use std::sync::atomic::{AtomicUsize, Ordering as RealOrdering};

use loom::thread;

use super::{PLACE, Thread, directory, outcomes};
use crate::cell::directory::Directory;
use crate::cell::histogram::{HEAD, observe, read, try_read};
use crate::cell::run::{HELP, Place};
use crate::sync::Ordering;

const WORDS: usize = HEAD + 2;

/// Each bucket has one value, so that the sum follows from the buckets.
const VALUES: [f64; 2] = [1.0, 100.0];

impl Thread {
    fn observe(&self, place: Place, bucket: usize) {
        self.record(place, WORDS, |run| observe(run, bucket, VALUES[bucket]));
    }
}

/// Reads, and checks that buckets and sum belong together.
fn consistent(directory: &Directory, place: Place) -> [u64; 2] {
    let mut counts = [0; 2];
    let sum: f64 = directory.arenas().map(|arena| read(arena, place, &mut counts, &mut Vec::new())).sum();
    assert_eq!(sum, counts[0] as f64 * VALUES[0] + counts[1] as f64 * VALUES[1], "{counts:?}");
    counts
}

fn never_falls(before: [u64; 2], after: [u64; 2]) {
    assert!(before.iter().zip(&after).all(|(before, after)| before <= after), "{before:?} then {after:?}");
}

/// The writer may be stopped anywhere in its window, and never goes on before the reader is done.
#[test]
fn a_reading_beside_one_observation_is_consistent_and_waits_for_nobody() {
    let seen = outcomes(None, || {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.observe(PLACE, 0);
        let run = writer.arena.peek(PLACE.slot);
        let reader = thread::spawn(move || {
            let mut counts = [0; 2];
            let mut attempt = || try_read(run, PLACE.key(), &mut counts, &mut [0; 2]);
            // The first attempt may meet the observation, the second has nothing to meet any more.
            let sum = attempt().or_else(attempt);
            assert_eq!(sum, Some(counts[0] as f64 * VALUES[0] + counts[1] as f64 * VALUES[1]), "{counts:?}");
            counts
        });
        writer.observe(PLACE, 1);
        reader.join().unwrap()
    });
    assert_eq!(seen, [[1, 0], [1, 1]].into());
}

#[test]
fn readings_beside_a_writer_in_a_loop_are_consistent_and_never_fall() {
    static SERVED: AtomicUsize = AtomicUsize::new(0);
    let seen = outcomes(3, || {
        let directory = directory();
        let writer = Thread::new(directory);
        let arena = writer.arena;
        writer.observe(PLACE, 0);
        let reader = thread::spawn(move || [(); 2].map(|()| consistent(directory, PLACE)));
        [1, 0].iter().for_each(|bucket| writer.observe(PLACE, *bucket));
        let [first, second] = reader.join().unwrap();
        never_falls(first, second);
        SERVED.fetch_add(usize::from(arena.done.load(Ordering::Relaxed) != 0), RealOrdering::Relaxed);
        assert_eq!(consistent(directory, PLACE), [2, 1]);
        [first, second]
    });
    assert_eq!(seen.len(), 6, "{seen:?}");
    assert!(SERVED.load(RealOrdering::Relaxed) > 0, "no execution came to a copy of the owner");
}

#[test]
fn two_readers_at_once_both_read_what_is_consistent() {
    static SERVED: AtomicUsize = AtomicUsize::new(0);
    let seen = outcomes(2, || {
        let directory = directory();
        let writer = Thread::new(directory);
        let arena = writer.arena;
        writer.observe(PLACE, 0);
        let readers = [(); 2].map(|()| thread::spawn(move || consistent(directory, PLACE)));
        [1, 0].iter().for_each(|bucket| writer.observe(PLACE, *bucket));
        let seen = readers.map(|reader| reader.join().unwrap());
        SERVED.fetch_add(usize::from(arena.done.load(Ordering::Relaxed) != 0), RealOrdering::Relaxed);
        assert_eq!(consistent(directory, PLACE), [2, 1]);
        seen
    });
    assert_eq!(seen.len(), 9, "{seen:?}");
    assert!(SERVED.load(RealOrdering::Relaxed) > 0, "no execution came to a copy of the owner");
}

/// The bit and the request of a reader that found its own way, and of one that asked about another run.
#[test]
fn a_help_bit_that_is_left_over_costs_a_cold_path_and_nothing_else() {
    let seen = outcomes(3, || {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.observe(PLACE, 0);
        assert!(writer.arena.peek(PLACE.slot).ask_for_help(PLACE.key()));
        let reader = thread::spawn(move || consistent(directory, PLACE));
        [1, 0].iter().for_each(|bucket| writer.observe(PLACE, *bucket));
        let seen = reader.join().unwrap();
        never_falls([1, 0], seen);
        writer.observe(PLACE, 0);
        assert_eq!(writer.arena.peek(PLACE.slot).own_key() & HELP, 0);
        assert_eq!(consistent(directory, PLACE), [3, 1]);
        seen
    });
    assert_eq!(seen, [[1, 0], [1, 1], [2, 1]].into());
}

#[test]
fn a_reading_is_consistent_while_an_arena_is_adopted() {
    let seen = outcomes(2, || {
        let directory = directory();
        let before = Thread::new(directory);
        let second = thread::spawn(move || Thread::new(directory).observe(PLACE, 1));
        let reader = thread::spawn(move || consistent(directory, PLACE));
        before.observe(PLACE, 0);
        before.observe(PLACE, 1);
        drop(before);
        second.join().unwrap();
        let seen = reader.join().unwrap();
        never_falls(seen, [1, 2]);
        assert_eq!(consistent(directory, PLACE), [1, 2]);
        seen
    });
    assert!(seen.len() >= 5, "{seen:?}");
}

#[test]
fn a_reader_of_the_last_generation_never_sees_half_of_it() {
    let seen = outcomes(3, || {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.observe(PLACE, 1);
        writer.observe(PLACE, 0);
        let next = Place { generation: 2, ..PLACE };
        let reader = thread::spawn(move || consistent(directory, PLACE));
        writer.observe(next, 0);
        reader.join().unwrap()
    });
    assert_eq!(seen, [[0, 0], [1, 1]].into());
}

/// The owner's plain store takes the place of the key that published the zeros.
#[test]
fn a_key_whose_help_bit_is_cleared_still_tells_that_the_run_was_zeroed() {
    let seen = outcomes(3, || {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.observe(PLACE, 1);
        let next = Place { generation: 2, ..PLACE };
        let run = writer.arena.peek(PLACE.slot);
        let asks = thread::spawn(move || run.ask_for_help(next.key()));
        let reader = thread::spawn(move || {
            let mut counts = [0; 2];
            let read = run.generation() == next.key() && try_read(run, next.key(), &mut counts, &mut [0; 2]).is_some();
            (read, counts)
        });
        writer.observe(next, 0);
        writer.observe(next, 0);
        asks.join().unwrap();
        reader.join().unwrap()
    });
    assert_eq!(seen, [(false, [0, 0]), (true, [0, 0]), (true, [1, 0]), (true, [2, 0])].into());
}

/// A copy that was made for one reader is not taken by another one, which asks about a run of another generation.
#[test]
fn a_reader_of_the_next_generation_takes_no_copy_of_the_last() {
    let seen = outcomes(2, || {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.observe(PLACE, 1);
        let next = Place { generation: 2, ..PLACE };
        let readers = [PLACE, next].map(|place| thread::spawn(move || consistent(directory, place)));
        writer.observe(PLACE, 0);
        writer.observe(next, 0);
        writer.observe(next, 0);
        readers.map(|reader| reader.join().unwrap())
    });
    let possible =
        |[old, new]: &[[u64; 2]; 2]| [[0, 0], [0, 1], [1, 1]].contains(old) && [[0, 0], [1, 0], [2, 0]].contains(new);
    assert!(seen.len() > 3 && seen.iter().all(possible), "{seen:?}");
}
