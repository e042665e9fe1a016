//! What is attacked? The shop, with four routes more whose end a client can force.

use std::error::Error;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use metrics_core::{Metrics, Registry};
use metrics_tower::{HttpMetricsLayer, MetricsEndpoint, server::MetricsServer};
use tokio::net::TcpListener;

use crate::books;
use crate::ledger::Seen;
use crate::metrics::ShopMetrics;
use crate::routes;
use crate::store::Store;

/// The path that half heads name.
pub(crate) const HALF: &str = "/storm/half";

/// How long an answer on the metrics port has its place whoever else wants it.
pub(crate) const PLACE_TIMEOUT: Duration = Duration::from_secs(1);
/// As many as there may be connections, so that these are what is fought for.
const SCRAPES: usize = 64;

/// A running shop, its metrics also on a port of their own, and what it saw.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) metrics: SocketAddr,
    pub(crate) registry: Registry,
    pub(crate) seen: Arc<Seen>,
}

impl Target {
    pub(crate) async fn start() -> Result<Self, Box<dyn Error>> {
        let registry = Registry::new();
        let seen = Arc::new(Seen::default());
        let shop = routes::app(Store::new(ShopMetrics::register(&registry)?), &registry)?;
        let forced = forced(&seen).layer(HttpMetricsLayer::new(&registry)?);
        let app = shop.merge(forced).layer(middleware::from_fn_with_state(seen.clone(), count));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async { axum::serve(listener, app).await });
        let endpoint = MetricsEndpoint::new(&registry).with_max_scrapes(SCRAPES).with_place_timeout(PLACE_TIMEOUT);
        let server = MetricsServer::bind("127.0.0.1:0".parse()?, endpoint).await?;
        let metrics = server.local_addr();
        tokio::spawn(server.serve(std::future::pending()));
        Ok(Self { address, metrics, registry, seen })
    }

    /// Waits until every request that reached the shop has ended on both sides, half a minute at most.
    pub(crate) async fn settle(&self) {
        let idle = async {
            while !self.is_settled() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        // If it never settles, the books say so.
        let _ = tokio::time::timeout(Duration::from_secs(30), idle).await;
    }

    /// Nothing in flight is not enough: a request may have reached the shop and not yet the layer, or have left the layer
    /// and not yet the count around it.
    fn is_settled(&self) -> bool {
        let recorded = |labels: &[&str]| books::sum(&self.registry, "http_server_requests_total", labels);
        let answered: u64 = self.seen.by_status().values().sum();
        books::sum(&self.registry, "http_server_active_requests", &[]) == 0.0
            && recorded(&[]) == self.seen.started.load(Relaxed) as f64
            && recorded(&["http_response_status_code="]) == answered as f64
    }
}

/// The independent count: outside the layer, and by other means.
async fn count(State(seen): State<Arc<Seen>>, request: Request, next: Next) -> Response {
    if request.uri().path() == "/metrics" {
        return next.run(request).await;
    }
    if request.uri().path() == HALF {
        seen.half_heads.fetch_add(1, Relaxed);
    }
    seen.started(request.method().as_str());
    let response = next.run(request).await;
    seen.answered(response.status().as_u16());
    response
}

fn forced(seen: &Arc<Seen>) -> Router {
    Router::new()
        .route("/storm/hold/{request}", get(hold))
        .route("/storm/flood", get(flood))
        .route("/storm/broken", get(async || Body::new(Flood { left: 2, broken: true })))
        .route("/storm/panic", get(panics))
        .with_state(seen.clone())
}

async fn flood(State(seen): State<Arc<Seen>>) -> Body {
    seen.flooded.fetch_add(1, Relaxed);
    Body::new(Flood { left: 4096, broken: false })
}

async fn hold(State(seen): State<Arc<Seen>>, Path(request): Path<u64>) -> &'static str {
    seen.held.fetch_add(1, Relaxed);
    seen.runs(request);
    std::future::pending().await
}

async fn panics() -> &'static str {
    panic!("{EXPECTED}")
}

const EXPECTED: &str = "this handler panics";

static UNEXPECTED_PANICS: AtomicU64 = AtomicU64::new(0);

/// How many panics there were in this process that nobody asked for: there may be none.
pub(crate) fn unexpected_panics() -> u64 {
    UNEXPECTED_PANICS.load(Relaxed)
}

/// Keeps the panics that belong to the storm off the screen, and counts all others.
pub(crate) fn silence_expected_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let payload = panic.payload();
        let text = payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
        if text != Some(EXPECTED) {
            UNEXPECTED_PANICS.fetch_add(1, Relaxed);
            usual(panic);
        }
    }));
}

/// Pieces of 64 KiB, up to 256 MiB: more than all socket buffers; or two, and then an error.
struct Flood {
    left: u32,
    broken: bool,
}

impl axum::body::HttpBody for Flood {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        static PIECE: [u8; 64 << 10] = [b'.'; 64 << 10];
        if self.left == 0 {
            return Poll::Ready(self.broken.then(|| Err("this body fails".into())));
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(&PIECE)))))
    }
}
