//! Can the metrics port be scraped while hostile clients hold all of its connections?

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use crate::raw::Raw;

/// How many peers do each of the three things, together more than there may be connections.
const PEERS: u64 = 24;
/// How little room a slow reader has for what it has not read.
const ROOM: u32 = 4096;
/// How long a slow reader waits before it takes so much again.
const SLOW: Duration = Duration::from_millis(100);
/// The time between two requests of a peer that asks again and again: too short to be idle.
const OFTEN: Duration = Duration::from_millis(50);
/// How long a scraper waits, and its pause.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

const ASK: &str = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";

/// What the scraper saw.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scraped {
    pub(crate) scrapes: u64,
    /// The longest time from one scrape, or the beginning, to the end of the next.
    pub(crate) longest: Duration,
    /// How many connections the others made.
    pub(crate) besieged: u64,
}

/// Peers that hold what they can, each of which comes back when it is sent away; and one that scrapes.
pub(crate) struct Siege {
    stop: Arc<Notify>,
    scraping: JoinHandle<Scraped>,
    peers: JoinSet<()>,
    connected: Arc<AtomicU64>,
}

impl Siege {
    pub(crate) fn start(metrics: SocketAddr) -> Self {
        let (stop, connected) = (Arc::new(Notify::new()), Arc::new(AtomicU64::new(0)));
        let mut peers = JoinSet::new();
        for peer in 0..PEERS * 3 {
            let connected = connected.clone();
            peers.spawn(async move {
                loop {
                    // However it ends, the next one follows.
                    let _ = match peer % 3 {
                        0 => read_slowly(metrics, 1, &connected).await,
                        1 => read_slowly(metrics, 64, &connected).await,
                        _ => ask_often(metrics, &connected).await,
                    };
                    sleep(SLOW).await;
                }
            });
        }
        let scraping = tokio::spawn(scrape(metrics, stop.clone()));
        Self { stop, scraping, peers, connected }
    }

    pub(crate) async fn stop(mut self) -> Scraped {
        self.stop.notify_one();
        let scraped = self.scraping.await.unwrap_or_default();
        self.peers.shutdown().await;
        Scraped { besieged: self.connected.load(Relaxed), ..scraped }
    }
}

/// Scrapes again and again until it is told to stop, and once at least.
async fn scrape(metrics: SocketAddr, stop: Arc<Notify>) -> Scraped {
    let (mut scraped, mut last) = (Scraped::default(), Instant::now());
    loop {
        if timeout(PATIENCE, whole_scrape(metrics)).await.is_ok_and(|whole| whole.is_ok_and(|whole| whole)) {
            scraped.scrapes += 1;
            scraped.longest = scraped.longest.max(last.elapsed());
            last = Instant::now();
        }
        tokio::select! {
            () = stop.notified() => break,
            () = sleep(PAUSE) => {}
        }
    }
    scraped.longest = scraped.longest.max(last.elapsed());
    scraped
}

/// Whether a scrape was answered with 200 and to its end.
async fn whole_scrape(metrics: SocketAddr) -> io::Result<bool> {
    let mut raw = Raw::connect(metrics).await?;
    raw.send("GET /metrics HTTP/1.0\r\nHost: a\r\n\r\n").await?;
    let answer = raw.answer().await?;
    Ok(answer.starts_with("HTTP/1.0 200") && answer.contains("\nhttp_server_busy_seconds_total "))
}

/// Sends so many requests at once, again and again, and takes a little of the answers now and then; never nothing.
async fn read_slowly(metrics: SocketAddr, at_once: usize, connected: &AtomicU64) -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(ROOM)?;
    let mut stream = socket.connect(metrics).await?;
    connected.fetch_add(1, Relaxed);
    let (asks, mut some) = (ASK.repeat(at_once), vec![0; ROOM as usize]);
    stream.write_all(asks.as_bytes()).await?;
    loop {
        sleep(SLOW).await;
        if stream.read(&mut some).await? == 0 {
            return Ok(());
        }
        // What does not fit is sent another time.
        let _ = stream.try_write(asks.as_bytes());
    }
}

/// Asks for nothing, so often that it is never idle.
async fn ask_often(metrics: SocketAddr, connected: &AtomicU64) -> io::Result<()> {
    let mut stream = tokio::net::TcpStream::connect(metrics).await?;
    connected.fetch_add(1, Relaxed);
    let mut some = [0; 1024];
    loop {
        stream.write_all(b"HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n").await?;
        if stream.read(&mut some).await? == 0 {
            return Ok(());
        }
        sleep(OFTEN).await;
    }
}
