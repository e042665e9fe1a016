//! Does the shop answer decent clients throughout, and can it be scraped?

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::raw::Raw;
use crate::target::Target;

/// No answer takes longer, not even on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What decent clients saw.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watched {
    pub(crate) asked: u64,
    pub(crate) answered: u64,
    pub(crate) slowest: Duration,
}

/// Asks the shop for its products and its metrics, again and again. Who scrapes the other port is in `siege`.
pub(crate) struct Watch {
    stop: Arc<Notify>,
    watching: JoinHandle<Watched>,
}

impl Watch {
    pub(crate) fn start(target: &Target) -> Self {
        let stop = Arc::new(Notify::new());
        let (target, stopped) = (target.clone(), stop.clone());
        let watching = tokio::spawn(async move {
            let mut watched = Watched::default();
            loop {
                watched.ask(target.address, "/products").await;
                watched.ask(target.address, "/metrics").await;
                tokio::select! {
                    () = stopped.notified() => return watched,
                    () = sleep(Duration::from_millis(50)) => {}
                }
            }
        });
        Self { stop, watching }
    }

    pub(crate) async fn stop(self) -> Watched {
        self.stop.notify_one();
        self.watching.await.unwrap_or_default()
    }
}

impl Watched {
    async fn ask(&mut self, address: SocketAddr, path: &str) {
        let start = Instant::now();
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let exchange = async {
            let mut raw = Raw::connect(address).await?;
            raw.send(&request).await?;
            raw.answers().await
        };
        self.asked += 1;
        self.answered += u64::from(matches!(timeout(PATIENCE, exchange).await, Ok(Ok(1))));
        self.slowest = self.slowest.max(start.elapsed());
    }
}
