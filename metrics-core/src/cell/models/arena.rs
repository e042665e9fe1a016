//! Does every arena have one owner, and does each owner go on from the last one's values?

use loom::thread;

use super::totals::total;
use super::{PLACE, Thread, directory};

#[test]
fn no_record_is_lost_by_threads_that_claim_at_the_same_time() {
    loom::model(|| {
        let directory = directory();
        let work = move || Thread::new(directory).count(PLACE, 1);
        let others = [thread::spawn(work), thread::spawn(work)];
        work();
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(total(directory, PLACE), 3);
    });
}

#[test]
fn an_adopted_arena_goes_on_from_the_values_of_its_last_owner() {
    loom::model(|| {
        let directory = directory();
        Thread::new(directory).count(PLACE, 1);
        let work = move || Thread::new(directory).count(PLACE, 1);
        let other = thread::spawn(work);
        work();
        other.join().unwrap();
        assert_eq!(total(directory, PLACE), 3);
        assert!(directory.arenas().count() <= 2, "never more arenas than threads that record at the same time");
    });
}

#[test]
fn a_reader_that_finds_an_arena_finds_it_initialised() {
    loom::model(|| {
        let directory = directory();
        let others = [1, 2].map(|amount| thread::spawn(move || Thread::new(directory).count(PLACE, amount)));
        let first = total(directory, PLACE);
        let second = total(directory, PLACE);
        assert!(first <= second && second <= 3, "{first} then {second}");
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(total(directory, PLACE), 3);
    });
}

#[test]
fn a_reader_that_finds_a_chunk_finds_zeros() {
    loom::model(|| {
        let directory = directory();
        let writer = Thread::new(directory);
        let other = thread::spawn(move || writer.count(PLACE, 5));
        let seen = total(directory, PLACE);
        assert!(seen == 0 || seen == 5, "{seen}");
        other.join().unwrap();
    });
}
