//! What do hostile clients do?

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::time::{sleep, timeout};

use crate::ledger::{Seen, Sent};
use crate::raw::Raw;
use crate::target::{HALF, Target};

/// No handler starts later than this, not even on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a slow client takes for a letter.
const SLOW: Duration = Duration::from_millis(10);
/// How many requests one pipeline holds.
const PIPELINE: u64 = 64;
/// Methods that the layer has no label for: in other letters, of other protocols, of every letter that there may be.
const ODD: [&str; 8] = ["get", "Post", "head", "query", "PROPFIND", "BREW", "M-SEARCH", "G!#$%&'*+-.^_`|~9"];
/// Methods that it has a label for, beside GET.
const KNOWN: [&str; 8] = ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "QUERY"];
const PATHS: [&str; 6] = ["/products", "/products/tea", "/orders", "/orders/1", "/recommendations", "/"];

/// All that a hostile client needs.
pub(crate) struct Attack {
    address: SocketAddr,
    seen: Arc<Seen>,
    pub(crate) sent: Sent,
    next: AtomicU64,
    http2: Client<HttpConnector, Body>,
}

impl Attack {
    pub(crate) fn new(target: &Target) -> Self {
        let http2 = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
        let (address, seen) = (target.address, target.seen.clone());
        Self { address, seen, sent: Sent::default(), next: AtomicU64::new(0), http2 }
    }

    /// One attack. What the system refuses (a port, a buffer) was no attack.
    pub(crate) async fn strike(&self, random: &mut fastrand::Rng) {
        let result = match random.u8(0..18) {
            0 => self.leave_before_head().await,
            1 => self.leave_in_body().await,
            2 => self.panic().await,
            3 => self.broken().await,
            4 => self.half_head(random).await,
            5 => self.slow_body().await,
            6 => self.reset_stream_before_head().await,
            7 => self.reset_stream_in_body().await,
            8 => self.tunnel(random).await,
            9..12 => self.noise(random).await,
            12..14 => self.known_methods(random).await,
            _ => self.pipeline(random).await,
        };
        // Whoever cannot connect or is cut off has sent what is counted, and nothing else.
        drop(result);
    }

    /// Counts requests of a kind as sent.
    fn count(&self, kind: &AtomicU64, requests: u64) {
        kind.fetch_add(requests, Relaxed);
        self.sent.total.fetch_add(requests, Relaxed);
    }

    /// A request whose handler runs, for sure, when the client leaves.
    async fn leave_before_head(&self) -> io::Result<()> {
        let request = self.next.fetch_add(1, Relaxed);
        let runs = self.seen.expect(request);
        let mut raw = Raw::connect(self.address).await?;
        raw.send(&format!("GET /storm/hold/{request} HTTP/1.1\r\nHost: a\r\n\r\n")).await?;
        if timeout(PATIENCE, runs).await.is_ok_and(|runs| runs.is_ok()) {
            self.sent.total.fetch_add(1, Relaxed);
        }
        raw.leave();
        Ok(())
    }

    /// A body that is larger than all buffers, of which the client takes a little.
    async fn leave_in_body(&self) -> io::Result<()> {
        let mut raw = Raw::connect(self.address).await?;
        raw.send("GET /storm/flood HTTP/1.1\r\nHost: a\r\n\r\n").await?;
        raw.read(1 << 16).await?;
        self.sent.total.fetch_add(1, Relaxed);
        raw.leave();
        Ok(())
    }

    /// The connection breaks without an answer.
    async fn panic(&self) -> io::Result<()> {
        let mut raw = Raw::connect(self.address).await?;
        raw.send("GET /storm/panic HTTP/1.1\r\nHost: a\r\n\r\n").await?;
        // However it breaks, the handler ran.
        let _ = raw.answers().await;
        self.count(&self.sent.panics, 1);
        Ok(())
    }

    async fn broken(&self) -> io::Result<()> {
        let mut raw = Raw::connect(self.address).await?;
        raw.send("GET /storm/broken HTTP/1.1\r\nHost: a\r\n\r\n").await?;
        let _ = raw.answers().await;
        self.count(&self.sent.broken, 1);
        Ok(())
    }

    /// A head that never ends is no request.
    async fn half_head(&self, random: &mut fastrand::Rng) -> io::Result<()> {
        let mut raw = Raw::connect(self.address).await?;
        let head = format!("GET {HALF} HTTP/1.1\r\nHost: {}\r\nX-Half: ", word(random, 40));
        raw.send(&head[..random.usize(1..=head.len())]).await?;
        self.sent.half_heads.fetch_add(1, Relaxed);
        if random.bool() {
            raw.leave();
        }
        Ok(())
    }

