//! How is a socket bound, read and woken?

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use rustix::net::{RecvFlags, recv, sockopt};

use super::UPKEEP;

const RECEIVE_BUFFER: usize = 8 << 20;

pub(super) enum Socket {
    /// With the receive buffer that was asked for.
    Udp(UdpSocket, usize),
    /// The same, and its path.
    Unix(UnixDatagram, usize, PathBuf),
}

impl Socket {
    pub(super) fn udp(address: SocketAddr, receive_buffer: Option<usize>) -> io::Result<Self> {
        let socket = UdpSocket::bind(address).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("cannot listen on udp://{address}: {error}; is an agent listening there?"),
            )
        })?;
        let asked = prepare(&socket, receive_buffer)?;
        socket.set_read_timeout(Some(UPKEEP))?;
        Ok(Self::Udp(socket, asked))
    }

    pub(super) fn unix(path: &Path, receive_buffer: Option<usize>) -> io::Result<Self> {
        remove_stale(path)?;
        let socket = UnixDatagram::bind(path).map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on unix://{}: {error}", path.display()))
        })?;
        let asked = prepare(&socket, receive_buffer)?;
        socket.set_read_timeout(Some(UPKEEP))?;
        Ok(Self::Unix(socket, asked, path.to_owned()))
    }

    /// Reads a datagram; waits for one for a while unless it shall be `at_once`.
    pub(super) fn receive(&self, buffer: &mut [u8], at_once: bool) -> io::Result<usize> {
        let flags = if at_once { RecvFlags::DONTWAIT } else { RecvFlags::empty() };
        let (length, _) = match self {
            Self::Udp(socket, _) => recv(socket, buffer, flags),
            Self::Unix(socket, ..) => recv(socket, buffer, flags),
        }?;
        Ok(length)
    }

    /// What the kernel keeps for the socket and what was asked for, by its own count.
    pub(super) fn receive_buffer(&self) -> (usize, usize) {
        let (granted, asked) = match self {
            Self::Udp(socket, asked) => (sockopt::socket_recv_buffer_size(socket), asked),
            Self::Unix(socket, asked, _) => (sockopt::socket_recv_buffer_size(socket), asked),
        };
        (granted.unwrap_or(0), *asked)
    }

    /// Whether the kernel drops datagrams rather than let the sender wait.
    pub(super) fn is_lossy(&self) -> bool {
        matches!(self, Self::Udp(..))
    }

    /// Ends a read that is waiting, by an empty datagram. If it cannot be sent, the read ends by itself.
    pub(super) fn wake(&self) {
        let _ = match self {
            Self::Udp(socket, _) => socket.local_addr().and_then(|mut address| {
                if address.ip().is_unspecified() {
                    address.set_ip(match address {
                        SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                        SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
                    });
                }
                socket.send_to(&[], address)
            }),
            // Not from the same socket: it would wait for itself if its queue is full.
            Self::Unix(.., path) => UnixDatagram::unbound().and_then(|sender| {
                sender.set_nonblocking(true)?;
                sender.send_to(&[], path)
            }),
        };
    }

    pub(super) fn local_addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Udp(socket, _) => socket.local_addr().ok(),
            Self::Unix(..) => None,
        }
    }

    /// As it is called in metrics and messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Udp(socket, _) => {
                socket.local_addr().map_or_else(|_| "udp".to_owned(), |address| format!("udp://{address}"))
            }
            Self::Unix(.., path) => format!("unix://{}", path.display()),
        }
    }

    /// The descriptor, if it is one whose datagrams the kernel may drop.
    pub(super) fn lossy_descriptor(&self) -> Option<i32> {
        match self {
            Self::Udp(socket, _) => Some(socket.as_raw_fd()),
            Self::Unix(..) => None,
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Self::Unix(.., path) = self {
            // Somebody may have cleaned up before.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Asks for the buffer, if possible beyond what the system grants to everybody; what a full grant is by the kernel's count.
fn prepare(socket: &impl AsFd, receive_buffer: Option<usize>) -> io::Result<usize> {
    let bytes = receive_buffer.unwrap_or(RECEIVE_BUFFER);
    #[cfg(target_os = "linux")]
    if sockopt::set_socket_recv_buffer_size_force(socket, bytes).is_ok() {
        return Ok(2 * bytes);
    }
    sockopt::set_socket_recv_buffer_size(socket, bytes)?;
    Ok(if cfg!(target_os = "linux") { 2 * bytes } else { bytes })
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
