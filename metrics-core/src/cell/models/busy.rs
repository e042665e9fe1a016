//! Do the numbers of busy time belong together?

use std::sync::atomic::{AtomicUsize, Ordering as RealOrdering};

use loom::thread;

use super::{PLACE, Thread, directory, outcomes};
use crate::cell::busy::{WORDS, end, read, start};
use crate::cell::directory::Directory;
use crate::sync::Ordering;

impl Thread {
    fn start(&self, now: u64) {
        self.record(PLACE, WORDS, |run| start(run, now));
    }

    fn end(&self, now: u64) {
        self.record(PLACE, WORDS, |run| end(run, now));
    }
}

fn until(directory: &Directory, now: u64) -> u64 {
    read(directory.arenas(), PLACE).until(now)
}

#[test]
fn a_reading_is_that_of_one_moment_of_the_thread() {
    static SERVED: AtomicUsize = AtomicUsize::new(0);
    let seen = outcomes(3, || {
        let directory = directory();
        let writer = Thread::new(directory);
        let arena = writer.arena;
        writer.start(100);
        let reader = thread::spawn(move || [(); 2].map(|()| until(directory, 1000)));
        writer.end(300);
        writer.start(400);
        // Since 100; 200 done; that and since 400.
        let order = [900, 200, 800];
        let readings = reader.join().unwrap();
        let places = readings.map(|seen| order.iter().position(|possible| *possible == seen).ok_or(seen).unwrap());
        assert!(places.is_sorted(), "{readings:?}");
        SERVED.fetch_add(usize::from(arena.done.load(Ordering::Relaxed) != 0), RealOrdering::Relaxed);
        assert_eq!(until(directory, 1000), 800);
        places
    });
    assert_eq!(seen, [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 2]].into());
    assert!(SERVED.load(RealOrdering::Relaxed) > 0, "no execution came to a copy of the owner");
}

#[test]
fn work_that_ends_on_another_thread_is_counted_once() {
    let seen = outcomes(None, || {
        let directory = directory();
        let (begins, ends) = (Thread::new(directory), Thread::new(directory));
        begins.start(100);
        let reader = thread::spawn(move || until(directory, 310));
        ends.end(300);
        let seen = reader.join().unwrap();
        assert_eq!(until(directory, 1000), 200);
        seen
    });
    // In progress until now, or done: the error is at most the time from the end to the reading.
    assert_eq!(seen, [200, 210].into());
}
