//! Does the server on a port of its own serve, and stop, and say what is wrong?

mod common;
#[path = "common/net.rs"]
mod net;

use std::any::Any;
use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::until;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use metrics_core::{Counter, Descriptor, DynamicFamily, MetricType, Registry};
use metrics_tower::server::MetricsServer;
use metrics_tower::{HttpMetricsLayer, MetricsEndpoint, limit};
use net::Protocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::{ServiceBuilder, service_fn};

const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

async fn start(endpoint: MetricsEndpoint) -> Running {
    run(MetricsServer::bind(ANY, endpoint).await.unwrap())
}

fn run(server: MetricsServer) -> Running {
    let address = server.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(server.serve(async {
        let _ = stopped.await;
    }));
    Running { address, stop, served }
}

fn registry(series: u32) -> Registry {
    let registry = Registry::new();
    let mut descriptor = Descriptor::new(MetricType::Counter, "jobs_total", "Jobs done.");
    descriptor.add_label("task");
    descriptor.max_series = Some(series);
    let jobs: DynamicFamily<Counter> = registry.register_dynamic(descriptor).unwrap();
    for job in 0..series {
        jobs.with(&[Some(&format!("{job:0>1000}"))]).inc();
    }
    registry
}

async fn get(address: SocketAddr, path: &str, http2: bool) -> (StatusCode, String) {
    let client = Client::builder(TokioExecutor::new()).http2_only(http2).build_http();
    let request = Request::get(format!("http://{address}{path}")).body(Empty::<Bytes>::new()).unwrap();
    let response = client.request(request).await.unwrap();
    let status = response.status();
    (status, String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap())
}

#[tokio::test]
async fn metrics_are_at_their_path_and_nothing_is_elsewhere() {
    let registry = registry(1);
    let running = start(MetricsEndpoint::new(&registry)).await;
    assert_ne!(running.address.port(), 0);
    for http2 in [false, true] {
        assert_eq!(get(running.address, "/metrics", http2).await, (StatusCode::OK, registry.encode_text()));
        let nothing = "Nothing here: the metrics are at /metrics.\n".to_owned();
        assert_eq!(get(running.address, "/", http2).await, (StatusCode::NOT_FOUND, nothing));
    }
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let running = start(MetricsEndpoint::new(&Registry::new())).await;
    let error = MetricsServer::bind(running.address, MetricsEndpoint::new(&Registry::new())).await.unwrap_err();
    assert_eq!(error.address(), running.address);
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("cannot serve metrics on {}: Address already in use", running.address)),
        "{text}"
    );
    assert!(text.ends_with("; stop what listens there, or choose another port (0 for any free one)"), "{text}");
}

#[tokio::test]
async fn stopping_refuses_new_connections_and_lets_a_scrape_finish() {
    let registry = registry(10_000);
    let running = start(MetricsEndpoint::new(&registry)).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = vec![stream.read_u8().await.unwrap()];
    running.stop.send(()).unwrap();
    until(&registry, "closed", || std::net::TcpStream::connect(running.address).is_err()).await;
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.ends_with(b"0\r\n\r\n"), "the answer was cut off");
    assert!(answer.len() > registry.encode_text().len());
    running.served.await.unwrap();
}

#[tokio::test]
async fn a_saturated_service_that_sheds_its_load_is_still_scraped() {
    let registry = Registry::new();
    let service = ServiceBuilder::new()
        .layer(HttpMetricsLayer::new(&registry).unwrap())
        .load_shed()
        .layer(limit::concurrency_limit(&registry, "shop", 1).unwrap())
        .service(service_fn(|_: Request<Incoming>| pending::<Result<Response<Empty<Bytes>>, Infallible>>()));
    let service = net::serve(service).await;
    let metrics = start(MetricsEndpoint::new(&registry)).await;
    let held = tokio::spawn(net::client(Protocol::Http1).request(net::request(service, Method::GET, "/")));
    let active = [("http_request_method", "GET")];
    until(&registry, "held", || registry.sample("http_server_active_requests", &active) == Some(1.0)).await;
    assert_eq!(net::send(Protocol::Http1, service, Method::GET, "/").await, None, "it should be shed");
    let (status, text) = get(metrics.address, "/metrics", false).await;
    assert_eq!(status, StatusCode::OK);
    for row in [
        "shop_concurrency_capacity 1\n",
        "shop_concurrency_used 1\n",
        "http_server_active_requests{http_request_method=\"GET\"} 1\n",
        "http_server_requests_total{http_request_method=\"GET\",error_type=\"overloaded\"} 1\n",
    ] {
        assert!(text.contains(row), "{row} in\n{text}");
    }
    held.abort();
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let running = start(MetricsEndpoint::new(&Registry::new())).await;
    let _idle = TcpStream::connect(running.address).await.unwrap();
    get(running.address, "/metrics", false).await;
    running.stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(8), running.served).await.expect("it hangs").unwrap();
}

