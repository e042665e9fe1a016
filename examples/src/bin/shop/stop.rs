//! When does the shop stop, and what still happens then?

use axum::{Router, serve::Serve};
use std::{future::Future, io, time::Duration};
use tokio::{net::TcpListener, sync::watch};

/// How long requests that are under way may still take.
const GRACE: Duration = Duration::from_millis(1500);

/// Whether it is time to stop. Clones tell the same.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Time comes with Ctrl-C or SIGTERM. From here on neither ends the process by itself.
    pub(crate) fn on_signal() -> io::Result<Self> {
        let signal = signal()?;
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            signal.await;
            sender.send_replace(true);
        });
        Ok(Self(receiver))
    }

    /// Waits until it is time.
    pub(crate) async fn requested(mut self) {
        // An error says that the sender is gone, which only happens while the runtime goes down.
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    /// Serves until it is time, then takes no new connection, and returns when the last request is answered, or after
    /// the grace period where somebody keeps a request open.
    pub(crate) async fn serve(self, server: Serve<TcpListener, Router, Router>) -> io::Result<()> {
        let graceful = server.with_graceful_shutdown(self.clone().requested());
        tokio::select! {
            result = graceful => result,
            () = self.grace_is_over() => Ok(()),
        }
    }

    async fn grace_is_over(self) {
        self.requested().await;
        tokio::time::sleep(GRACE).await;
    }
}

#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
