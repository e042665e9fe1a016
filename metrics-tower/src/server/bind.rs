//! Where is `/metrics` served?

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use super::activity::Limits;
use super::serve;
use crate::endpoint::MetricsEndpoint;

/// How long a connection may be idle if nothing else is said.
const IDLE: Duration = Duration::from_secs(10);
/// A year: a moment that is further away may be none that the clock can tell.
const LONGEST: Duration = Duration::from_secs(365 * 86_400);

/// A server for `/metrics` on a port of its own. Everything else there is 404.
///
/// There may be 64 connections. One without a request in progress is closed after [ten seconds](Self::with_idle_timeout),
/// whatever its peer sends. If all places are taken and another connection comes, one has to leave sooner, the first of these
/// that there is:
///
/// 1. the one that has been idle longest, if it has been for a tenth of a second;
/// 2. the one whose answer has taken longest, if that is longer than the endpoint's
///    [place timeout](MetricsEndpoint::with_place_timeout), ten seconds by default: the answer is cut off;
/// 3. after a tenth of a second without either, the one whose answer began first: it ends behind that answer, whatever
///    further requests have been sent on it, and is cut off once the answer has taken the place timeout.
///
/// So the next connection is let in within the place timeout, whatever the peers of the 64 do: be silent, ask now and then,
/// pipeline requests, or take their answers slowly. Those that come meanwhile wait in the system's queue for their turn.
///
/// ```no_run
/// use metrics_core::Registry;
/// use metrics_tower::MetricsEndpoint;
/// use metrics_tower::server::MetricsServer;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let registry = Registry::new();
/// let server = MetricsServer::bind("127.0.0.1:9464".parse()?, MetricsEndpoint::new(&registry)).await?;
/// println!("metrics on http://{}/metrics", server.local_addr());
/// tokio::spawn(server.serve(std::future::pending()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MetricsServer {
    listener: TcpListener,
    address: SocketAddr,
    endpoint: MetricsEndpoint,
    limits: Limits,
}

/// An address that cannot be listened on.
#[derive(Debug)]
pub struct BindError {
    address: SocketAddr,
    source: io::Error,
}

impl BindError {
    /// The address that was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, source } = self;
        let remedy = match source.kind() {
            io::ErrorKind::AddrInUse => "stop what listens there, or choose another port (0 for any free one)",
            io::ErrorKind::PermissionDenied => "choose a port above 1023",
            _ => "choose an address of this machine",
        };
        write!(f, "cannot serve metrics on {address}: {source}; {remedy}")
    }
}

impl std::error::Error for BindError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl MetricsServer {
    /// Listens on this address; port 0 takes any free one.
    ///
    /// # Errors
    /// If the address is in use, or not allowed, or not of this machine.
    pub async fn bind(address: SocketAddr, endpoint: MetricsEndpoint) -> Result<Self, BindError> {
        let failed = |source| BindError { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let limits = Limits {
            idle: IDLE,
            patience: endpoint.places.patience().min(LONGEST),
            tenure: endpoint.places.tenure().min(LONGEST),
        };
        Ok(Self { listener, address, endpoint, limits })
    }

    /// A connection is closed on which no complete request has come for this long, be it silent from the beginning, in the
    /// middle of a head, or between requests; ten seconds by default. With HTTP/2 too, where pings do not count; one whose
    /// peer sends pings and takes their answers too slowly is closed within the endpoint's reader timeout.
    pub fn with_idle_timeout(mut self, idle: Duration) -> Self {
        self.limits.idle = idle.min(LONGEST);
        self
    }

    /// The address that is listened on, with the real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready; scrapes that run then have five seconds to finish. A connection whose peer
    /// takes no data for the endpoint's reader timeout is closed.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        serve::serve(self.listener, self.endpoint, self.limits, shutdown).await;
    }
}
