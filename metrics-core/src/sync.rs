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

/// loom lets an exchange succeed whose expected value was overwritten before; a swap is one that it puts in order.
#[cfg(metrics_loom)]
pub(crate) fn store_beside_exchange(word: &AtomicU64, value: u64, ordering: Ordering) {
    word.swap(value, ordering);
}

/// Between two sequentially consistent accesses: nothing to do.
#[cfg(not(metrics_loom))]
#[inline(always)]
pub(crate) fn between_seqcst() {}

/// loom takes sequentially consistent accesses for weaker ones, but knows fences: with one in between they are as strong
/// as they really are.
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
