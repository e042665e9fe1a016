//! Is each way recorded as the table says that no router can end a request in? Over real sockets, HTTP/1.1 and HTTP/2.

mod common;
#[path = "common/net.rs"]
mod net;

use std::future::{Future, pending};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::{Script, Step, active, all_ended, ended, labels, until};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use metrics_core::Registry;
use metrics_tower::HttpMetrics;
use net::{BOTH, Protocol, client, request, send, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::{BoxError, Layer, Service, ServiceBuilder, service_fn};

type AnyBody = UnsyncBoxBody<Bytes, BoxError>;
type Answer = Result<Response<AnyBody>, BoxError>;

fn body<B>(body: B) -> AnyBody
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    body.map_err(Into::into).boxed_unsync()
}

fn answer(status: u16, steps: impl IntoIterator<Item = Step>) -> Answer {
    Ok(Response::builder().status(status).body(body(Script::new(steps)))?)
}

/// A service without a router, whose ways to answer are its paths.
async fn handle(mut request: Request<Incoming>) -> Answer {
    if request.method() == Method::CONNECT {
        let upgraded = hyper::upgrade::on(&mut request);
        tokio::spawn(async move { echo(TokioIo::new(upgraded.await.unwrap())).await });
        return Ok(Response::new(body(Empty::new())));
    }
    match request.uri().path() {
        "/fails" => Err("no database".into()),
        "/waits" => pending().await,
        "/text" => Ok(Response::new(body(Full::from("text")))),
        "/panics" => answer(200, [Step::Data("a"), Step::Panic]),
        "/early-hints" => answer(103, []),
        "/grpc/ok" => answer(200, [Step::Data("a"), Step::Trailers(&[("grpc-status", "0")])]),
        "/grpc/fails" => answer(200, [Step::Data("a"), Step::Trailers(&[("grpc-status", "13")])]),
        "/grpc/head" => {
            let mut response = answer(200, [])?;
            response.headers_mut().insert("grpc-status", 12.into());
            Ok(response)
        }
        "/grpc/empty" => Ok(Response::new(body(Script::new([]).exact(0)))),
        "/grpc/length-0" => {
            let mut response = answer(200, [])?;
            response.headers_mut().insert("content-length", 0.into());
            Ok(response)
        }
        "/events" => {
            let mut response = answer(200, [Step::Data("data: 1\n\n"), Step::Pending])?;
            response.headers_mut().insert("content-type", "text/event-stream".parse()?);
            Ok(response)
        }
        path => unreachable!("{path}"),
    }
}

async fn echo(mut stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin) {
    let mut word = [0; 4];
    stream.read_exact(&mut word).await.unwrap();
    stream.write_all(&word).await.unwrap();
    stream.flush().await.unwrap();
}

/// The books of a service on a socket, and where it listens.
struct Running {
    registry: Registry,
    address: SocketAddr,
}

async fn start(metrics: HttpMetrics) -> Running {
    let registry = Registry::new();
    let address = serve(metrics.layer(&registry).unwrap().layer(service_fn(handle))).await;
    Running { registry, address }
}

impl Running {
    async fn send(&self, protocol: Protocol, path: &str) -> Option<StatusCode> {
        send(protocol, self.address, Method::GET, path).await
    }

    /// Exactly this one request has ended, and nothing is in flight.
    async fn assert_only(&self, labels: &[(&str, &str)]) {
        let what = format!("ended as {labels:?}");
        until(&self.registry, &what, || ended(&self.registry, labels) == 1.0 && active(&self.registry) == 0.0).await;
        assert_eq!(all_ended(&self.registry), 1.0);
    }
}

#[tokio::test]
async fn an_error_of_the_service_is_other() {
    for protocol in BOTH {
        let running = start(HttpMetrics::server()).await;
        assert_eq!(running.send(protocol, "/fails").await, None);
        running.assert_only(&labels("GET", "", "", "_OTHER")).await;
    }
}

#[tokio::test]
async fn an_error_of_the_service_is_what_the_classifier_says() {
    #[derive(Clone, Copy)]
    struct Database;
    impl metrics_core::LabelValue for Database {
        const VALUES: &'static [&'static str] = &["database"];
        fn index(self) -> usize {
            0
        }
    }
    for protocol in BOTH {
        let known = |error: &BoxError| (error.to_string() == "no database").then_some(Database);
        let running = start(HttpMetrics::server().with_error_classifier(known)).await;
        assert_eq!(running.send(protocol, "/fails").await, None);
        running.assert_only(&labels("GET", "", "", "database")).await;
    }
}