#[tokio::test]
async fn a_connection_whose_peer_stops_reading_is_closed() {
    let registry = registry(20_000);
    let endpoint = MetricsEndpoint::new(&registry).with_max_scrapes(1).with_reader_timeout(Duration::from_millis(200));
    let running = start(endpoint).await;
    let mut stalled = TcpStream::connect(running.address).await.unwrap();
    stalled.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    stalled.readable().await.unwrap();
    // The only place is free again, though the peer keeps its connection.
    let deadline = Instant::now() + Duration::from_secs(20);
    while get_status(running.address).await != StatusCode::OK {
        assert!(Instant::now() < deadline, "the place is never free again");
    }
    let mut answer = Vec::new();
    let end = stalled.read_to_end(&mut answer).await;
    assert!(end.is_err() || !answer.ends_with(b"0\r\n\r\n"), "it was served to the end");
    assert!(answer.len() < registry.encode_text().len());
}

async fn get_status(address: SocketAddr) -> StatusCode {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::get(format!("http://{address}/metrics")).body(Empty::<Bytes>::new()).unwrap();
    client.request(request).await.unwrap().status()
}

/// What a peer may do that holds a connection.
#[derive(Clone, Copy, Debug)]
enum Peer {
    /// Nothing at all.
    Silent,
    /// Half a request's head.
    HalfHead,
    /// HTTP/2 without a request; pings are answered.
    Idle,
    /// HTTP/2 with an answer of which nothing is taken; pings are answered.
    TakesNothing,
}

/// Connects; the connection lasts as long as what is returned.
async fn connect(peer: Peer, address: SocketAddr) -> Box<dyn Any> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    match peer {
        Peer::Silent => return Box::new(stream),
        Peer::HalfHead => {
            stream.write_all(b"GET /metrics HTTP/1.1\r\nHost:").await.unwrap();
            return Box::new(stream);
        }
        Peer::Idle | Peer::TakesNothing => {}
    }
    let mut builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    builder.initial_stream_window_size(1);
    let (mut sender, connection) = builder.handshake::<_, Empty<Bytes>>(TokioIo::new(stream)).await.unwrap();
    let driver = tokio::spawn(connection);
    let answer = match peer {
        Peer::TakesNothing => {
            let request = Request::get(format!("http://{address}/metrics")).body(Empty::new()).unwrap();
            Some(sender.send_request(request).await.unwrap())
        }
        _ => None,
    };
    Box::new((sender, driver, answer))
}

/// How long the server of a test lets a connection be idle if nothing else is to end it.
const LONG: Duration = Duration::from_secs(600);

async fn start_with(endpoint: MetricsEndpoint, idle: Duration) -> Running {
    run(MetricsServer::bind(ANY, endpoint).await.unwrap().with_idle_timeout(idle))
}

