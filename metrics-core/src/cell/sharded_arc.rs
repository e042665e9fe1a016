//! How is a value shared by many threads without a reference count that all of them change?
//!
//! Each handle is counted in when it is made and counted out when it is dropped, in the cells of the thread that does
//! so (`updown.rs`): two plain stores, where `Arc` has two exchanges on one cache line for all threads. What is lost is to
//! know at once which handle was the last: values that nobody has any more are found when somebody looks ([`sweep`]), which is
//! when a scrape begins, and when as many values have been made as were left the last time.
//!
//! Why a value for which as many were counted out as in has no handle left, however old either number is: all that went out
//! is read before all that came in, with Acquire. Every handle but the first was made from another one, before that one was
//! dropped. So whoever sees a handle go out sees it come in, and sees all handles come in that were made from it. Let a
//! handle be left whose coming in is not seen. Then the one that it was made from is not seen to go out; and so on back to
//! one that is seen to come in, at the latest the first, and not to go out: there are more in than out.
//!
//! And whoever frees the value comes after all that was done with it: it saw every handle go out.

use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use super::run::Place;
use super::updown::{WORDS, decrement, increment, is_even};
use super::{local, slots};
use crate::sync::Mutex;

/// A handle to a value that lives as long as one of its handles, and until somebody looks after that.
pub struct ShardedArc<T: Send + Sync + 'static>(NonNull<Inner<T>>);

struct Inner<T> {
    /// Where handles are counted, or [`slots::NOWHERE`].
    place: Place,
    value: T,
}

/// All values that may have handles.
static VALUES: Mutex<Values> = Mutex::new(Values { held: Vec::new(), next: FEW });

struct Values {
    held: Vec<Held>,
    /// When there are so many, it is time to look which are over.
    next: usize,
}

/// So many are not worth a look.
const FEW: usize = 8;

/// A value without its type, to be dropped once it has no handle left.
struct Held {
    place: Place,
    inner: NonNull<dyn Send + Sync>,
}

// SAFETY: all that is done with the value from here is that it is dropped, and it is `Send`.
unsafe impl Send for Held {}

// SAFETY: as for `Arc`: a handle on another thread lends the value there (`Sync`), and its last handle may be dropped there
// (`Send`).
unsafe impl<T: Send + Sync> Send for ShardedArc<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for ShardedArc<T> {}

impl<T: Send + Sync> ShardedArc<T> {
    /// The first handle of a value. If all words of the process are in use, the value is never dropped.
    pub fn new(value: T) -> Self {
        if VALUES.lock().is_time() {
            sweep();
        }
        let place = slots::allocate(WORDS).unwrap_or(slots::NOWHERE);
        let inner = NonNull::from(Box::leak(Box::new(Inner { place, value })));
        count_in(place);
        VALUES.lock().held.push(Held { place, inner });
        Self(inner)
    }

    #[inline(always)]
    fn inner(&self) -> &Inner<T> {
        // SAFETY: it was made by `Box::leak`, is never lent mutably, and is freed by `sweep` once it has no handle left; this
        // is one.
        unsafe { self.0.as_ref() }
    }
}

/// Drops the values that have no handle left.
pub fn sweep() {
    let over = VALUES.lock().take_over();
    // Without the lock: what a value does when it is dropped is its own affair, and if it panics, neither the others' nor
    // that of whoever came by.
    for one in over {
        let _ = catch_unwind(AssertUnwindSafe(|| one.end()));
    }
}

impl Values {
    fn is_time(&self) -> bool {
        self.held.len() >= self.next
    }

    /// Takes out those that have no handle left.
    fn take_over(&mut self) -> Vec<Held> {
        let (mut over, mut at) = (Vec::new(), 0);
        while let Some(one) = self.held.get(at) {
            if one.is_over() {
                over.push(self.held.swap_remove(at));
            } else {
                at += 1;
            }
        }
        self.next = self.held.len() * 2 + FEW;
        over
    }
}

#[inline(always)]
fn count_in(place: Place) {
    local::record(place, WORDS, |run| increment(run, 1));
}

impl Held {
    fn is_over(&self) -> bool {
        self.place != slots::NOWHERE && is_even(local::arenas, self.place)
    }

    fn end(self) {
        // SAFETY: it was made by `Box::leak` in `ShardedArc::new` and is no longer in the list, so this happens once; no
        // handle is left that could lend it, and all that was done through one came before (see the module's text).
        let inner = unsafe { Box::from_raw(self.inner.as_ptr()) };
        slots::free(self.place, WORDS);
        drop(inner);
    }
}

impl<T: Send + Sync> Clone for ShardedArc<T> {
    #[inline]
    fn clone(&self) -> Self {
        count_in(self.inner().place);
        Self(self.0)
    }
}

impl<T: Send + Sync> Drop for ShardedArc<T> {
    #[inline]
    fn drop(&mut self) {
        let place = self.inner().place;
        // From here on the value may be gone. Release, in `decrement`: so that it goes after all that was done with it.
        local::record(place, WORDS, |run| decrement(run, 1));
    }
}

impl<T: Send + Sync> Deref for ShardedArc<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        &self.inner().value
    }
}

impl<T: Send + Sync + fmt::Debug> fmt::Debug for ShardedArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    /// Looks until nobody else has a clone: another test's scrape may have found the value first, and be about to drop it.
    fn until_alone(inside: &Arc<()>) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while Arc::strong_count(inside) > 1 {
            assert!(Instant::now() < deadline, "a value without handles is kept");
            sweep();
            thread::yield_now();
        }
    }

    #[test]
    fn a_value_is_dropped_with_its_last_handle_wherever_that_was_made_and_dropped() {
        let inside = Arc::new(());
        let first = ShardedArc::new(Arc::clone(&inside));
        let second = thread::spawn({
            let first = first.clone();
            move || first.clone()
        });
        let second = second.join().unwrap();
        drop(first);
        sweep();
        assert_eq!(Arc::strong_count(&inside), 2, "one is left");
        thread::spawn(move || drop(second)).join().unwrap();
        until_alone(&inside);
    }

    #[test]
    fn a_value_whose_last_handle_is_just_dropped_goes_when_somebody_looks() {
        let inside = Arc::new(());
        let first = ShardedArc::new(Arc::clone(&inside));
        drop(first.clone());
        sweep();
        assert_eq!(Arc::strong_count(&inside), 2);
        drop(first);
        until_alone(&inside);
    }

    #[test]
    fn a_value_may_make_and_drop_others_when_it_is_dropped() {
        struct Makes(Arc<()>);
        impl Drop for Makes {
            fn drop(&mut self) {
                drop(ShardedArc::new(Arc::clone(&self.0)));
                sweep();
            }
        }
        let inside = Arc::new(());
        drop(ShardedArc::new(Makes(Arc::clone(&inside))));
        until_alone(&inside);
    }

    #[test]
    fn a_value_that_panics_when_it_is_dropped_keeps_no_other_one() {
        struct Panics;
        impl Drop for Panics {
            fn drop(&mut self) {
                panic!("as the test wants it");
            }
        }
        let inside = Arc::new(());
        let values = [(); 3].map(|()| (ShardedArc::new(Arc::clone(&inside)), ShardedArc::new(Panics)));
        drop(values);
        until_alone(&inside);
    }

    #[test]
    fn memory_is_flat_however_many_there_were() {
        for _ in 0..10_000 {
            drop(ShardedArc::new([0_u64; 8]));
        }
        assert!(VALUES.lock().held.len() < 100, "those of other tests and the last one");
    }
}