#[tokio::test]
async fn a_timeout_inside_that_nobody_answers_is_recognised() {
    for protocol in BOTH {
        let registry = Registry::new();
        let service = ServiceBuilder::new()
            .layer(HttpMetrics::server().layer(&registry).unwrap())
            .timeout(Duration::from_millis(1))
            .service(service_fn(handle));
        let running = Running { address: serve(service).await, registry };
        assert_eq!(running.send(protocol, "/waits").await, None);
        running.assert_only(&labels("GET", "", "", "timeout")).await;
    }
}

#[tokio::test]
async fn load_shedding_inside_that_nobody_answers_is_recognised() {
    for protocol in BOTH {
        let registry = Registry::new();
        let service = ServiceBuilder::new()
            .layer(HttpMetrics::server().layer(&registry).unwrap())
            .load_shed()
            .layer(tower::limit::GlobalConcurrencyLimitLayer::new(1))
            .service(service_fn(handle));
        let running = Running { address: serve(service).await, registry };
        let held = tokio::spawn(client(protocol).request(request(running.address, Method::GET, "/waits")));
        until(&running.registry, "held", || active(&running.registry) == 1.0).await;
        assert_eq!(running.send(protocol, "/text").await, None);
        running_until(&running, "overloaded", 1.0).await;
        held.abort();
        until(&running.registry, "idle", || active(&running.registry) == 0.0).await;
        assert_eq!(all_ended(&running.registry), 2.0);
    }
}

async fn running_until(running: &Running, error: &str, count: f64) {
    let labels = labels("GET", "", "", error);
    until(&running.registry, error, || ended(&running.registry, &labels) == count).await;
}

#[tokio::test]
async fn a_head_of_1xx_ends_the_request_whatever_the_server_makes_of_it() {
    for protocol in BOTH {
        let running = start(HttpMetrics::server()).await;
        running.send(protocol, "/early-hints").await;
        running.assert_only(&labels("GET", "", "103", "")).await;
    }
}

#[tokio::test]
async fn a_tunnel_is_not_in_flight() {
    for protocol in BOTH {
        let running = start(HttpMetrics::server()).await;
        let mut connect = Request::new(Empty::new());
        *connect.method_mut() = Method::CONNECT;
        *connect.uri_mut() = running.address.to_string().parse().unwrap();
        let mut stream = tunnel(protocol, running.address, connect).await;
        running.assert_only(&labels("CONNECT", "", "200", "")).await;
        stream.write_all(b"echo").await.unwrap();
        stream.flush().await.unwrap();
        let mut word = [0; 4];
        stream.read_exact(&mut word).await.unwrap();
        assert_eq!(&word, b"echo");
        running.assert_only(&labels("CONNECT", "", "200", "")).await;
    }
}

/// A tunnel through a server, on a connection of its own.
async fn tunnel(
    protocol: Protocol,
    address: SocketAddr,
    connect: Request<Empty<Bytes>>,
) -> TokioIo<hyper::upgrade::Upgraded> {
    let io = TokioIo::new(tokio::net::TcpStream::connect(address).await.unwrap());
    let response = match protocol {
        Protocol::Http1 => {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
            tokio::spawn(connection.with_upgrades());
            sender.send_request(connect).await.unwrap()
        }
        Protocol::Http2 => {
            let executor = hyper_util::rt::TokioExecutor::new();
            let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(connect).await.unwrap()
        }
    };
    assert_eq!(response.status(), StatusCode::OK);
    TokioIo::new(hyper::upgrade::on(response).await.unwrap())
}

/// What a layer outside the metrics makes of requests, by path.
#[derive(Clone)]
struct Outside<S>(S);

impl<S> Service<Request<Incoming>> for Outside<S>
where
    S: Service<Request<Incoming>, Error = BoxError> + Clone + Send + 'static,
    S::Response: Send,
    S::Future: Send,
{
    type Response = Response<Empty<Bytes>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        let path = request.uri().path().to_owned();
        *request.uri_mut() = "/text".parse().unwrap();
        match path.as_str() {
            // The inner service was ready, and is not called.
            "/uncalled" => {}
            "/unpolled" => drop(self.0.call(request)),
            "/unread" => {
                let call = self.0.call(request);
                return Box::pin(async { call.await.map(|_| Response::default()) });
            }
            path => unreachable!("{path}"),
        }
        Box::pin(async { Ok(Response::default()) })
    }
}

async fn start_inside() -> Running {
    let registry = Registry::new();
    let layer = HttpMetrics::server().layer(&registry).unwrap();
    let address = serve(Outside(layer.layer(service_fn(handle)))).await;
    Running { registry, address }
}

