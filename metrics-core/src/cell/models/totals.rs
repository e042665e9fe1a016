//! Are totals right that are read while they are written?

use loom::thread;

use super::{PLACE, Thread, directory, outcomes};
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
    let seen = outcomes(None, || {
        let directory = directory();
        let writer = Thread::new(directory);
        let reader = thread::spawn(move || [(); 3].map(|()| total(directory, PLACE)));
        (0..2).for_each(|_| writer.count(PLACE, 1));
        let seen = reader.join().unwrap();
        assert!(seen.is_sorted(), "{seen:?}");
        assert_eq!(total(directory, PLACE), 2);
        seen
    });
    assert_eq!(seen.len(), 10, "each of 0, 1, 2 three times, in order: {seen:?}");
}

pub(super) fn up(thread: &Thread) {
    thread.record(PLACE, updown::WORDS, |run| updown::increment(run, 1));
}

pub(super) fn down(thread: &Thread) {
    thread.record(PLACE, updown::WORDS, |run| updown::decrement(run, 1));
}

/// One is in progress all the time, a second one for a while: it begins on one thread and ends on another.
fn in_progress(claimed_before: bool) -> u64 {
    let directory = directory();
    let begun: &'static AtomicU32 = Box::leak(Box::new(AtomicU32::new(0)));
    let (ends, always) = (Thread::new(directory), Thread::new(directory));
    up(&always);
    // The run exists already where it ends, so that a reader may see its decrement early.
    up(&ends);
    down(&ends);
    let begins = claimed_before.then(|| Thread::new(directory));
    let second = thread::spawn(move || {
        if begun.load(Ordering::Acquire) == 1 {
            down(&ends);
        }
    });
    let reader = thread::spawn(move || updown::read(|| directory.arenas(), PLACE));
    up(&begins.unwrap_or_else(|| Thread::new(directory)));
    // The handle goes to the other thread by some channel.
    begun.store(1, Ordering::Release);
    second.join().unwrap();
    reader.join().unwrap()
}

#[test]
fn a_decrement_is_never_seen_without_its_increment_on_another_thread() {
    assert_eq!(outcomes(None, || in_progress(true)), [1, 2].into());
}

#[test]
fn a_decrement_is_never_seen_without_its_increment_on_a_thread_that_is_new() {
    assert_eq!(outcomes(3, || in_progress(false)), [1, 2].into());
}
