//! Is each way an outgoing request can end recorded? With hyper's client, over real sockets, HTTP/1.1 and HTTP/2.

mod common;
#[path = "common/net.rs"]
mod net;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use common::{Script, Step, sum, until};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use metrics_core::Registry;
use metrics_tower::HttpMetrics;
use metrics_tower::http::{HttpMetricsService, ResponseBody};
use net::{BOTH, Protocol};
use tokio::sync::Semaphore;
use tower::{Layer, Service, ServiceExt, service_fn};

/// Some of these are more than the server keeps back, so that a head is sent although the body breaks off.
static PIECE: LazyLock<String> = LazyLock::new(|| "x".repeat(64 << 10));

/// A measured client.
struct Outgoing {
    registry: Registry,
    client: HttpMetricsService<Client<HttpConnector, Empty<Bytes>>>,
}

impl Outgoing {
    fn new(protocol: Protocol) -> Self {
        let registry = Registry::new();
        let client = HttpMetrics::client().layer(&registry).unwrap().layer(net::client(protocol));
        Self { registry, client }
    }

    async fn send(
        &mut self,
        address: SocketAddr,
        path: &str,
    ) -> Result<Response<ResponseBody<Incoming>>, hyper_util::client::legacy::Error> {
        self.client.ready().await?.call(net::request(address, Method::GET, path)).await
    }

    fn active(&self) -> f64 {
        sum(&self.registry, "http_client_active_requests")
    }

    /// Exactly this one request has ended, and nothing is in flight.
    async fn assert_only(&self, status: &str, error: &str) {
        let all = [
            ("http_request_method", "GET"),
            ("server_address", "127.0.0.1"),
            ("http_response_status_code", status),
            ("error_type", error),
        ];
        let labels: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let ended = |name: &str| self.registry.sample(name, &labels) == Some(1.0);
        let so = || ended("http_client_requests_total") && self.active() == 0.0;
        until(&self.registry, &format!("ended as {labels:?}"), so).await;
        assert!(ended("http_client_request_duration_seconds_count"), "{}", self.registry.encode_text());
        assert_eq!(sum(&self.registry, "http_client_requests_total"), 1.0);
    }
}

/// A service whose answer depends on the path; it tells when a request is held.
async fn serve() -> (SocketAddr, Arc<Semaphore>) {
    let held = Arc::new(Semaphore::new(0));
    let holds = held.clone();
    let address = net::serve(service_fn(move |request: Request<Incoming>| {
        let held = holds.clone();
        async move {
            let steps = match request.uri().path() {
                "/hold" => {
                    held.add_permits(1);
                    std::future::pending().await
                }
                "/broken" => {
                    let mut steps = vec![Step::Data(&PIECE); 32];
                    steps.push(Step::Error);
                    steps
                }
                "/endless" => vec![Step::Data("a"), Step::Pending],
                _ => vec![Step::Data("a"), Step::Data("b")],
            };
            Ok::<_, Infallible>(Response::new(Script::new(steps)))
        }
    }))
    .await;
    (address, held)
}

#[tokio::test]
async fn an_answer_that_is_read_has_ended_well() {
    for protocol in BOTH {
        let ((address, _), mut outgoing) = (serve().await, Outgoing::new(protocol));
        let response = outgoing.send(address, "/").await.unwrap();
        assert_eq!(outgoing.active(), 1.0);
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "ab");
        outgoing.assert_only("200", "").await;
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_connected_to_is_an_error() {
    for protocol in BOTH {
        // Nobody listens on a port that was free a moment ago.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut outgoing = Outgoing::new(protocol);
        assert!(outgoing.send(free, "/").await.unwrap_err().is_connect());
        outgoing.assert_only("", "_OTHER").await;
    }
}

#[tokio::test]
async fn a_request_that_is_given_up_before_the_head_is_cancelled() {
    for protocol in BOTH {
        let ((address, held), mut outgoing) = (serve().await, Outgoing::new(protocol));
        tokio::select! {
            answer = outgoing.send(address, "/hold") => panic!("{answer:?}"),
            permit = held.acquire() => drop(permit),
        }
        outgoing.assert_only("", "cancelled").await;
    }
}

#[tokio::test]
async fn an_answer_that_is_not_read_to_its_end_is_cancelled() {
    for protocol in BOTH {
        let ((address, _), mut outgoing) = (serve().await, Outgoing::new(protocol));
        let mut response = outgoing.send(address, "/endless").await.unwrap();
        response.body_mut().frame().await.unwrap().unwrap();
        assert_eq!(outgoing.active(), 1.0);
        drop(response);
        outgoing.assert_only("200", "cancelled").await;
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error_of_the_body() {
    for protocol in BOTH {
        let ((address, _), mut outgoing) = (serve().await, Outgoing::new(protocol));
        let response = outgoing.send(address, "/broken").await.unwrap();
        assert!(response.into_body().collect().await.is_err());
        outgoing.assert_only("200", "body").await;
    }
}

#[tokio::test]
async fn a_request_may_begin_on_one_runtime_and_end_on_another() {
    for protocol in BOTH {
        let ((address, _), mut outgoing) = (serve().await, Outgoing::new(protocol));
        let response = outgoing.send(address, "/endless").await.unwrap();
        let elsewhere = std::thread::spawn(move || {
            let other = tokio::runtime::Builder::new_current_thread().build().unwrap();
            other.block_on(async move { drop(response) });
        });
        elsewhere.join().unwrap();
        outgoing.assert_only("200", "cancelled").await;
    }
}
