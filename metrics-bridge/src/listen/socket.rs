//! How is a socket bound, read and woken?

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use socket2::SockRef;

const RECEIVE_BUFFER: usize = 4 << 20;
/// How long a read waits before it is time for upkeep.
const WAIT: Duration = Duration::from_millis(500);

pub(super) enum Socket {
    Udp(UdpSocket),
    Unix(UnixDatagram, PathBuf),
}

impl Socket {
    pub(super) fn udp(address: SocketAddr, receive_buffer: Option<usize>) -> io::Result<Self> {
        let socket = UdpSocket::bind(address).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("cannot listen on udp://{address}: {error}; is an agent listening there?"),
            )
        })?;
        prepare(&socket, receive_buffer)?;
        socket.set_read_timeout(Some(WAIT))?;
        Ok(Self::Udp(socket))
    }

    pub(super) fn unix(path: &Path, receive_buffer: Option<usize>) -> io::Result<Self> {
        remove_stale(path)?;
        let socket = UnixDatagram::bind(path).map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on unix://{}: {error}", path.display()))
        })?;
        prepare(&socket, receive_buffer)?;
        socket.set_read_timeout(Some(WAIT))?;
        Ok(Self::Unix(socket, path.to_owned()))
    }

    /// Reads a datagram; does not wait if `at_once`.
    pub(super) fn receive(&self, buffer: &mut [u8], at_once: bool) -> io::Result<usize> {
        if at_once {
            self.set_nonblocking()?;
        }
        match self {
            Self::Udp(socket) => socket.recv(buffer),
            Self::Unix(socket, _) => socket.recv(buffer),
        }
    }

    fn set_nonblocking(&self) -> io::Result<()> {
        match self {
            Self::Udp(socket) => socket.set_nonblocking(true),
            Self::Unix(socket, _) => socket.set_nonblocking(true),
        }
    }

    /// Ends a read that is waiting, by an empty datagram. If it cannot be sent, the read ends by itself.
    pub(super) fn wake(&self) {
        let _ = match self {
            Self::Udp(socket) => socket.local_addr().and_then(|mut address| {
                if address.ip().is_unspecified() {
                    address.set_ip(match address {
                        SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                        SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
                    });
                }
                socket.send_to(&[], address)
            }),
            // Not from the same socket: it would wait for itself if its queue is full.
            Self::Unix(_, path) => UnixDatagram::unbound().and_then(|sender| {
                sender.set_nonblocking(true)?;
                sender.send_to(&[], path)
            }),
        };
    }

    pub(super) fn local_addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Udp(socket) => socket.local_addr().ok(),
            Self::Unix(..) => None,
        }
    }

    /// As it is called in metrics and messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Udp(socket) => {
                socket.local_addr().map_or_else(|_| "udp".to_owned(), |address| format!("udp://{address}"))
            }
            Self::Unix(_, path) => format!("unix://{}", path.display()),
        }
    }

    /// The descriptor, if it is one whose datagrams the kernel may drop.
    pub(super) fn lossy_descriptor(&self) -> Option<i32> {
        match self {
            Self::Udp(socket) => Some(socket.as_raw_fd()),
            Self::Unix(..) => None,
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Self::Unix(_, path) = self {
            // Somebody may have cleaned up before.
            let _ = std::fs::remove_file(path);
        }
    }
}

fn prepare(socket: &impl AsFd, receive_buffer: Option<usize>) -> io::Result<()> {
    SockRef::from(socket).set_recv_buffer_size(receive_buffer.unwrap_or(RECEIVE_BUFFER))
}

/// Removes a socket file that nobody listens to.
fn remove_stale(path: &Path) -> io::Result<()> {
    if !path.exists() {
        return Ok(());
    }
    match UnixDatagram::unbound()?.connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path),
        Ok(()) => {
            let message =
                format!("cannot listen on unix://{}: somebody listens there already; stop it first", path.display());
            Err(io::Error::new(io::ErrorKind::AddrInUse, message))
        }
        Err(error) => {
            let message = format!("cannot listen on unix://{}: {error}; is it a socket?", path.display());
            Err(io::Error::new(error.kind(), message))
        }
    }
}
