//! How is a socket emptied before the kernel has to drop anything?

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::queue::Batch;
use super::socket::Socket;
use super::stats::SocketStats;

/// How long an error that stays is waited for: it must not take the whole core.
const AFTER_ERROR: Duration = Duration::from_millis(10);
/// How long is waited for more where much comes: reading each datagram for itself costs two changes of threads.
const PAUSE: Duration = Duration::from_micros(500);
/// So many datagrams at once are much.
const MUCH: usize = 8;
/// What the kernel counts for a datagram beside twice its bytes, about.
const KERNEL_OVERHEAD: usize = 1_024;
/// And at least.
const LEAST_OVERHEAD: usize = 256;

/// Reads a socket until it is told to stop.
pub(super) struct Reader {
    pub(super) socket: Arc<Socket>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) stats: Arc<SocketStats>,
    /// Whether the kernel keeps what comes in a pause; otherwise senders would wait for it.
    pub(super) pauses: bool,
}

/// What reading gave.
enum Round {
    /// All that had come; the last of it if that was to be the end.
    Everything,
    /// The batch is full, there may be more.
    Full,
    Failed,
}

impl Reader {
    /// Gives what comes to `take`, also when nothing comes for a while, and when it is told to stop, all that has arrived
    /// before. Ends, too, when `take` takes no more.
    pub(super) fn run(self, mut take: impl FnMut(&mut Batch) -> bool) {
        let mut batch = Batch::new();
        // What has arrived before the end is no more than this; who goes on sending does not hold the end up.
        let mut arrived_before = self.stats.receive_buffer;
        loop {
            // Acquire: pairs with the Release in `Listener::stop`.
            let stopping = self.stop.load(Ordering::Acquire);
            let round = self.fill(&mut batch, stopping);
            let pause = self.pauses && matches!(round, Round::Everything) && self.may_pause(&batch);
            if stopping {
                arrived_before = arrived_before.saturating_sub(batch.bytes() + LEAST_OVERHEAD * batch.len());
            }
            if !take(&mut batch) {
                return;
            }
            match round {
                Round::Full if stopping && arrived_before == 0 => return,
                Round::Full => {}
                Round::Everything | Round::Failed if stopping => return,
                Round::Everything if pause => std::thread::park_timeout(PAUSE),
                Round::Everything => {}
                Round::Failed => std::thread::park_timeout(AFTER_ERROR),
            }
        }
    }

    /// Waits for a datagram, unless it is stopping, and reads all that have come.
    fn fill(&self, batch: &mut Batch, stopping: bool) -> Round {
        let mut at_once = stopping;
        while batch.has_room() {
            match self.socket.receive(batch.room(), at_once) {
                // Somebody wakes the thread.
                Ok(0) => {}
                Ok(length) => {
                    batch.add(length);
                    self.stats.received(length);
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => return Round::Everything,
                    io::ErrorKind::Interrupted => continue,
                    _ => {
                        self.stats.receive_errors.fetch_add(u64::from(!stopping), Ordering::Relaxed);
                        return Round::Failed;
                    }
                },
            }
            at_once = true;
        }
        Round::Full
    }

    /// Whether much comes, and far less than the kernel's buffer holds.
    fn may_pause(&self, batch: &Batch) -> bool {
        let kernel = 2 * batch.bytes() + KERNEL_OVERHEAD * batch.len();
        batch.len() >= MUCH && kernel < self.stats.receive_buffer / 8
    }
}
