//! Where do datagrams wait between the thread that reads them and the one that records them?
//!
//! The kernel keeps little for a socket: at full speed a few hundredths of a second. The thread that reads does nothing else,
//! so that it is woken at once however busy the processor is, and moves what has come to this queue, which is many times
//! greater. The queue is bounded; while it is full nothing is read, and what the kernel then drops it counts.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// How many bytes of datagrams a batch has room for.
const BATCH_BYTES: usize = 256 << 10;
/// The greatest datagram.
const DATAGRAM_BYTES: usize = 65_536;
/// The most datagrams of a batch.
const BATCH_DATAGRAMS: usize = 512;
/// Empty batches that are kept for reuse.
const SPARE: usize = 2;

/// Datagrams, one behind the other.
pub(super) struct Batch {
    bytes: Box<[u8]>,
    ends: Vec<usize>,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; BATCH_BYTES].into_boxed_slice(), ends: Vec::with_capacity(BATCH_DATAGRAMS) }
    }

    fn end(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Whether any datagram finds room.
    pub(super) fn has_room(&self) -> bool {
        self.ends.len() < BATCH_DATAGRAMS && self.end() + DATAGRAM_BYTES <= BATCH_BYTES
    }

    /// Where the next datagram goes; then [`Self::add`] says how long it is.
    pub(super) fn room(&mut self) -> &mut [u8] {
        let end = self.end();
        &mut self.bytes[end..end + DATAGRAM_BYTES]
    }

    pub(super) fn add(&mut self, length: usize) {
        self.ends.push(self.end() + length);
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many bytes all datagrams have.
    pub(super) fn bytes(&self) -> usize {
        self.end()
    }

    pub(super) fn datagrams(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }

    pub(super) fn clear(&mut self) {
        self.ends.clear();
    }

    /// Takes over another one's datagrams; false if they find no room.
    fn append(&mut self, other: &Self) -> bool {
        let (start, end) = (self.end(), self.end() + other.end());
        if end > BATCH_BYTES || self.len() + other.len() > BATCH_DATAGRAMS {
            return false;
        }
        self.bytes[start..end].copy_from_slice(&other.bytes[..other.end()]);
        self.ends.extend(other.ends.iter().map(|end| start + end));
        true
    }
}

/// The queue; it holds as many batches as was asked for in bytes, and at least one.
pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    emptied: Condvar,
    most: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Batch>,
    spare: Vec<Batch>,
    /// Nothing more comes.
    closed: bool,
    /// Nobody takes any more.
    abandoned: bool,
}

/// The end that a thread puts batches in at; dropping it closes the queue.
pub(super) struct Sender(Arc<Queue>);

/// The end that a thread takes batches from; dropping it lets the sender end.
pub(super) struct Receiver(Arc<Queue>);

/// What there is to take.
pub(super) enum Taken {
    Batch(Batch),
    /// Nothing for a while.
    Nothing,
    /// Nothing any more.
    End,
}

impl Queue {
    pub(super) fn new(bytes: usize) -> Arc<Self> {
        let most = bytes.div_ceil(BATCH_BYTES).max(1);
        Arc::new(Self { state: Mutex::default(), filled: Condvar::new(), emptied: Condvar::new(), most })
    }

    /// Both ends; there is one of each.
    pub(super) fn ends(self: &Arc<Self>) -> (Sender, Receiver) {
        (Sender(Arc::clone(self)), Receiver(Arc::clone(self)))
    }

    /// How many bytes of datagrams wait.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.state.lock().waiting.iter().map(Batch::end).sum()
    }
}

