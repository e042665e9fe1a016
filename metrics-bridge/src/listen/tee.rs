//! How does the Datadog agent keep receiving what is recorded here?

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

/// Passes datagrams on unchanged. It never waits: what the other side cannot take at once is not passed on, and counted. What
/// is sent while the agent restarts is lost, too, and counted as far as the system tells.
pub struct Tee {
    target: Target,
}

/// What came of passing a datagram on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Passed {
    pub(super) sent: bool,
    /// How many are now known to be lost: this one, if it could not be sent, and earlier ones of which it was told meanwhile
    /// that nobody took them.
    pub(super) lost: u64,
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

    /// Passes it on, if that is possible.
    pub(super) fn send(&self, datagram: &[u8]) -> Passed {
        match &self.target {
            Target::Udp(socket) => send_connected(socket, datagram),
            Target::Unix(socket, path) => {
                let sent = socket.send_to(datagram, path).is_ok();
                Passed { sent, lost: u64::from(!sent) }
            }
        }
    }
}

/// That nobody listens is told of an earlier datagram when the next one is sent, which is not sent then. By now the agent may
/// be back: it is sent again, once.
fn send_connected(socket: &UdpSocket, datagram: &[u8]) -> Passed {
    let mut lost = 0;
    for _ in 0..2 {
        match socket.send(datagram) {
            Ok(_) => return Passed { sent: true, lost },
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => lost += 1,
            Err(_) => return Passed { sent: false, lost: lost + 1 },
        }
    }
    Passed { sent: false, lost: lost + 1 }
}

impl std::fmt::Debug for Tee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.target {
            Target::Udp(socket) => f.debug_tuple("Tee").field(&socket.peer_addr().ok()).finish(),
            Target::Unix(_, path) => f.debug_tuple("Tee").field(path).finish(),
        }
    }
}
