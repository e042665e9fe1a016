//! Is each way a request can end recorded as the table says? Over real sockets, HTTP/1.1 and HTTP/2.

mod common;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::{any, get};
use common::{Script, Step, active, all_ended, ended, labels, until};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use metrics_core::Registry;
use metrics_tower::HttpMetricsLayer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceBuilder;
use tower::util::MapRequestLayer;

/// Together larger than all socket buffers between client and server.
const CHUNKS: usize = 1024;
static CHUNK: LazyLock<String> = LazyLock::new(|| "x".repeat(64 << 10));

/// A service on a socket of this machine, its books, and word from its handlers that they run.
struct Running {
    registry: Registry,
    address: SocketAddr,
    running: Arc<Semaphore>,
    /// How many requests have reached the layer: counted outside it, by other means.
    started: Arc<AtomicU64>,
}

#[derive(Clone, Copy, PartialEq)]
enum Protocol {
    Http1,
    Http2,
}

const BOTH: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

async fn start() -> Running {
    let registry = Registry::new();
    let running = Arc::new(Semaphore::new(0));
    let started = Arc::new(AtomicU64::new(0));
    let count = {
        let started = started.clone();
        move |request: Request<Body>| {
            started.fetch_add(1, Ordering::Relaxed);
            request
        }
    };
    let app = app(&running).layer(HttpMetricsLayer::new(&registry).unwrap()).layer(MapRequestLayer::new(count));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let app = TowerToHyperService::new(app.clone());
            tokio::spawn(async move {
                let builder = auto::Builder::new(TokioExecutor::new());
                let _ = builder.serve_connection_with_upgrades(TokioIo::new(stream), app).await;
            });
        }
    });
    Running { registry, address, running, started }
}

