//! How do clients in other processes and languages record here? By DogStatsD lines, over UDP or a Unix datagram socket.
//!
//! A [`Listener`] is a thread that reads datagrams and records their lines. It needs no async runtime, and its memory is
//! one buffer and the bounded caches of a [`crate::record::Worker`]. What the kernel drops because the socket's buffer is
//! full is read from the kernel and exported; a Unix socket drops nothing, there a client that is too fast waits or is told.

mod kernel;
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

use metrics_core::Error;
use parking_lot::Mutex;

use crate::record::{Bridge, Worker};
use socket::Socket;
use stats::SocketStats;
pub(crate) use stats::Sockets;
pub use tee::Tee;

/// The greatest UDP datagram; over a Unix socket longer ones are cut by the kernel and their last line is refused.
const BUFFER_BYTES: usize = 65_536;

/// Is shown every datagram.
pub type Tap = Box<dyn FnMut(&[u8]) + Send>;

/// What can be chosen about a listener.
#[derive(Default)]
pub struct ListenerOptions {
    /// How many bytes the kernel keeps for the socket while the thread is busy; 4 MiB if not given. The kernel may grant
    /// less (`net.core.rmem_max`).
    pub receive_buffer: Option<usize>,
    /// Who gets every datagram unchanged: the Datadog agent, while both worlds run.
    pub tee: Option<Tee>,
    /// Is shown every datagram before it is recorded, for captures.
    pub tap: Option<Tap>,
}

/// A socket that is listened to. Dropping it ends the thread; what has arrived until then is recorded.
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
    thread: Mutex<Option<JoinHandle<()>>>,
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
        let stats = bridge.sockets().map_err(registration)?.open(&socket);
        let run = Run { socket: Arc::clone(&socket), stop: Arc::clone(&stop), stats, options, worker: bridge.worker() };
        let thread = std::thread::Builder::new().name("dogstatsd".into()).spawn(move || run.run())?;
        Ok(Self { socket, stop, thread: Mutex::new(Some(thread)) })
    }

    /// The UDP address that is listened on; `None` for a Unix socket.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.socket.local_addr()
    }

    /// What is listened on, with the real port: `udp://127.0.0.1:8125`, `unix:///run/dsd.socket`.
    pub fn name(&self) -> String {
        self.socket.name()
    }

    /// Records what has arrived and ends.
    pub fn stop(&self) {
        let Some(thread) = self.thread.lock().take() else { return };
        // Release: pairs with the Acquire in `run`.
        self.stop.store(true, Ordering::Release);
        self.socket.wake();
        // A panic of the thread has been reported by its own hook.
        let _ = thread.join();
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

fn registration(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, error)
}

/// What the thread has.
struct Run {
    socket: Arc<Socket>,
    stop: Arc<AtomicBool>,
    stats: Arc<SocketStats>,
    options: ListenerOptions,
    worker: Worker,
}

impl Run {
    fn run(mut self) {
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut stopping = false;
        loop {
            stopping |= self.stop.load(Ordering::Acquire);
            match self.socket.receive(&mut buffer, stopping) {
                Ok(0) => {}
                Ok(length) => self.datagram(&buffer[..length]),
                // Nothing came for a while: time for upkeep. Once everything is read that had arrived, it is the end.
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    if stopping {
                        return;
                    }
                    self.worker.tick();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) if stopping => return,
                Err(_) => {
                    self.stats.receive_errors.fetch_add(1, Ordering::Relaxed);
                    // An error that stays must not take the whole core.
                    std::thread::park_timeout(std::time::Duration::from_millis(10));
                }
            }
        }
    }

    fn datagram(&mut self, datagram: &[u8]) {
        self.stats.received(datagram.len());
        if let Some(tap) = &mut self.options.tap {
            tap(datagram);
        }
        if let Some(tee) = &self.options.tee {
            self.stats.passed_on(tee.send(datagram));
        }
        self.worker.datagram(datagram);
    }
}
