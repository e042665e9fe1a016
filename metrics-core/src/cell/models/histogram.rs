//! Do buckets and sum belong together in every reading of a histogram?

use std::sync::atomic::{AtomicUsize, Ordering as RealOrdering};

use loom::thread;

use super::{PLACE, Thread, directory};
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
    loom::model(|| {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.observe(PLACE, 0);
        let run = writer.arena.peek(PLACE.slot);
        let other = thread::spawn(move || writer.observe(PLACE, 1));
        let mut counts = [0; 2];
        let mut attempt = || try_read(run, PLACE.key(), &mut counts, &mut [0; 2]);
        // The first attempt may meet the observation, the second has nothing to meet any more.
        let sum = attempt().or_else(attempt);
        assert_eq!(sum, Some(counts[0] as f64 * VALUES[0] + counts[1] as f64 * VALUES[1]), "{counts:?}");
        assert!(counts == [1, 0] || counts == [1, 1], "{counts:?}");
        other.join().unwrap();
    });
}

#[test]
fn readings_beside_a_writer_in_a_loop_are_consistent_and_never_fall() {
    static SERVED: AtomicUsize = AtomicUsize::new(0);
    loom::model(|| {
        let directory = directory();
        let writer = Thread::new(directory);
        let arena = writer.arena;
        writer.observe(PLACE, 0);
        let other = thread::spawn(move || [1, 0].iter().for_each(|bucket| writer.observe(PLACE, *bucket)));
        let first = consistent(directory, PLACE);
        let second = consistent(directory, PLACE);
        never_falls(first, second);
        other.join().unwrap();
        SERVED.fetch_add(usize::from(arena.done.load(Ordering::Relaxed) != 0), RealOrdering::Relaxed);
        assert_eq!(consistent(directory, PLACE), [2, 1]);
    });
    assert!(SERVED.load(RealOrdering::Relaxed) > 0, "no execution came to a copy of the owner");
}

#[test]
fn two_readers_at_once_both_read_what_is_consistent() {
    static SERVED: AtomicUsize = AtomicUsize::new(0);
    loom::model(|| {
        let directory = directory();
        let writer = Thread::new(directory);
        let arena = writer.arena;
        writer.observe(PLACE, 0);
        let writes = thread::spawn(move || [1, 0].iter().for_each(|bucket| writer.observe(PLACE, *bucket)));
        let reads = thread::spawn(move || consistent(directory, PLACE));
        consistent(directory, PLACE);
        reads.join().unwrap();
        writes.join().unwrap();
        SERVED.fetch_add(usize::from(arena.done.load(Ordering::Relaxed) != 0), RealOrdering::Relaxed);
        assert_eq!(consistent(directory, PLACE), [2, 1]);
    });
    assert!(SERVED.load(RealOrdering::Relaxed) > 0, "no execution came to a copy of the owner");
}

/// The bit and the request of a reader that found its own way, and of one that asked about another run.
#[test]
fn a_help_bit_that_is_left_over_costs_a_cold_path_and_nothing_else() {
    loom::model(|| {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.observe(PLACE, 0);
        assert!(writer.arena.peek(PLACE.slot).ask_for_help(PLACE.key()));
        let other = thread::spawn(move || {
            [1, 0].iter().for_each(|bucket| writer.observe(PLACE, *bucket));
            writer
        });
        let seen = consistent(directory, PLACE);
        never_falls([1, 0], seen);
        let writer = other.join().unwrap();
        writer.observe(PLACE, 0);
        assert_eq!(writer.arena.peek(PLACE.slot).own_key() & HELP, 0);
        assert_eq!(consistent(directory, PLACE), [3, 1]);
    });
}

#[test]
fn a_reading_is_consistent_while_an_arena_is_adopted() {
    loom::model(|| {
        let directory = directory();
        let before = Thread::new(directory);
        let first = thread::spawn(move || {
            before.observe(PLACE, 0);
            before.observe(PLACE, 1);
        });
        let second = thread::spawn(move || Thread::new(directory).observe(PLACE, 1));
        let seen = consistent(directory, PLACE);
        first.join().unwrap();
        second.join().unwrap();
        never_falls(seen, [1, 2]);
        assert_eq!(consistent(directory, PLACE), [1, 2]);
    });
}

#[test]
fn a_reader_of_the_last_generation_never_sees_half_of_it() {
    loom::model(|| {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.observe(PLACE, 1);
        writer.observe(PLACE, 0);
        let next = Place { generation: 2, ..PLACE };
        let other = thread::spawn(move || writer.observe(next, 0));
        let seen = consistent(directory, PLACE);
        assert!(seen == [1, 1] || seen == [0, 0], "{seen:?}");
        other.join().unwrap();
    });
}