    /// A body that is announced, comes letter by letter, and never wholly.
    async fn slow_body(&self) -> io::Result<()> {
        let mut raw = Raw::connect(self.address).await?;
        let head = "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n";
        raw.send(&format!("{head}Content-Length: 1000\r\n\r\n")).await?;
        self.sent.total.fetch_add(1, Relaxed);
        for letter in ["p", "r", "o", "d", "u", "c", "t", "="] {
            raw.send(letter).await?;
            sleep(SLOW).await;
        }
        raw.leave();
        Ok(())
    }

    /// As [`Self::leave_before_head`], by resetting one stream of a connection that stays.
    async fn reset_stream_before_head(&self) -> io::Result<()> {
        let request = self.next.fetch_add(1, Relaxed);
        let runs = self.seen.expect(request);
        let call = self.http2.request(self.get(&format!("/storm/hold/{request}")));
        tokio::select! {
            _ = call => {}
            run = runs => if run.is_ok() {
                self.sent.total.fetch_add(1, Relaxed);
            }
        }
        Ok(())
    }

    /// As [`Self::leave_in_body`], by resetting one stream of a connection that stays.
    async fn reset_stream_in_body(&self) -> io::Result<()> {
        let mut response = self.http2.request(self.get("/storm/flood")).await.map_err(io::Error::other)?;
        if let Some(Ok(_)) = response.body_mut().frame().await {
            self.sent.total.fetch_add(1, Relaxed);
        }
        Ok(())
    }

    fn get(&self, path: &str) -> axum::http::Request<Body> {
        let mut request = axum::http::Request::new(Body::empty());
        let uri = format!("http://{}{path}", self.address);
        *request.uri_mut() = uri.parse().expect("an address and a path are a URI");
        request
    }

    /// Random methods, paths and hosts.
    async fn noise(&self, random: &mut fastrand::Rng) -> io::Result<()> {
        let requests = (0..PIPELINE).map(|_| {
            let path = if random.bool() { word(random, 200) } else { PATHS[random.usize(..PATHS.len())].to_owned() };
            let path = path.trim_start_matches('/');
            let invented = format!("X{}", word(random, 12));
            let method = if random.bool() { invented.as_str() } else { ODD[random.usize(..ODD.len())] };
            (format!("{method} /{path}"), word(random, 60))
        });
        let answered = self.send_all(requests.collect()).await?;
        self.count(&self.sent.odd_methods, answered);
        Ok(())
    }

    /// Methods that there are, for paths that there are, most of which do not have them.
    async fn known_methods(&self, random: &mut fastrand::Rng) -> io::Result<()> {
        let requests = (0..PIPELINE).map(|_| {
            let (method, path) = (KNOWN[random.usize(..KNOWN.len())], PATHS[random.usize(..PATHS.len())]);
            (format!("{method} {path}"), word(random, 60))
        });
        let answered = self.send_all(requests.collect()).await?;
        self.sent.total.fetch_add(answered, Relaxed);
        Ok(())
    }

    /// Asks the shop to be a proxy.
    async fn tunnel(&self, random: &mut fastrand::Rng) -> io::Result<()> {
        let requests = vec![(format!("CONNECT {}:443", word(random, 60)), word(random, 60))];
        let answered = self.send_all(requests).await?;
        self.count(&self.sent.tunnels, answered);
        Ok(())
    }

    /// Decent requests, sent without waiting for answers.
    async fn pipeline(&self, random: &mut fastrand::Rng) -> io::Result<()> {
        let requests = (0..PIPELINE).map(|_| {
            let path = if random.u8(0..4) == 0 {
                format!("/{}", word(random, 200))
            } else {
                PATHS[random.usize(..PATHS.len())].to_owned()
            };
            (format!("GET {path}"), word(random, 60))
        });
        let answered = self.send_all(requests.collect()).await?;
        self.sent.total.fetch_add(answered, Relaxed);
        Ok(())
    }

    /// Sends requests, each a method with a path and a host, on one connection at once; tells how many were answered.
    async fn send_all(&self, requests: Vec<(String, String)>) -> io::Result<u64> {
        let last = requests.len().saturating_sub(1);
        let text = requests.iter().enumerate().map(|(at, (line, host))| {
            let close = if at == last { "Connection: close\r\n" } else { "" };
            format!("{line} HTTP/1.1\r\nHost: {host}\r\n{close}\r\n")
        });
        let mut raw = Raw::connect(self.address).await?;
        raw.send(&text.collect::<String>()).await?;
        raw.answers().await
    }
}

/// Up to so many letters.
fn word(random: &mut fastrand::Rng, longest: usize) -> String {
    (0..random.usize(1..=longest)).map(|_| random.uppercase()).collect()
}