impl Sender {
    /// Moves a batch's datagrams in and leaves it empty; waits while the queue is full. False if nobody takes any more.
    pub(super) fn put(&self, batch: &mut Batch) -> bool {
        let mut state = self.0.state.lock();
        // Few datagrams do not take a whole batch's place.
        if state.waiting.back_mut().is_some_and(|last| last.append(batch)) {
            batch.clear();
            return true;
        }
        while state.waiting.len() >= self.0.most && !state.abandoned {
            self.0.emptied.wait(&mut state);
        }
        if state.abandoned {
            return false;
        }
        let empty = state.spare.pop().unwrap_or_else(Batch::new);
        state.waiting.push_back(std::mem::replace(batch, empty));
        self.0.filled.notify_one();
        true
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.state.lock().closed = true;
        self.0.filled.notify_one();
    }
}

impl Receiver {
    /// Takes the oldest batch; waits so long for one.
    pub(super) fn take(&self, patience: Duration) -> Taken {
        let mut state = self.0.state.lock();
        if state.waiting.is_empty() && !state.closed {
            self.0.filled.wait_for(&mut state, patience);
        }
        match state.waiting.pop_front() {
            Some(batch) => {
                self.0.emptied.notify_one();
                Taken::Batch(batch)
            }
            None if state.closed => Taken::End,
            None => Taken::Nothing,
        }
    }

    /// Gives a batch back for reuse.
    pub(super) fn give_back(&self, mut batch: Batch) {
        batch.clear();
        let mut state = self.0.state.lock();
        if state.spare.len() < SPARE {
            state.spare.push(batch);
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.abandoned = true;
        state.waiting.clear();
        self.0.emptied.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(datagram: &[u8]) -> Batch {
        let mut batch = Batch::new();
        batch.room()[..datagram.len()].copy_from_slice(datagram);
        batch.add(datagram.len());
        batch
    }

    #[test]
    fn a_batch_keeps_datagrams_apart_and_has_room_for_the_greatest() {
        let mut batch = batch(b"one");
        batch.add(0);
        batch.room()[..5].copy_from_slice(b"three");
        batch.add(5);
        assert_eq!(batch.datagrams().collect::<Vec<_>>(), [&b"one"[..], b"", b"three"]);
        while batch.has_room() {
            assert_eq!(batch.room().len(), DATAGRAM_BYTES);
            batch.add(DATAGRAM_BYTES);
        }
        batch.clear();
        assert!(batch.has_room() && batch.datagrams().next().is_none());
    }

    fn full() -> Batch {
        let mut full = Batch::new();
        (0..BATCH_DATAGRAMS).for_each(|_| full.add(1));
        full
    }

    fn taken(receiver: &Receiver) -> Batch {
        match receiver.take(Duration::from_secs(20)) {
            Taken::Batch(batch) => batch,
            Taken::Nothing | Taken::End => panic!("nothing came"),
        }
    }

    #[test]
    fn batches_come_in_order_and_the_end_after_them() {
        let queue = Queue::new(2 * BATCH_BYTES);
        let (sender, receiver) = queue.ends();
        assert!(matches!(receiver.take(Duration::ZERO), Taken::Nothing));
        for mut one in [full(), batch(b"two"), batch(b"three")] {
            assert!(sender.put(&mut one) && one.is_empty());
        }
        drop(sender);
        let first = taken(&receiver);
        assert_eq!(first.len(), BATCH_DATAGRAMS);
        receiver.give_back(first);
        assert_eq!(queue.waiting_bytes(), 8);
        // Both had room in one batch.
        assert_eq!(taken(&receiver).datagrams().collect::<Vec<_>>(), [&b"two"[..], b"three"]);
        assert!(matches!(receiver.take(Duration::ZERO), Taken::End));
    }

    #[test]
    fn a_full_queue_waits_for_room_or_the_end_of_its_receiver() {
        let (sender, receiver) = Queue::new(0).ends();
        assert!(sender.put(&mut full()));
        std::thread::scope(|scope| {
            let second = scope.spawn(|| sender.put(&mut full()));
            assert_eq!(taken(&receiver).len(), BATCH_DATAGRAMS);
            assert!(second.join().unwrap());
            let third = scope.spawn(|| sender.put(&mut full()));
            drop(receiver);
            assert!(!third.join().unwrap());
        });
    }
}