#[tokio::test]
async fn a_service_that_is_never_called_records_nothing() {
    for protocol in BOTH {
        let running = start_inside().await;
        assert_eq!(running.send(protocol, "/uncalled").await, Some(StatusCode::OK));
        assert_eq!((active(&running.registry), all_ended(&running.registry)), (0.0, 0.0));
    }
}

#[tokio::test]
async fn a_future_that_is_dropped_unpolled_is_cancelled() {
    for protocol in BOTH {
        let running = start_inside().await;
        assert_eq!(running.send(protocol, "/unpolled").await, Some(StatusCode::OK));
        running.assert_only(&labels("GET", "", "", "cancelled")).await;
    }
}

#[tokio::test]
async fn a_body_dropped_unread_is_cancelled() {
    for protocol in BOTH {
        let running = start_inside().await;
        assert_eq!(running.send(protocol, "/unread").await, Some(StatusCode::OK));
        running.assert_only(&labels("GET", "", "200", "cancelled")).await;
    }
}

#[tokio::test]
async fn a_grpc_status_is_read_from_trailers_and_from_a_head_alone() {
    let cases = [("/grpc/ok", "0", ""), ("/grpc/fails", "13", "INTERNAL"), ("/grpc/head", "12", "UNIMPLEMENTED")];
    for protocol in BOTH {
        for (path, code, error) in cases {
            let running = start(HttpMetrics::server().with_grpc_status()).await;
            let response = client(protocol).request(request(running.address, Method::GET, path)).await.unwrap();
            let sent = response.headers().get("grpc-status").cloned();
            let trailers = response.into_body().collect().await.unwrap().trailers().cloned();
            // HTTP/1.1 sends only trailers that a header has announced.
            if protocol == Protocol::Http2 {
                let told =
                    sent.or_else(|| trailers.as_ref().and_then(|all: &HeaderMap| all.get("grpc-status").cloned()));
                assert_eq!(told.unwrap(), code);
            }
            let mut labels = labels("GET", "", "200", error);
            labels.push(("rpc_grpc_status_code", code));
            running.assert_only(&labels).await;
        }
    }
}

#[tokio::test]
async fn a_response_of_no_length_has_ended_well_also_where_a_grpc_status_is_waited_for() {
    for protocol in BOTH {
        for path in ["/grpc/empty", "/grpc/length-0"] {
            let running = start(HttpMetrics::server().with_grpc_status()).await;
            assert_eq!(running.send(protocol, path).await, Some(StatusCode::OK));
            running.assert_only(&labels("GET", "", "200", "")).await;
        }
    }
}

#[tokio::test]
async fn server_sent_events_are_in_flight_while_they_live_and_end_without_error() {
    for protocol in BOTH {
        let running = start(HttpMetrics::server()).await;
        let client = client(protocol);
        let mut response = client.request(request(running.address, Method::GET, "/events")).await.unwrap();
        response.body_mut().frame().await.unwrap().unwrap();
        assert_eq!((active(&running.registry), all_ended(&running.registry)), (1.0, 0.0));
        drop((response, client));
        running.assert_only(&labels("GET", "", "200", "")).await;
    }
}

#[tokio::test]
async fn a_panic_in_the_body_is_a_panic_with_a_status() {
    for protocol in BOTH {
        let running = start(HttpMetrics::server()).await;
        running.send(protocol, "/panics").await;
        running.assert_only(&labels("GET", "", "200", "panic")).await;
    }
}

#[tokio::test]
async fn the_duration_may_end_with_the_head_while_the_request_goes_on() {
    for protocol in BOTH {
        let running = start(HttpMetrics::server().with_duration_until_head()).await;
        let client = client(protocol);
        let mut response = client.request(request(running.address, Method::GET, "/events")).await.unwrap();
        let head = Instant::now();
        response.body_mut().frame().await.unwrap().unwrap();
        assert_eq!((active(&running.registry), all_ended(&running.registry)), (1.0, 0.0));
        while head.elapsed() < Duration::from_millis(50) {
            tokio::task::yield_now().await;
        }
        drop((response, client));
        let labels = labels("GET", "", "200", "");
        running.assert_only(&labels).await;
        let sample = |name: &str, labels: &[(&str, &str)]| running.registry.sample(name, labels).unwrap();
        let until_head = sample("http_server_request_duration_seconds_sum", &labels);
        let busy = sample("http_server_busy_seconds_total", &[]);
        assert!(until_head + 0.05 <= busy, "{until_head} s until the head, in flight for {busy} s");
    }
}
