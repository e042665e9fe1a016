//! Does every arena have one owner, and does each owner go on from the last one's values?

use loom::thread;

use super::totals::total;
use super::{PLACE, Thread, directory, outcomes};
use crate::cell::directory::CHUNK_WORDS;
use crate::cell::run::Place;

#[test]
fn no_record_is_lost_by_threads_that_claim_at_the_same_time() {
    let arenas = outcomes(3, || {
        let directory = directory();
        let work = move || Thread::new(directory).count(PLACE, 1);
        let others = [thread::spawn(work), thread::spawn(work)];
        work();
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(total(directory, PLACE), 3);
        directory.arenas().count()
    });
    assert_eq!(arenas, [1, 2, 3].into());
}

#[test]
fn an_adopted_arena_goes_on_from_the_values_of_its_last_owner() {
    let arenas = outcomes(None, || {
        let directory = directory();
        let work = move || Thread::new(directory).count(PLACE, 1);
        work();
        let other = thread::spawn(work);
        work();
        other.join().unwrap();
        assert_eq!(total(directory, PLACE), 3);
        directory.arenas().count()
    });
    assert_eq!(arenas, [1, 2].into(), "never more arenas than threads that record at the same time");
}

#[test]
fn a_reader_that_finds_an_arena_finds_it_initialised() {
    let seen = outcomes(2, || {
        let directory = directory();
        let work = move |amount| Thread::new(directory).count(PLACE, amount);
        let other = thread::spawn(move || work(1));
        let reader = thread::spawn(move || (total(directory, PLACE), total(directory, PLACE)));
        work(2);
        other.join().unwrap();
        let (first, second) = reader.join().unwrap();
        assert_eq!(total(directory, PLACE), 3);
        // What is counted stays counted: 1 may be followed by 3, and not by 2.
        assert_eq!(first & second, first, "{first} then {second}");
        (first, second)
    });
    assert_eq!(seen.len(), 9, "{seen:?}");
}

#[test]
fn a_reader_that_finds_a_chunk_finds_zeros() {
    let seen = outcomes(None, || {
        let directory = directory();
        let writer = Thread::new(directory);
        let reader = thread::spawn(move || total(directory, PLACE));
        writer.count(PLACE, 5);
        reader.join().unwrap()
    });
    assert_eq!(seen, [0, 5].into());
}

/// As above, in a table that is there already.
#[test]
fn a_reader_that_finds_another_chunk_finds_zeros() {
    let seen = outcomes(None, || {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.count(Place { slot: CHUNK_WORDS as u32, generation: 1 }, 7);
        let reader = thread::spawn(move || total(directory, PLACE));
        writer.count(PLACE, 5);
        reader.join().unwrap()
    });
    assert_eq!(seen, [0, 5].into());
}
