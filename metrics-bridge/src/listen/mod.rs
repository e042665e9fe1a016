//! How do clients in other processes and languages record here? By DogStatsD lines, over UDP or a Unix datagram socket.
//!
//! A [`Listener`] needs no async runtime. A UDP socket has two threads: one moves what comes from the kernel to a bounded
//! queue and does nothing else, so that it is woken at once however busy the processor is; the other records. What the
//! kernel drops all the same, because the queue and the socket's buffer are full, is read from the kernel and exported. A
//! Unix socket drops nothing: there a client that is too fast waits or is told, and one thread does both. The memory is the
//! queue and the bounded caches of a [`crate::record::Worker`].

mod kernel;
mod queue;
mod reader;
mod socket;
mod stats;
mod tee;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use metrics_core::Error;
use parking_lot::Mutex;

use crate::record::{Bridge, Worker};
use queue::{Batch, Queue, Receiver, Taken};
use reader::Reader;
use socket::Socket;
use stats::SocketStats;
pub(crate) use stats::Sockets;
pub use tee::Tee;

/// How often there is upkeep while nothing comes.
const UPKEEP: Duration = Duration::from_millis(500);
const QUEUE_BYTES: usize = 16 << 20;

/// Is shown every datagram.
pub type Tap = Box<dyn FnMut(&[u8]) + Send>;

/// What can be chosen about a listener.
pub struct ListenerOptions {
    /// How many bytes the kernel keeps for the socket until they are read; 8 MiB if not given. The kernel may grant less:
    /// [`Listener::receive_buffer`].
    pub receive_buffer: Option<usize>,
    /// How many bytes of datagrams may wait until they are recorded, for UDP: 16 MiB by default. They are taken when they
    /// are needed.
    pub queue_bytes: usize,
    /// Who gets every datagram unchanged: the Datadog agent, while both worlds run.
    pub tee: Option<Tee>,
    /// Is shown every datagram before it is recorded, for captures.
    pub tap: Option<Tap>,
}

impl Default for ListenerOptions {
    fn default() -> Self {
        Self { receive_buffer: None, queue_bytes: QUEUE_BYTES, tee: None, tap: None }
    }
}

/// A socket that is listened to. Dropping it ends the listening; what has arrived until then is recorded.
///
/// ```
/// use std::net::UdpSocket;
/// use metrics_bridge::listen::{Listener, ListenerOptions};
/// use metrics_bridge::map::Mapper;
/// use metrics_bridge::record::{Bridge, BridgeOptions};
/// use metrics_core::Registry;
///
/// let registry = Registry::new();
/// let bridge = Bridge::new(&registry, Mapper::default(), BridgeOptions::default())?;
/// let listener = Listener::udp(&bridge, "127.0.0.1:0".parse()?, ListenerOptions::default())?; // 8125 in a service
/// let client = UdpSocket::bind("127.0.0.1:0")?;
/// client.send_to(b"shop.orders:1|c\nshop.cart:12|ms", listener.local_addr().unwrap())?;
/// listener.stop();
/// assert_eq!(registry.sample("shop_orders_total", &[]), Some(1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Listener {
    socket: Arc<Socket>,
    stop: Arc<AtomicBool>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Listener {
    /// Listens on a UDP address: 127.0.0.1:8125 is where clients send unless told otherwise. An address that other
    /// machines reach lets them record what they like.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound, or the listeners' own metrics cannot be registered.
    pub fn udp(bridge: &Bridge, address: SocketAddr, options: ListenerOptions) -> io::Result<Self> {
        let socket = Socket::udp(address, options.receive_buffer)?;
        Self::start(bridge, socket, options)
    }

    /// Listens on a Unix datagram socket, for example /var/run/datadog/dsd.socket. A socket file that nobody listens to is
    /// replaced; the file is removed at the end.
    ///
    /// # Errors
    ///
    /// If somebody listens there, or the path cannot be bound.
    pub fn unix(bridge: &Bridge, path: impl AsRef<Path>, options: ListenerOptions) -> io::Result<Self> {
        let socket = Socket::unix(path.as_ref(), options.receive_buffer)?;
        Self::start(bridge, socket, options)
    }

    fn start(bridge: &Bridge, socket: Socket, options: ListenerOptions) -> io::Result<Self> {
        let (socket, stop) = (Arc::new(socket), Arc::new(AtomicBool::new(false)));
        let queue = socket.is_lossy().then(|| Queue::new(options.queue_bytes));
        let stats = bridge.sockets().map_err(registration)?.open(&socket, queue.clone());
        let reader = Reader {
            socket: Arc::clone(&socket),
            stop: Arc::clone(&stop),
            stats: Arc::clone(&stats),
            pauses: queue.is_some(),
        };
        let mut recorder = Recorder { stats, tee: options.tee, tap: options.tap, worker: bridge.worker() };
        let threads = match queue {
            Some(queue) => {
                let (sender, receiver) = queue.ends();
                vec![
                    spawn("dogstatsd-read", move || reader.run(|batch| batch.is_empty() || sender.put(batch)))?,
                    spawn("dogstatsd", move || recorder.run(&receiver))?,
                ]
            }
            None => {
                let take = move |batch: &mut Batch| {
                    recorder.record(batch);
                    batch.clear();
                    true
                };
                vec![spawn("dogstatsd", move || reader.run(take))?]
            }
        };
        Ok(Self { socket, stop, threads: Mutex::new(threads) })
    }

    /// The UDP address that is listened on; `None` for a Unix socket.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.socket.local_addr()
    }

    /// What is listened on, with the real port: `udp://127.0.0.1:8125`, `unix:///run/dsd.socket`.
    pub fn name(&self) -> String {
        self.socket.name()
    }

    /// How many bytes the kernel keeps for the socket, and how many were asked for, both by its own count: Linux doubles what
    /// is asked for and counts a short datagram as far more than its bytes. Fewer than asked for means that
    /// `net.core.rmem_max` is smaller, and that the process may not exceed it (`CAP_NET_ADMIN`).
    pub fn receive_buffer(&self) -> (usize, usize) {
        self.socket.receive_buffer()
    }

    /// Records what has arrived and ends.
    pub fn stop(&self) {
        let threads = std::mem::take(&mut *self.threads.lock());
        if threads.is_empty() {
            return;
        }
        // Release: pairs with the Acquire in `Reader::run`.
        self.stop.store(true, Ordering::Release);
        self.socket.wake();
        for thread in threads {
            // A panic of the thread has been reported by its own hook.
            let _ = thread.join();
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop();
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Listener").field(&self.socket.name()).finish()
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.into()).spawn(run)
}

fn registration(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, error)
}

/// What records.
struct Recorder {
    stats: Arc<SocketStats>,
    tee: Option<Tee>,
    tap: Option<Tap>,
    worker: Worker,
}

impl Recorder {
    /// Records what the other thread has read, until that one ends.
    fn run(mut self, receiver: &Receiver) {
        loop {
            match receiver.take(UPKEEP) {
                Taken::Batch(batch) => {
                    self.record(&batch);
                    receiver.give_back(batch);
                }
                Taken::Nothing => self.worker.tick(),
                Taken::End => return,
            }
        }
    }

    fn record(&mut self, batch: &Batch) {
        self.worker.tick();
        for datagram in batch.datagrams() {
            if let Some(tap) = &mut self.tap {
                tap(datagram);
            }
            if let Some(tee) = &self.tee {
                self.stats.passed_on(tee.send(datagram));
            }
            self.worker.lines(datagram);
        }
    }
}
