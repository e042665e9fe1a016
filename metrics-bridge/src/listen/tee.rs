//! How does the Datadog agent keep receiving what is recorded here?

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

/// Passes datagrams on unchanged. It never waits: what the other side cannot take at once is not passed on, and counted.
pub struct Tee {
    target: Target,
}

enum Target {
    Udp(UdpSocket),
    /// Not connected: the agent may come and go.
    Unix(UnixDatagram, PathBuf),
}

impl Tee {
    /// To a UDP address.
    ///
    /// # Errors
    ///
    /// If no socket can be made.
    pub fn udp(address: SocketAddr) -> io::Result<Self> {
        let any: SocketAddr = match address {
            SocketAddr::V4(_) => (std::net::Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (std::net::Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any)?;
        socket.connect(address)?;
        socket.set_nonblocking(true)?;
        Ok(Self { target: Target::Udp(socket) })
    }

    /// To a Unix datagram socket.
    ///
    /// # Errors
    ///
    /// If no socket can be made.
    pub fn unix(path: impl AsRef<Path>) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        Ok(Self { target: Target::Unix(socket, path.as_ref().to_owned()) })
    }

    /// Whether it could be passed on.
    pub(super) fn send(&self, datagram: &[u8]) -> bool {
        match &self.target {
            Target::Udp(socket) => socket.send(datagram).is_ok(),
            Target::Unix(socket, path) => socket.send_to(datagram, path).is_ok(),
        }
    }
}

impl std::fmt::Debug for Tee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.target {
            Target::Udp(socket) => f.debug_tuple("Tee").field(&socket.peer_addr().ok()).finish(),
            Target::Unix(_, path) => f.debug_tuple("Tee").field(path).finish(),
        }
    }
}
