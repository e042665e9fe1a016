//! When does a program stop? With Ctrl-C or SIGTERM; requests that are under way are answered first.

use std::io;

use tokio::sync::watch;

/// Whether it is time to stop. Clones tell the same.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens for signals from here on; neither ends the process by itself any more. Needs a tokio runtime.
    ///
    /// # Errors
    /// If the operating system takes no handler.
    pub fn on_signal() -> io::Result<Self> {
        let (sender, receiver) = watch::channel(false);
        let signal = signal()?;
        tokio::spawn(async move {
            signal.await;
            sender.send_replace(true);
        });
        Ok(Self(receiver))
    }

    /// Waits until it is time.
    pub async fn requested(mut self) {
        // Fails only when the runtime goes down, and then it is time too.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()> + Send> {
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
fn signal() -> io::Result<impl Future<Output = ()> + Send> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
