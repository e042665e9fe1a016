//! Does the server on a port of its own serve, and stop, and say what is wrong?

mod common;
#[path = "common/net.rs"]
mod net;

use std::any::Any;
use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
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
use tokio::net::TcpStream;
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

#[tokio::test]
async fn peers_that_hold_all_connections_and_do_nothing_do_not_keep_a_scrape_out() {
    let registry = registry(1);
    let brief = Duration::from_millis(300);
    let endpoint = MetricsEndpoint::new(&registry).with_max_scrapes(100).with_reader_timeout(brief);
    for peer in [Peer::Silent, Peer::HalfHead, Peer::Idle, Peer::TakesNothing] {
        let server = MetricsServer::bind(ANY, endpoint.clone()).await.unwrap().with_idle_timeout(brief);
        let running = run(server);
        let begun = Instant::now();
        let mut held = Vec::new();
        for _ in 0..64 {
            held.push(connect(peer, running.address).await);
        }
        let scrape = get(running.address, "/metrics", false);
        let (status, _) = tokio::time::timeout(Duration::from_secs(20), scrape).await.expect("kept out");
        assert_eq!(status, StatusCode::OK);
        assert!(begun.elapsed() >= brief, "{peer:?} peers held no places");
    }
}
