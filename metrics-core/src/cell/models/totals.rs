//! Are totals right that are read while they are written?

use loom::thread;

use super::{PLACE, Thread, directory};
use crate::cell::directory::Directory;
use crate::cell::run::{Place, Run};
use crate::cell::updown;
use crate::sync::{AtomicU32, Ordering};

/// Key and total, as in `metric/counter.rs`.
pub(super) const COUNTER_WORDS: usize = 2;

/// As `Reader::total`.
pub(super) fn total(directory: &Directory, place: Place) -> u64 {
    let share = |run: Run| run.load_checked(place.key(), 1).unwrap_or(0);
    directory.arenas().map(|arena| share(arena.peek(place.slot))).sum()
}

#[test]
fn a_total_never_falls_while_it_is_written() {
    loom::model(|| {
        let directory = directory();
        let writer = Thread::new(directory);
        let other = thread::spawn(move || (0..3).for_each(|_| writer.count(PLACE, 1)));
        let seen = [(); 3].map(|()| total(directory, PLACE));
        assert!(seen.is_sorted() && seen[2] <= 3, "{seen:?}");
        other.join().unwrap();
        assert_eq!(total(directory, PLACE), 3);
    });
}

fn up(thread: &Thread) {
    thread.record(PLACE, updown::WORDS, |run| updown::increment(run, 1));
}

fn down(thread: &Thread) {
    thread.record(PLACE, updown::WORDS, |run| updown::decrement(run, 1));
}

/// One is in progress all the time, a second one for a while: it begins on one thread and ends on another.
fn in_progress(claimed_before: bool) {
    let directory = directory();
    let begun: &'static AtomicU32 = Box::leak(Box::new(AtomicU32::new(0)));
    let (ends, reads) = (Thread::new(directory), Thread::new(directory));
    up(&reads);
    let begins = claimed_before.then(|| Thread::new(directory));
    let first = thread::spawn(move || {
        up(&begins.unwrap_or_else(|| Thread::new(directory)));
        // The handle goes to the other thread by some channel.
        begun.store(1, Ordering::Release);
    });
    let second = thread::spawn(move || {
        if begun.load(Ordering::Acquire) == 1 {
            down(&ends);
        }
    });
    let seen = updown::read(|| directory.arenas(), PLACE);
    assert!(seen == 1 || seen == 2, "{seen}");
    first.join().unwrap();
    second.join().unwrap();
}

#[test]
fn a_decrement_is_never_seen_without_its_increment_on_another_thread() {
    loom::model(|| in_progress(true));
}

#[test]
fn a_decrement_is_never_seen_without_its_increment_on_a_thread_that_is_new() {
    loom::model(|| in_progress(false));
}