fn app(running: &Arc<Semaphore>) -> Router {
    let here = running.clone();
    let hold = move || {
        here.add_permits(1);
        std::future::pending::<&'static str>()
    };
    let answered = || axum::error_handling::HandleErrorLayer::new(|_| async { StatusCode::SERVICE_UNAVAILABLE });
    let slow = ServiceBuilder::new().layer(answered()).timeout(Duration::from_millis(1));
    let shed =
        ServiceBuilder::new().layer(answered()).load_shed().layer(tower::limit::GlobalConcurrencyLimitLayer::new(1));
    Router::new()
        .route("/text", any(|| async { "text" }))
        .route("/empty", get(|| async { StatusCode::NO_CONTENT }))
        .route("/unmodified", get(|| async { StatusCode::NOT_MODIFIED }))
        .route("/failed", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "failed") }))
        .route("/hold", get(hold.clone()))
        .route("/panic", get(|| async { panic!("the handler panics") as &'static str }))
        .route("/large", get(|| async { scripted(vec![Step::Data(&CHUNK); CHUNKS]) }))
        .route("/chunks", get(|| async { scripted([Step::Data("a"), Step::Data("b")]) }))
        .route("/trailers", get(|| async { scripted([Step::Data("a"), Step::Trailers(&[("x-sum", "1")])]) }))
        .route("/broken", get(|| async { scripted([Step::Data("a"), Step::Error]) }))
        .route("/endless", get(|| async { scripted([Step::Data("a"), Step::Pending]) }))
        .route("/slow", get(std::future::pending::<&'static str>).layer(slow))
        .route("/one-at-a-time", get(hold).layer(shed))
        .route("/upgrade", get(upgrade))
        .route("/socket", get(|socket: WebSocketUpgrade| async { socket.on_upgrade(echo) }))
}

/// Sends each message of a WebSocket back.
async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}

fn scripted(steps: impl IntoIterator<Item = Step>) -> Response {
    Response::new(Body::new(Script::new(steps)))
}

async fn upgrade(mut request: Request<Body>) -> Response {
    tokio::spawn(async move {
        let mut stream = TokioIo::new(hyper::upgrade::on(&mut request).await.unwrap());
        let mut word = [0; 4];
        stream.read_exact(&mut word).await.unwrap();
        stream.write_all(&word).await.unwrap();
    });
    let builder = Response::builder().status(101).header("connection", "upgrade").header("upgrade", "echo");
    builder.body(Body::empty()).unwrap()
}

impl Running {
    fn client(&self, protocol: Protocol) -> Client<HttpConnector, Body> {
        Client::builder(TokioExecutor::new()).http2_only(protocol == Protocol::Http2).build_http()
    }

    fn request(&self, method: Method, path: &str) -> Request<Body> {
        let uri = format!("http://{}{path}", self.address);
        Request::builder().method(method).uri(uri).body(Body::empty()).unwrap()
    }

    /// Sends a request and reads the answer to its end.
    async fn send(&self, protocol: Protocol, method: Method, path: &str) -> Option<StatusCode> {
        let response = self.client(protocol).request(self.request(method, path)).await.ok()?;
        let status = response.status();
        let _ = response.into_body().collect().await;
        Some(status)
    }

    /// Exactly this one request has ended, and nothing is in flight.
    async fn assert_only(&self, method: &str, route: &str, status: &str, error: &str) {
        let labels = labels(method, route, status, error);
        let what = format!("ended as {labels:?}");
        until(&self.registry, &what, || ended(&self.registry, &labels) == 1.0 && active(&self.registry) == 0.0).await;
        assert_eq!(all_ended(&self.registry), 1.0);
    }
}

#[tokio::test]
async fn what_is_sent_completely_has_ended_well() {
    let cases = [
        (Method::GET, "/text", "200", ""),
        (Method::POST, "/text", "200", ""),
        (Method::HEAD, "/text", "200", ""),
        (Method::GET, "/empty", "204", ""),
        (Method::GET, "/unmodified", "304", ""),
        (Method::GET, "/failed", "500", "500"),
        (Method::GET, "/chunks", "200", ""),
        (Method::GET, "/trailers", "200", ""),
        (Method::GET, "/large", "200", ""),
        (Method::GET, "/slow", "503", "503"),
    ];
    for protocol in BOTH {
        for (method, path, status, error) in cases.clone() {
            let running = start().await;
            running.send(protocol, method.clone(), path).await.unwrap();
            running.assert_only(method.as_str(), path, status, error).await;
        }
    }
}

#[tokio::test]
async fn a_panic_is_recorded_and_nothing_else() {
    for protocol in BOTH {
        let running = start().await;
        assert_eq!(running.send(protocol, Method::GET, "/panic").await, None);
        running.assert_only("GET", "/panic", "", "panic").await;
    }
}

#[tokio::test]
async fn a_body_that_fails_is_recorded_with_its_status() {
    for protocol in BOTH {
        let running = start().await;
        running.send(protocol, Method::GET, "/broken").await;
        running.assert_only("GET", "/broken", "200", "body").await;
    }
}

#[tokio::test]
async fn a_client_that_leaves_before_the_head_has_cancelled() {
    for protocol in BOTH {
        let running = start().await;
        let call = tokio::spawn(running.client(protocol).request(running.request(Method::GET, "/hold")));
        running.running.acquire().await.unwrap().forget();
        assert_eq!((active(&running.registry), all_ended(&running.registry)), (1.0, 0.0));
        call.abort();
        running.assert_only("GET", "/hold", "", "cancelled").await;
    }
}

#[tokio::test]
async fn a_client_that_leaves_during_the_body_has_cancelled() {
    for protocol in BOTH {
        for path in ["/large", "/endless"] {
            let running = start().await;
            let client = running.client(protocol);
            let mut response = client.request(running.request(Method::GET, path)).await.unwrap();
            response.body_mut().frame().await.unwrap().unwrap();
            assert_eq!((active(&running.registry), all_ended(&running.registry)), (1.0, 0.0));
            drop(response);
            drop(client);
            running.assert_only("GET", path, "200", "cancelled").await;
        }
    }
}

#[tokio::test]
async fn what_is_shed_inside_is_recorded_as_what_the_client_gets() {
    for protocol in BOTH {
        let running = start().await;
        let call = tokio::spawn(running.client(protocol).request(running.request(Method::GET, "/one-at-a-time")));
        running.running.acquire().await.unwrap().forget();
        let shed = running.send(protocol, Method::GET, "/one-at-a-time").await;
        assert_eq!(shed, Some(StatusCode::SERVICE_UNAVAILABLE));
        let labels = labels("GET", "/one-at-a-time", "503", "503");
        until(&running.registry, "shed", || ended(&running.registry, &labels) == 1.0).await;
        assert_eq!((active(&running.registry), all_ended(&running.registry)), (1.0, 1.0));
        call.abort();
        until(&running.registry, "idle", || active(&running.registry) == 0.0).await;
    }
}

#[tokio::test]
async fn a_half_head_is_no_request() {
    let running = start().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"GET /text HTTP/1.1\r\nHost: x\r\nX-Ha").await.unwrap();
    drop(stream);
    running.send(Protocol::Http1, Method::GET, "/text").await.unwrap();
    running.assert_only("GET", "/text", "200", "").await;
}

#[tokio::test]
async fn pipelined_requests_each_count_once() {
    let running = start().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let request = "GET /text HTTP/1.1\r\nHost: x\r\n\r\n".repeat(9)
        + "GET /text HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer.windows(8).filter(|part| part == b"HTTP/1.1").count(), 10);
    let labels = labels("GET", "/text", "200", "");
    until(&running.registry, "ten", || ended(&running.registry, &labels) == 10.0).await;
    assert_eq!(active(&running.registry), 0.0);
}

#[tokio::test]
async fn an_upgraded_connection_is_not_in_flight() {
    let running = start().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let request = b"GET /upgrade HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"));
    running.assert_only("GET", "/upgrade", "101", "").await;
    stream.write_all(b"echo").await.unwrap();
    let mut word = [0; 4];
    stream.read_exact(&mut word).await.unwrap();
    assert_eq!(&word, b"echo");
    running.assert_only("GET", "/upgrade", "101", "").await;
}

