//! Does a slot that is handed out again begin at zero, and does its last series' handle harm nothing?

use loom::thread;

use super::totals::total;
use super::{PLACE, Thread, directory};
use crate::cell::run::Place;
use crate::sync::{AtomicU32, Ordering};

const NEXT: Place = Place { generation: 2, ..PLACE };

#[test]
fn a_reader_of_the_new_generation_never_sees_old_values() {
    loom::model(|| {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.count(PLACE, 100);
        let other = thread::spawn(move || {
            writer.count(PLACE, 100);
            writer.count(NEXT, 1);
            writer.count(NEXT, 1);
        });
        let seen = total(directory, NEXT);
        assert!(seen <= 2, "{seen}");
        other.join().unwrap();
        assert_eq!(total(directory, NEXT), 2);
        assert_eq!(total(directory, PLACE), 0);
    });
}

#[test]
fn a_reader_of_the_old_generation_never_sees_new_values() {
    loom::model(|| {
        let directory = directory();
        let writer = Thread::new(directory);
        writer.count(PLACE, 100);
        let other = thread::spawn(move || {
            writer.count(NEXT, 1);
            writer.count(NEXT, 1);
        });
        let seen = total(directory, PLACE);
        assert!(seen == 0 || seen == 100, "{seen}");
        other.join().unwrap();
    });
}

#[test]
fn a_stale_handle_records_into_nothing() {
    loom::model(|| {
        let directory = directory();
        let (stale, fresh) = (Thread::new(directory), Thread::new(directory));
        stale.count(PLACE, 100);
        let stale = thread::spawn(move || {
            stale.count(PLACE, 100);
            // On the same thread a new handle comes in between.
            stale.count(NEXT, 1);
            stale.count(PLACE, 100);
        });
        let fresh = thread::spawn(move || fresh.count(NEXT, 1));
        let seen = total(directory, NEXT);
        assert!(seen <= 2, "{seen}");
        stale.join().unwrap();
        fresh.join().unwrap();
        assert_eq!(total(directory, NEXT), 2);
    });
}

/// A scrape reads a series, and then checks that it has not been removed meanwhile: what it read is then whole.
#[test]
fn a_reading_of_a_series_that_is_still_there_afterwards_is_not_that_of_its_successor() {
    loom::model(|| {
        let directory = directory();
        let alive: &'static AtomicU32 = Box::leak(Box::new(AtomicU32::new(1)));
        let reissued: &'static AtomicU32 = Box::leak(Box::new(AtomicU32::new(0)));
        let (one, two) = (Thread::new(directory), Thread::new(directory));
        one.count(PLACE, 100);
        two.count(PLACE, 100);
        let removes = thread::spawn(move || {
            alive.store(0, Ordering::Relaxed);
            reissued.store(1, Ordering::Release);
            two
        });
        let records = thread::spawn(move || {
            if reissued.load(Ordering::Acquire) == 1 {
                one.count(NEXT, 1);
            }
        });
        let seen = total(directory, PLACE);
        crate::sync::fence(Ordering::Acquire);
        if alive.load(Ordering::Relaxed) == 1 {
            assert_eq!(seen, 200);
        }
        removes.join().unwrap();
        records.join().unwrap();
    });
}
