//! Is the triple of busy time read whole?

use std::sync::atomic::{AtomicUsize, Ordering as RealOrdering};

use loom::thread;

use super::{PLACE, Thread, directory};
use crate::cell::busy::{WORDS, end, read, start};
use crate::cell::directory::Directory;
use crate::sync::Ordering;

impl Thread {
    fn start(&self, now: u64) {
        self.record(PLACE, WORDS, |run| start(run, now));
    }

    fn end(&self, then: u64, now: u64) {
        self.record(PLACE, WORDS, |run| end(run, then, now));
    }
}

fn until(directory: &Directory, now: u64) -> u64 {
    read(directory.arenas(), PLACE).until(now)
}

#[test]
fn a_reading_is_that_of_one_moment_of_the_thread() {
    static SERVED: AtomicUsize = AtomicUsize::new(0);
    loom::model(|| {
        let directory = directory();
        let writer = Thread::new(directory);
        let arena = writer.arena;
        writer.start(100);
        let other = thread::spawn(move || {
            writer.end(100, 300);
            writer.start(400);
        });
        // Since 100; 200 done; that and since 400.
        let order = [900, 200, 800];
        let place = |seen| order.iter().position(|possible| *possible == seen);
        let (first, second) = (until(directory, 1000), until(directory, 1000));
        assert!(place(first).is_some() && place(second).is_some(), "{first} then {second}");
        assert!(place(first) <= place(second), "{first} then {second}");
        other.join().unwrap();
        SERVED.fetch_add(usize::from(arena.done.load(Ordering::Relaxed) != 0), RealOrdering::Relaxed);
        assert_eq!(until(directory, 1000), 800);
    });
    assert!(SERVED.load(RealOrdering::Relaxed) > 0, "no execution came to a copy of the owner");
}

#[test]
fn work_that_ends_on_another_thread_is_counted_once() {
    loom::model(|| {
        let directory = directory();
        let (begins, ends) = (Thread::new(directory), Thread::new(directory));
        begins.start(100);
        let other = thread::spawn(move || ends.end(100, 300));
        // In progress until now, or done: the error is at most the time from the end to the reading.
        let seen = until(directory, 310);
        assert!(seen == 210 || seen == 200, "{seen}");
        other.join().unwrap();
        assert_eq!(until(directory, 1000), 200);
    });
}