#[tokio::test]
async fn a_web_socket_of_axum_is_not_in_flight() {
    let running = start().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let request = b"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
    running.assert_only("GET", "/socket", "101", "").await;
    // A text of four bytes, masked as a client has to, with zeros; it comes back without.
    stream.write_all(b"\x81\x84\0\0\0\0echo").await.unwrap();
    let mut message = [0; 6];
    stream.read_exact(&mut message).await.unwrap();
    assert_eq!(&message, b"\x81\x04echo");
    running.assert_only("GET", "/socket", "101", "").await;
    drop(stream);
    assert_eq!(running.send(Protocol::Http1, Method::GET, "/text").await, Some(StatusCode::OK));
    until(&running.registry, "two", || all_ended(&running.registry) == 2.0).await;
    assert_eq!(active(&running.registry), 0.0);
}

/// Whatever is mixed, and on however many threads: every request that was started ends exactly once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn any_mix_leaves_nothing_in_flight() {
    let running = start().await;
    let paths =
        ["/text", "/empty", "/failed", "/chunks", "/broken", "/endless", "/hold", "/panic", "/slow", "/upgrade"];
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..8 {
        let protocol = BOTH[worker % 2];
        let client = running.client(protocol);
        let requests: Vec<_> = paths.iter().cycle().take(50).map(|path| running.request(Method::GET, path)).collect();
        tasks.spawn(async move {
            for request in requests {
                let _ = tokio::time::timeout(Duration::from_millis(20), exchange(&client, request)).await;
            }
        });
    }
    while tasks.join_next().await.is_some() {}
    let all_over = || {
        let started = running.started.load(Ordering::Relaxed) as f64;
        active(&running.registry) == 0.0 && all_ended(&running.registry) == started
    };
    until(&running.registry, "idle", all_over).await;
    assert!(all_ended(&running.registry) > 100.0, "hardly anything was sent");
    let busy = running.registry.sample("http_server_busy_seconds_total", &[]).unwrap();
    assert_eq!(busy, running.registry.sample("http_server_busy_seconds_total", &[]).unwrap(), "idle, and still busy");
}

async fn exchange(client: &Client<HttpConnector, Body>, request: Request<Body>) -> Option<()> {
    let mut response = client.request(request).await.ok()?;
    while let Some(frame) = response.body_mut().frame().await {
        frame.ok()?;
    }
    Some(())
}