/// A scrape on a connection of its own.
async fn scrape(address: SocketAddr, http2: bool) {
    let scrape = get(address, "/metrics", http2);
    let (status, _) = tokio::time::timeout(Duration::from_secs(20), scrape).await.expect("kept out");
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn idle_peers_that_hold_all_connections_give_one_up_to_a_scrape() {
    let registry = registry(1);
    for peer in [Peer::Silent, Peer::HalfHead, Peer::Idle] {
        let running = start_with(MetricsEndpoint::new(&registry), LONG).await;
        let mut held = Vec::new();
        for _ in 0..64 {
            held.push(connect(peer, running.address).await);
        }
        for http2 in [false, true] {
            scrape(running.address, http2).await;
        }
    }
}

#[tokio::test]
async fn connections_whose_answers_are_not_taken_keep_their_places_until_the_reader_timeout() {
    // More than is handed on at once: none of these answers has ended.
    let registry = registry(1_000);
    let patience = Duration::from_secs(1);
    let endpoint = MetricsEndpoint::new(&registry).with_max_scrapes(100).with_reader_timeout(patience);
    let running = start_with(endpoint, LONG).await;
    let begun = Instant::now();
    let mut held = Vec::new();
    for _ in 0..64 {
        held.push(connect(Peer::TakesNothing, running.address).await);
    }
    scrape(running.address, false).await;
    assert!(begun.elapsed() >= patience, "a request in progress was cut off for another connection");
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_idle_timeout() {
    let registry = registry(1);
    let brief = Duration::from_millis(300);
    let running = start_with(MetricsEndpoint::new(&registry), brief).await;
    for start in ["", "GET /metrics HTTP/1.1\r\nHost:", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        let _ = end.unwrap_or_else(|_| panic!("it is never closed after {start:?}"));
        assert!(begun.elapsed() >= brief, "too soon after {start:?}");
    }
}

#[tokio::test]
async fn timeouts_may_be_as_long_as_a_duration_can_be() {
    let registry = registry(1);
    let endpoint = MetricsEndpoint::new(&registry).with_reader_timeout(Duration::MAX);
    let running = start_with(endpoint, Duration::MAX).await;
    scrape(running.address, false).await;
}

/// A peer that keeps its connection and asks again and again.
struct Asking(TcpStream);

impl Asking {
    async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// The status line of the answer, if there is one; no metrics are asked for, so that the answer is short.
    async fn ask(&mut self) -> Option<String> {
        self.0.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.ok()?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"at /metrics.\n") {
            if self.0.read_buf(&mut answer).await.ok()? == 0 {
                return None;
            }
        }
        String::from_utf8(answer).unwrap().lines().next().map(str::to_owned)
    }

    /// Whether the server closes it within this time.
    async fn is_closed(&mut self, within: Duration) -> bool {
        tokio::time::timeout(within, self.0.read_u8()).await.is_ok_and(|read| read.is_err())
    }
}

#[tokio::test]
async fn the_connection_that_has_been_idle_longest_leaves_first_and_one_with_a_request_never() {
    let registry = registry(20_000);
    let running = start_with(MetricsEndpoint::new(&registry).with_reader_timeout(LONG), LONG).await;
    let mut stalled = TcpStream::connect(running.address).await.unwrap();
    stalled.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = vec![stalled.read_u8().await.unwrap()];
    let mut peers = Vec::new();
    for _ in 0..63 {
        let mut peer = Asking::connect(running.address).await;
        assert_eq!(peer.ask().await.as_deref(), Some("HTTP/1.1 404 Not Found"));
        peers.push(peer);
    }
    // The first asks again, so that the second and the third are now those that have been idle longest.
    assert!(peers[0].ask().await.is_some());
    let mut further = Vec::new();
    for _ in 0..2 {
        let mut peer = Asking::connect(running.address).await;
        assert!(peer.ask().await.is_some());
        further.push(peer);
    }
    for (at, peer) in peers.iter_mut().enumerate() {
        let leaves = [1, 2].contains(&at);
        let within = if leaves { Duration::from_secs(20) } else { Duration::from_millis(1) };
        assert_eq!(peer.is_closed(within).await, leaves, "the {at}th");
    }
    stalled.read_to_end(&mut answer).await.unwrap();
    assert!(answer.ends_with(b"0\r\n\r\n"), "the answer was cut off");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_that_ask_just_before_they_have_been_idle_too_long_do_not_keep_scrapes_out() {
    let registry = registry(1);
    let running = start_with(MetricsEndpoint::new(&registry), Duration::from_secs(2)).await;
    let address = running.address;
    let mut peers = tokio::task::JoinSet::new();
    let asked = Arc::new(tokio::sync::Semaphore::new(0));
    for _ in 0..80 {
        let asked = Arc::clone(&asked);
        // More of them than there are places, and each comes back when it is sent away.
        peers.spawn(async move {
            loop {
                let mut peer = Asking::connect(address).await;
                while peer.ask().await.is_some() {
                    asked.add_permits(1);
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        });
    }
    drop(asked.acquire_many(80).await.unwrap());
    for http2 in [false, true, false, true] {
        scrape(address, http2).await;
    }
    peers.abort_all();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_connections_that_say_nothing_does_not_keep_scrapes_out() {
    let registry = registry(1);
    let running = start_with(MetricsEndpoint::new(&registry), LONG).await;
    let address = running.address;
    let flood = tokio::spawn(async move {
        let mut held = Vec::new();
        for _ in 0..400 {
            held.push(TcpStream::connect(address).await.unwrap());
        }
        pending::<()>().await;
    });
    for http2 in [false, true, false] {
        scrape(address, http2).await;
    }
    flood.abort();
}

/// A peer's end that has little room for what is not taken, so that the system keeps little.
fn little_room() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 << 10).unwrap();
    socket
}

/// Connects, with little room for what is not taken, sends this again and again, and takes a little now and then; until the
/// server closes it.
async fn take_a_little(address: SocketAddr, start: &[u8], again: &'static [u8], every: Duration) {
    let (mut read, mut write) = little_room().connect(address).await.unwrap().into_split();
    let _ = write.write_all(start).await;
    let sending = tokio::spawn(async move {
        while !again.is_empty() && write.write_all(again).await.is_ok() {}
        // A half of a connection that is dropped ends it.
        pending::<()>().await;
        drop(write);
    });
    let mut some = vec![0; 16 << 10];
    loop {
        tokio::time::sleep(every).await;
        if !read.read(&mut some).await.is_ok_and(|read| read > 0) {
            sending.abort();
            return;
        }
    }
}

const ASK: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

/// As many as there are places, each of which comes back when it is sent away.
fn siege(address: SocketAddr, start: &'static [u8], again: &'static [u8]) -> tokio::task::JoinSet<()> {
    let mut peers = tokio::task::JoinSet::new();
    for _ in 0..64 {
        peers.spawn(async move {
            loop {
                take_a_little(address, start, again, Duration::from_millis(100)).await;
            }
        });
    }
    peers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_that_pipeline_requests_do_not_keep_scrapes_out() {
    let many: &'static [u8] = Vec::leak(ASK.repeat(256));
    // Answers in many pieces, so that one is nearly always in progress.
    let registry = registry(200);
    let tenure = Duration::from_millis(500);
    let endpoint = MetricsEndpoint::new(&registry).with_max_scrapes(100).with_place_timeout(tenure);
    let running = start_with(endpoint.with_reader_timeout(LONG), LONG).await;
    let _peers = siege(running.address, many, many);
    tokio::time::sleep(tenure * 2).await;
    // Who is let in is soon one of those that can be asked to leave, on a busy machine before it was answered.
    let mut answers = Vec::new();
    for _ in 0..4 {
        let mut peer = Asking::connect(running.address).await;
        answers.push(tokio::time::timeout(Duration::from_secs(20), peer.ask()).await.expect("kept out"));
    }
    assert!(answers.iter().any(Option::is_some), "let in and never answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_that_take_their_answers_slowly_do_not_keep_scrapes_out() {
    let registry = registry(20_000);
    let tenure = Duration::from_millis(500);
    let endpoint = MetricsEndpoint::new(&registry).with_max_scrapes(100).with_place_timeout(tenure);
    let running = start_with(endpoint.with_reader_timeout(LONG), LONG).await;
    let begun = Instant::now();
    let _peers = siege(running.address, ASK, b"");
    tokio::time::sleep(tenure / 2).await;
    let mut peer = Asking::connect(running.address).await;
    let answer = tokio::time::timeout(Duration::from_secs(20), peer.ask()).await;
    assert_eq!(answer.expect("kept out").as_deref(), Some("HTTP/1.1 404 Not Found"));
    assert!(begun.elapsed() >= tenure, "somebody was cut off after {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_has_to_leave_ends_behind_its_present_answer() {
    let registry = registry(10_000);
    let endpoint = MetricsEndpoint::new(&registry).with_max_scrapes(100).with_place_timeout(LONG);
    let running = start_with(endpoint.with_reader_timeout(LONG), LONG).await;
    let mut busy = Vec::new();
    for _ in 0..64 {
        let mut stream = little_room().connect(running.address).await.unwrap();
        stream.write_all(&ASK.repeat(2)).await.unwrap();
        let first = stream.read_u8().await.unwrap();
        busy.push((stream, vec![first]));
    }
    let next = tokio::spawn(scrape_when_let_in(running.address));
    // Longer than it waits for an idle one; nothing can tell from outside that it has asked.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!next.is_finished(), "somebody was cut off");
    let (mut stream, mut answer) = busy.remove(0);
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.ends_with(b"0\r\n\r\n"), "the answer was cut off");
    let heads = answer.windows(9).filter(|part| part == b"HTTP/1.1 ").count();
    assert_eq!(heads, 1, "the second request was answered too");
    tokio::time::timeout(Duration::from_secs(20), next).await.expect("kept out").unwrap();
}

async fn scrape_when_let_in(address: SocketAddr) {
    assert_eq!(get_status(address).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pings_do_not_keep_a_connection() {
    // The preface and no settings; then nothing but pings.
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    let pings: &'static [u8] = Vec::leak(b"\x00\x00\x08\x06\x00\x00\x00\x00\x00abcdefgh".repeat(5_000));
    let registry = registry(1);
    let endpoint = MetricsEndpoint::new(&registry).with_reader_timeout(Duration::from_secs(2));
    let running = start_with(endpoint, Duration::from_secs(2)).await;
    let peer = take_a_little(running.address, preface, pings, Duration::from_millis(20));
    tokio::time::timeout(Duration::from_secs(20), peer).await.expect("it is never closed");
}
