//! Is a value freed only after all that was done with it, although each thread counts its own handles?

use loom::cell::UnsafeCell;
use loom::thread;

use super::totals::{down, up};
use super::{PLACE, Thread, directory, outcomes};
use crate::cell::directory::Directory;
use crate::cell::updown;
use crate::sync::{AtomicU32, Ordering};

/// A value, of which loom notices if it is used while it is freed, or after.
type Value = UnsafeCell<u32>;

fn used(value: &Value) {
    // SAFETY: loom fails the model if it is written meanwhile.
    assert_eq!(value.with(|value| unsafe { *value }), 7, "it was freed");
}

/// As `sweep`: whether the value has no handle left, and is freed therefore.
fn freed(directory: &'static Directory, value: &Value) -> bool {
    let over = updown::is_even(|| directory.arenas(), PLACE);
    if over {
        // SAFETY: loom fails the model if it is read or written meanwhile.
        value.with_mut(|value| unsafe { *value = 0 });
    }
    over
}

fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

struct Shared(Value);

// SAFETY: whether that is so is what the models are about.
unsafe impl Sync for Shared {}

#[test]
fn a_handle_made_from_another_one_keeps_the_value_after_that_one_is_dropped() {
    let seen = outcomes(None, || {
        let directory = directory();
        let value = leaked(Shared(Value::new(7)));
        // Two arenas: what one handle did in the first the other one ends in the second.
        let (one, other) = (Thread::new(directory), Thread::new(directory));
        up(&one);
        let sweeps = thread::spawn(move || freed(directory, &value.0));
        up(&other);
        down(&one);
        used(&value.0);
        down(&other);
        sweeps.join().unwrap()
    });
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_handle_that_another_thread_made_keeps_the_value_too() {
    let seen = outcomes(3, || {
        let directory = directory();
        let value = leaked(Shared(Value::new(7)));
        let lent = leaked(AtomicU32::new(0));
        let (one, other) = (Thread::new(directory), Thread::new(directory));
        up(&one);
        let sweeps = thread::spawn(move || freed(directory, &value.0));
        let makes = thread::spawn(move || {
            if lent.load(Ordering::Acquire) == 1 {
                used(&value.0);
                down(&other);
            }
        });
        // The second handle is counted in here and sent there.
        up(&one);
        lent.store(1, Ordering::Release);
        down(&one);
        makes.join().unwrap();
        sweeps.join().unwrap()
    });
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [false, true]);
}
