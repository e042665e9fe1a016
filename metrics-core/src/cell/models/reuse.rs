//! Does a slot that is handed out again begin at zero, and does its last series' handle harm nothing?

use loom::thread;

use super::totals::total;
use super::{PLACE, Thread, directory, outcomes};
use crate::cell::run::Place;
use crate::sync::{AtomicU32, Ordering};

const NEXT: Place = Place { generation: 2, ..PLACE };

#[test]
fn a_reader_of_the_new_generation_never_sees_old_values() {
    let seen = outcomes(None, || {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.count(PLACE, 100);
        let reader = thread::spawn(move || total(directory, NEXT));
        writer.count(PLACE, 100);
        writer.count(NEXT, 1);
        writer.count(NEXT, 1);
        let seen = reader.join().unwrap();
        assert_eq!(total(directory, NEXT), 2);
        assert_eq!(total(directory, PLACE), 0);
        seen
    });
    assert_eq!(seen, [0, 1, 2].into());
}

#[test]
fn a_reader_of_the_old_generation_never_sees_new_values() {
    let seen = outcomes(None, || {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.count(PLACE, 100);
        let reader = thread::spawn(move || total(directory, PLACE));
        writer.count(NEXT, 1);
        writer.count(NEXT, 1);
        reader.join().unwrap()
    });
    assert_eq!(seen, [0, 100].into());
}

#[test]
fn a_stale_handle_records_into_nothing() {
    let seen = outcomes(3, || {
        let directory = directory();
        let (stale, fresh) = (Thread::new(directory), Thread::new(directory));
        stale.count(PLACE, 100);
        let fresh = thread::spawn(move || fresh.count(NEXT, 1));
        let reader = thread::spawn(move || total(directory, NEXT));
        stale.count(PLACE, 100);
        // On the same thread a new handle comes in between.
        stale.count(NEXT, 1);
        stale.count(PLACE, 100);
        fresh.join().unwrap();
        let seen = reader.join().unwrap();
        assert_eq!(total(directory, NEXT), 2);
        seen
    });
    assert_eq!(seen, [0, 1, 2].into());
}

/// A scrape reads a series, and then checks that it has not been removed meanwhile: what it read is then whole.
#[test]
fn a_reading_of_a_series_that_is_still_there_afterwards_is_not_that_of_its_successor() {
    let seen = outcomes(None, || {
        let directory = directory();
        let alive: &'static AtomicU32 = Box::leak(Box::new(AtomicU32::new(1)));
        let reissued: &'static AtomicU32 = Box::leak(Box::new(AtomicU32::new(0)));
        let (one, two) = (Thread::new(directory), Thread::new(directory));
        one.count(PLACE, 100);
        two.count(PLACE, 100);
        let records = thread::spawn(move || {
            if reissued.load(Ordering::Acquire) == 1 {
                one.count(NEXT, 1);
            }
        });
        let reader = thread::spawn(move || {
            let seen = total(directory, PLACE);
            crate::sync::fence(Ordering::Acquire);
            (seen, alive.load(Ordering::Relaxed))
        });
        alive.store(0, Ordering::Relaxed);
        reissued.store(1, Ordering::Release);
        records.join().unwrap();
        let (seen, alive) = reader.join().unwrap();
        assert!(alive == 0 || seen == 200, "{seen}");
        (seen, alive)
    });
    assert_eq!(seen, [(100, 0), (200, 0), (200, 1)].into());
}

/// As above, of what the arena's next owner counts: it stores plainly, and whoever sees that sees the key before it.
#[test]
fn a_reader_of_the_old_generation_never_sees_what_an_adopter_counts() {
    let seen = outcomes(None, || {
        let directory = directory();
        let first = Thread::new(directory);
        first.count(PLACE, 100);
        let adopts = thread::spawn(move || Thread::new(directory).count(NEXT, 1));
        let reader = thread::spawn(move || total(directory, PLACE));
        first.count(NEXT, 1);
        drop(first);
        adopts.join().unwrap();
        reader.join().unwrap()
    });
    assert_eq!(seen, [0, 100].into());
}

/// As above, where the arena has another owner meanwhile: what the last one saw is handed on with it.
#[test]
fn a_reading_of_a_series_that_is_still_there_is_whole_though_its_arena_was_adopted() {
    let seen = outcomes(None, || {
        let directory = directory();
        let alive: &'static AtomicU32 = Box::leak(Box::new(AtomicU32::new(1)));
        let first = Thread::new(directory);
        first.count(PLACE, 100);
        let reader = thread::spawn(move || {
            let seen = total(directory, PLACE);
            crate::sync::fence(Ordering::Acquire);
            (seen, alive.load(Ordering::Relaxed))
        });
        let adopts = thread::spawn(move || {
            // Waits for nothing: it adopts the arena where the first one has released it, and makes one of its own else.
            Thread::new(directory).count(NEXT, 1);
        });
        alive.store(0, Ordering::Relaxed);
        drop(first);
        adopts.join().unwrap();
        reader.join().unwrap()
    });
    assert!(seen.contains(&(100, 1)) && seen.contains(&(0, 0)), "{seen:?}");
}
