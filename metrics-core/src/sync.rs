//! Where do atomics and locks come from? The one file that names them, so that loom can stand in.

#[cfg(not(metrics_loom))]
pub(crate) use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};

#[cfg(metrics_loom)]
pub(crate) use loom::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};

#[cfg(not(metrics_loom))]
pub(crate) use parking_lot::Mutex;

/// loom's mutex with parking_lot's face.
#[cfg(metrics_loom)]
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

#[cfg(metrics_loom)]
impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> loom::sync::MutexGuard<'_, T> {
        self.0.lock().expect("a model does not poison its locks")
    }
}

/// Tells the processor that this thread waits for another one; after some rounds, tells the scheduler too.
#[cfg(not(metrics_loom))]
pub(crate) fn wait_a_moment(round: u32) {
    if round % 64 == 63 {
        std::thread::yield_now();
    } else {
        std::hint::spin_loop();
    }
}

#[cfg(metrics_loom)]
pub(crate) fn wait_a_moment(_: u32) {
    loom::thread::yield_now();
}

/// A store to a word on which another thread may do a compare-exchange.
#[cfg(not(metrics_loom))]
pub(crate) fn store_beside_exchange(word: &AtomicU64, value: u64, ordering: Ordering) {
    word.store(value, ordering);
}

/// loom lets an exchange find a value that was overwritten before it: a store which has not seen the last exchange is in
/// no order with it for loom, while the standard puts an exchange next to the value that it found. A swap loom puts in
/// order. What the swap is stronger by: whoever acquires its value also synchronises with the stores and exchanges that
/// came before it in the word. Of those, the stores are the owner's own, and each store here is Release, so that nothing
/// is added by them; and no exchange beside such stores is Release, so that it hands on nothing of the thread that made it
/// (`Run::ask_for_help`, `Held`). Hence what holds in the model holds with the store.
#[cfg(metrics_loom)]
pub(crate) fn store_beside_exchange(word: &AtomicU64, value: u64, ordering: Ordering) {
    word.swap(value, ordering);
}

/// Between two sequentially consistent accesses: nothing to do.
#[cfg(not(metrics_loom))]
#[inline(always)]
pub(crate) fn between_seqcst() {}

/// loom takes sequentially consistent accesses for acquiring and releasing ones, but knows fences: with one in between they
/// are as strong as they really are.
///
/// Why the fence says no more than the accesses do. It stands in two places: `retire` stores a generation and the caller then
/// loads the head and the hazards; `guarded` swaps its hazard and then loads the generation. All of these are SeqCst, as is
/// the exchange that puts an arena into the list, so there is one order of them that each thread's own order agrees with.
/// In it, either the store of the generation comes before the writer's load of it, which then sees it, or the load comes
/// first, and with it the swap (and the exchange of a new arena), which the loads of head and hazards then see. loom has
/// this from the order of the two fences. Beyond that its fences make the later one see all that came before the earlier
/// one. The real accesses do that too: the one that sees the other side's SeqCst store or swap acquires what it released,
/// and between a fence and those loads there is no other access that could gain from the fence.
///
/// That each of the accesses has to be SeqCst loom cannot see. A test in `cell/shared.rs` runs the race on a real processor.
#[cfg(metrics_loom)]
pub(crate) fn between_seqcst() {
    fence(Ordering::SeqCst);
}

/// `len` zeroed words. Large ones come from the system untouched, so that they take memory only as they are used.
#[cfg(not(metrics_loom))]
pub(crate) fn zeroed_u64s(len: usize) -> Box<[AtomicU64]> {
    bytemuck::allocation::zeroed_slice_box(len)
}

/// `len` zeroed half words; see [`zeroed_u64s`].
#[cfg(not(metrics_loom))]
pub(crate) fn zeroed_u32s(len: usize) -> Box<[AtomicU32]> {
    bytemuck::allocation::zeroed_slice_box(len)
}

/// `len` rows of zeroed words; see [`zeroed_u64s`].
#[cfg(not(metrics_loom))]
pub(crate) fn zeroed_rows<const N: usize>(len: usize) -> Box<[[AtomicU64; N]]>
where
    [AtomicU64; N]: bytemuck::Zeroable,
{
    bytemuck::allocation::zeroed_slice_box(len)
}

#[cfg(metrics_loom)]
pub(crate) fn zeroed_rows<const N: usize>(len: usize) -> Box<[[AtomicU64; N]]> {
    (0..len).map(|_| std::array::from_fn(|_| AtomicU64::new(0))).collect()
}

#[cfg(metrics_loom)]
pub(crate) fn zeroed_u64s(len: usize) -> Box<[AtomicU64]> {
    (0..len).map(|_| AtomicU64::new(0)).collect()
}

#[cfg(metrics_loom)]
pub(crate) fn zeroed_u32s(len: usize) -> Box<[AtomicU32]> {
    (0..len).map(|_| AtomicU32::new(0)).collect()
}
