//! Is each way a request can end recorded as the table says? In process.

mod common;

use std::convert::Infallible;
use std::future::{pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use common::{Script, Step, active, all_ended, assert_only, ended, labels, sum};
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Empty, Full};
use metrics_core::Registry;
use metrics_tower::http::ResponseBody;
use metrics_tower::{HttpMetrics, HttpMetricsLayer};
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};

type Answer<B> = Result<Response<B>, BoxError>;

fn request(method: Method) -> Request<()> {
    Request::builder().method(method).uri("/anything").body(()).unwrap()
}

fn response<B>(status: u16, body: B) -> Response<B> {
    Response::builder().status(status).body(body).unwrap()
}

/// The response to a request of this method, answered like this.
async fn respond<B: Body>(registry: &Registry, method: Method, answer: Response<B>) -> Response<ResponseBody<B>> {
    let layer = HttpMetricsLayer::new(registry).unwrap();
    let mut answer = Some(answer);
    let mut service = layer.layer(service_fn(move |_: Request<()>| ready(Ok::<_, Infallible>(answer.take().unwrap()))));
    service.ready().await.unwrap().call(request(method)).await.unwrap()
}

fn poll_once<B: Body + Unpin>(body: &mut B) -> Poll<()> {
    std::pin::Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop())).map(drop)
}

#[tokio::test]
async fn a_body_that_says_that_it_is_at_its_end_has_ended() {
    let registry = Registry::new();
    let body = Script::new([Step::Data("a"), Step::Data("b")]).telling_its_end();
    let mut response = respond(&registry, Method::GET, response(200, body)).await;
    assert_eq!(active(&registry), 1.0);
    assert!(poll_once(response.body_mut()).is_ready());
    assert_eq!((active(&registry), all_ended(&registry)), (1.0, 0.0));
    assert!(poll_once(response.body_mut()).is_ready());
    assert_only(&registry, &labels("GET", "", "200", ""));
}

#[tokio::test]
async fn a_body_of_known_length_has_ended_with_its_last_byte() {
    let registry = Registry::new();
    let body = Script::new([Step::Data("ab"), Step::Data("c")]).exact(3);
    let mut response = respond(&registry, Method::POST, response(201, body)).await;
    assert!(poll_once(response.body_mut()).is_ready());
    assert_eq!(all_ended(&registry), 0.0);
    assert!(poll_once(response.body_mut()).is_ready());
    assert_only(&registry, &labels("POST", "", "201", ""));
    drop(response);
    assert_only(&registry, &labels("POST", "", "201", ""));
}

#[tokio::test]
async fn a_content_length_tells_the_length_where_the_body_does_not() {
    let registry = Registry::new();
    let mut answer = response(200, Script::new([Step::Data("abc"), Step::Pending]));
    answer.headers_mut().insert("content-length", 3.into());
    let mut response = respond(&registry, Method::GET, answer).await;
    assert!(poll_once(response.body_mut()).is_ready());
    assert_only(&registry, &labels("GET", "", "200", ""));
}

#[tokio::test]
async fn a_body_that_ends_has_ended() {
    let registry = Registry::new();
    let body = Script::new([Step::Data("a"), Step::Trailers(&[("x-sum", "1")])]);
    let response = respond(&registry, Method::GET, response(200, body)).await;
    let collected = response.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["x-sum"], "1");
    assert_only(&registry, &labels("GET", "", "200", ""));
}

#[tokio::test]
async fn an_empty_body_ends_with_the_head() {
    for body in [Script::new([]).telling_its_end(), Script::new([]).exact(0)] {
        let registry = Registry::new();
        let response = respond(&registry, Method::DELETE, response(200, body)).await;
        assert_only(&registry, &labels("DELETE", "", "200", ""));
        drop(response);
        assert_only(&registry, &labels("DELETE", "", "200", ""));
    }
}

#[tokio::test]
async fn a_server_error_has_its_code_as_error_type() {
    let registry = Registry::new();
    let response = respond(&registry, Method::GET, response(503, Full::new("later".as_bytes()))).await;
    response.into_body().collect().await.unwrap();
    assert_only(&registry, &labels("GET", "", "503", "503"));
}

#[tokio::test]
async fn a_client_error_is_no_error_of_the_server() {
    let registry = Registry::new();
    respond(&registry, Method::GET, response(404, Empty::<&[u8]>::new())).await;
    assert_only(&registry, &labels("GET", "", "404", ""));
}

#[tokio::test]
async fn an_error_of_the_service_is_other() {
    let registry = Registry::new();
    let layer = HttpMetricsLayer::new(&registry).unwrap();
    let service = layer.layer(service_fn(|_: Request<()>| ready(Err::<Response<Script>, BoxError>("broken".into()))));
    assert_eq!(service.oneshot(request(Method::GET)).await.unwrap_err().to_string(), "broken");
    assert_only(&registry, &labels("GET", "", "", "_OTHER"));
}

#[tokio::test]
async fn errors_of_the_service_without_a_box_are_other_too() {
    let registry = Registry::new();
    let layer = HttpMetricsLayer::new(&registry).unwrap();
    let service = layer.layer(service_fn(|_: Request<()>| ready(Err::<Response<Script>, u8>(7))));
    assert_eq!(service.oneshot(request(Method::GET)).await.unwrap_err(), 7);
    assert_only(&registry, &labels("GET", "", "", "_OTHER"));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_inside_is_recognised() {
    let registry = Registry::new();
    let service = ServiceBuilder::new()
        .layer(HttpMetricsLayer::new(&registry).unwrap())
        .timeout(Duration::from_secs(1))
        .service(service_fn(|_: Request<()>| pending::<Answer<Script>>()));
    service.oneshot(request(Method::GET)).await.unwrap_err();
    assert_only(&registry, &labels("GET", "", "", "timeout"));
}

#[tokio::test]
async fn load_shedding_inside_is_recognised() {
    let registry = Registry::new();
    let mut service = ServiceBuilder::new()
        .layer(HttpMetricsLayer::new(&registry).unwrap())
        .load_shed()
        .concurrency_limit(1)
        .service(service_fn(|_: Request<()>| pending::<Answer<Script>>()));
    let held = service.ready().await.unwrap().call(request(Method::GET));
    let shed = service.ready().await.unwrap().call(request(Method::GET)).await;
    shed.unwrap_err();
    assert_eq!(ended(&registry, &labels("GET", "", "", "overloaded")), 1.0);
    drop(held);
    assert_eq!((active(&registry), all_ended(&registry)), (0.0, 2.0));
}

#[tokio::test]
async fn a_classifier_names_the_errors_that_it_knows() {
    #[derive(Clone, Copy)]
    struct Database;
    impl metrics_core::LabelValue for Database {
        const VALUES: &'static [&'static str] = &["database"];
        fn index(self) -> usize {
            0
        }
    }
    let registry = Registry::new();
    let metrics = HttpMetrics::server()
        .with_error_classifier(|error: &BoxError| (error.to_string() == "no connection").then_some(Database));
    let layer = metrics.layer(&registry).unwrap();
    for text in ["no connection", "something else"] {
        let service = layer.layer(service_fn(move |_: Request<()>| ready(Answer::<Script>::Err(text.into()))));
        service.oneshot(request(Method::GET)).await.unwrap_err();
    }
    assert_eq!(ended(&registry, &labels("GET", "", "", "database")), 1.0);
    assert_eq!(ended(&registry, &labels("GET", "", "", "_OTHER")), 1.0);
}

#[tokio::test]
async fn a_panic_in_the_call_is_a_panic() {
    let registry = Registry::new();
    let layer = HttpMetricsLayer::new(&registry).unwrap();
    let mut service =
        layer.layer(service_fn(|_: Request<()>| -> std::future::Ready<Answer<Script>> { panic!("call") }));
    catch_unwind(AssertUnwindSafe(|| drop(service.call(request(Method::PUT))))).unwrap_err();
    assert_only(&registry, &labels("PUT", "", "", "panic"));
}

#[tokio::test]
async fn a_panic_in_the_handler_is_a_panic() {
    let registry = Registry::new();
    let layer = HttpMetricsLayer::new(&registry).unwrap();
    let service = layer.layer(service_fn(|_: Request<()>| async { panic!("handler") as Answer<Script> }));
    let caught = tokio::spawn(service.oneshot(request(Method::GET))).await;
    assert!(caught.unwrap_err().is_panic());
    assert_only(&registry, &labels("GET", "", "", "panic"));
}

#[tokio::test]
async fn a_panic_in_the_body_is_a_panic_with_a_status() {
    let registry = Registry::new();
    let body = Script::new([Step::Data("a"), Step::Panic]);
    let response = respond(&registry, Method::GET, response(200, body)).await;
    let caught = tokio::spawn(response.into_body().collect()).await;
    assert!(caught.unwrap_err().is_panic());
    assert_only(&registry, &labels("GET", "", "200", "panic"));
}

#[tokio::test]
async fn a_panic_ends_the_request_there_and_then_although_somebody_keeps_what_has_panicked() {
    let registry = Registry::new();
    let layer = HttpMetricsLayer::new(&registry).unwrap();
    let mut service = layer.layer(service_fn(|_: Request<()>| async { panic!("handler") as Answer<Script> }));
    let mut future = Box::pin(service.call(request(Method::GET)));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut cx))).is_err());
    assert_only(&registry, &labels("GET", "", "", "panic"));
    drop(future);
    assert_only(&registry, &labels("GET", "", "", "panic"));

    let registry = Registry::new();
    let layer = HttpMetricsLayer::new(&registry).unwrap();
    let answer = response(200, Script::new([Step::Panic]));
    let mut answer = Some(answer);
    let service = layer.layer(service_fn(move |_: Request<()>| ready(Ok::<_, Infallible>(answer.take().unwrap()))));
    let mut body = Box::pin(service.oneshot(request(Method::GET)).await.unwrap().into_body());
    assert!(catch_unwind(AssertUnwindSafe(|| body.as_mut().poll_frame(&mut cx))).is_err());
    assert_only(&registry, &labels("GET", "", "200", "panic"));
    drop(body);
    assert_only(&registry, &labels("GET", "", "200", "panic"));
}

#[tokio::test]
async fn a_request_that_somebody_elses_panic_drops_is_cancelled() {
    let registry = Registry::new();
    let layer = HttpMetricsLayer::new(&registry).unwrap();
    let mut service = layer.layer(service_fn(|_: Request<()>| pending::<Answer<Script>>()));
    let call = service.call(request(Method::GET));
    let unwinding = move || {
        let _call = call;
        panic!("not the service");
    };
    catch_unwind(AssertUnwindSafe(unwinding)).unwrap_err();
    assert_only(&registry, &labels("GET", "", "", "cancelled"));
}

#[tokio::test]
async fn a_client_that_leaves_before_the_head_has_cancelled() {
    let registry = Registry::new();
    let layer = HttpMetricsLayer::new(&registry).unwrap();
    let mut service = layer.layer(service_fn(|_: Request<()>| pending::<Answer<Script>>()));
    {
        let mut call = pin!(service.call(request(Method::GET)));
        poll_fn(|cx| {
            assert!(call.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        assert_eq!((active(&registry), all_ended(&registry)), (1.0, 0.0));
    }
    assert_only(&registry, &labels("GET", "", "", "cancelled"));
}

#[tokio::test]
async fn a_client_that_leaves_during_the_body_has_cancelled() {
    let registry = Registry::new();
    let body = Script::new([Step::Data("a"), Step::Pending]);
    let mut response = respond(&registry, Method::GET, response(200, body)).await;
    assert!(poll_once(response.body_mut()).is_ready());
    assert!(poll_once(response.body_mut()).is_pending());
    assert_eq!((active(&registry), all_ended(&registry)), (1.0, 0.0));
    drop(response);
    assert_only(&registry, &labels("GET", "", "200", "cancelled"));
}

#[tokio::test]
async fn a_body_dropped_unread_is_cancelled() {
    let registry = Registry::new();
    drop(respond(&registry, Method::GET, response(500, Full::new("text".as_bytes()))).await);
    assert_only(&registry, &labels("GET", "", "500", "cancelled"));
}

#[tokio::test]
async fn an_error_of_the_body_is_one() {
    let registry = Registry::new();
    let body = Script::new([Step::Data("a"), Step::Error]);
    let response = respond(&registry, Method::GET, response(200, body)).await;
    response.into_body().collect().await.unwrap_err();
    assert_only(&registry, &labels("GET", "", "200", "body"));
}

#[tokio::test]
async fn an_upgrade_ends_with_the_head() {
    let cases = [(Method::GET, 101, "101"), (Method::CONNECT, 200, "200")];
    for (method, status, text) in cases {
        let registry = Registry::new();
        let answer = response(status, Script::new([Step::Pending]));
        let response = respond(&registry, method.clone(), answer).await;
        assert_only(&registry, &labels(method.as_str(), "", text, ""));
        drop(response);
        assert_only(&registry, &labels(method.as_str(), "", text, ""));
    }
}

#[tokio::test]
async fn a_refused_connect_has_a_body_like_any_other() {
    let registry = Registry::new();
    let response = respond(&registry, Method::CONNECT, response(407, Full::new("who?".as_bytes()))).await;
    assert_eq!(active(&registry), 1.0);
    response.into_body().collect().await.unwrap();
    assert_only(&registry, &labels("CONNECT", "", "407", ""));
}

#[tokio::test]
async fn responses_that_have_no_body_end_with_the_head() {
    let cases = [(Method::HEAD, 200), (Method::HEAD, 500), (Method::GET, 103), (Method::GET, 204), (Method::GET, 304)];
    for (method, status) in cases {
        let registry = Registry::new();
        let answer = response(status, Full::new("never sent".as_bytes()));
        let response = respond(&registry, method.clone(), answer).await;
        let (status, error) = (status.to_string(), if status == 500 { "500" } else { "" });
        assert_only(&registry, &labels(method.as_str(), "", &status, error));
        drop(response);
        assert_only(&registry, &labels(method.as_str(), "", &status, error));
    }
}

#[tokio::test]
async fn a_service_that_is_never_called_records_nothing() {
    let registry = Registry::new();
    let layer = HttpMetricsLayer::new(&registry).unwrap();
    let mut service = layer.layer(service_fn(|_: Request<()>| pending::<Answer<Script>>()));
    service.ready().await.unwrap();
    drop(service);
    assert_eq!((active(&registry), all_ended(&registry)), (0.0, 0.0));
}

#[tokio::test]
async fn a_future_that_is_dropped_unpolled_is_cancelled() {
    let registry = Registry::new();
    let layer = HttpMetricsLayer::new(&registry).unwrap();
    let mut service = layer.layer(service_fn(|_: Request<()>| pending::<Answer<Script>>()));
    drop(service.call(request(Method::GET)));
    assert_only(&registry, &labels("GET", "", "", "cancelled"));
}

fn grpc(code: &'static str, error: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut labels = labels("POST", "", "200", error);
    labels.push(("rpc_grpc_status_code", code));
    labels
}

async fn respond_grpc(registry: &Registry, answer: Response<Script>) {
    let layer = HttpMetrics::server().with_grpc_status().layer(registry).unwrap();
    let mut answer = Some(answer);
    let service = layer.layer(service_fn(move |_: Request<()>| ready(Ok::<_, Infallible>(answer.take().unwrap()))));
    let mut response = service.oneshot(request(Method::POST)).await.unwrap();
    while let Some(frame) = response.body_mut().frame().await {
        frame.unwrap();
    }
}

#[tokio::test]
async fn a_grpc_status_is_read_from_the_trailers() {
    let cases = [
        ([Step::Data("a"), Step::Trailers(&[("grpc-status", "0")])], "0", ""),
        ([Step::Data("a"), Step::Trailers(&[("grpc-status", "5")])], "5", ""),
        ([Step::Data("a"), Step::Trailers(&[("grpc-status", "14")])], "14", "UNAVAILABLE"),
    ];
    for (steps, code, error) in cases {
        let registry = Registry::new();
        respond_grpc(&registry, response(200, Script::new(steps))).await;
        assert_only(&registry, &grpc(code, error));
    }
}

#[tokio::test]
async fn a_grpc_status_is_read_from_trailers_behind_a_known_length() {
    let registry = Registry::new();
    let body = Script::new([Step::Data("a"), Step::Trailers(&[("grpc-status", "13")])]).exact(1);
    respond_grpc(&registry, response(200, body)).await;
    assert_only(&registry, &grpc("13", "INTERNAL"));
}

#[tokio::test]
async fn a_response_of_no_length_has_ended_well_also_where_a_grpc_status_is_waited_for() {
    let with_header = || {
        let mut answer = response(200, Script::new([]));
        answer.headers_mut().insert("content-length", 0.into());
        answer
    };
    for answer in [response(200, Script::new([]).exact(0)), with_header()] {
        let registry = Registry::new();
        let layer = HttpMetrics::server().with_grpc_status().layer(&registry).unwrap();
        let mut answer = Some(answer);
        let service = layer.layer(service_fn(move |_: Request<()>| ready(Ok::<_, Infallible>(answer.take().unwrap()))));
        // A server that has sent the head has sent everything, and drops the body unread.
        drop(service.oneshot(request(Method::POST)).await.unwrap());
        assert_only(&registry, &labels("POST", "", "200", ""));
    }
}

#[tokio::test]
async fn a_grpc_status_is_read_from_a_response_that_has_only_a_head() {
    let registry = Registry::new();
    let mut answer = response(200, Script::new([]).telling_its_end());
    answer.headers_mut().insert("grpc-status", 12.into());
    respond_grpc(&registry, answer).await;
    assert_only(&registry, &grpc("12", "UNIMPLEMENTED"));
}

#[tokio::test]
async fn server_sent_events_are_in_flight_while_they_live_and_end_without_error() {
    let registry = Registry::new();
    let mut answer = response(200, Script::new([Step::Data("data: 1\n\n"), Step::Pending]));
    answer.headers_mut().insert("content-type", "text/event-stream; charset=utf-8".parse().unwrap());
    let mut response = respond(&registry, Method::GET, answer).await;
    assert!(poll_once(response.body_mut()).is_ready());
    assert!(poll_once(response.body_mut()).is_pending());
    assert_eq!((active(&registry), all_ended(&registry)), (1.0, 0.0));
    drop(response);
    assert_only(&registry, &labels("GET", "", "200", ""));
}

#[tokio::test]
async fn size_hint_and_end_of_stream_are_those_of_the_inner_body() {
    let registry = Registry::new();
    let body = Script::new([Step::Data("abc")]).exact(3).telling_its_end();
    let mut response = respond(&registry, Method::GET, response(200, body)).await;
    assert_eq!(response.body().size_hint().exact(), Some(3));
    assert!(!response.body().is_end_stream());
    assert!(poll_once(response.body_mut()).is_ready());
    assert!(response.body().is_end_stream());
}

#[tokio::test]
async fn back_pressure_is_the_inner_services() {
    let registry = Registry::new();
    let layer = HttpMetricsLayer::new(&registry).unwrap();
    let mut service =
        layer.layer(tower::limit::ConcurrencyLimit::new(service_fn(|_: Request<()>| pending::<Answer<Script>>()), 1));
    let held = service.ready().await.unwrap().call(request(Method::GET));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Service::<Request<()>>::poll_ready(&mut service, &mut cx).is_pending());
    drop(held);
    assert!(Service::<Request<()>>::poll_ready(&mut service, &mut cx).is_ready());
}

/// Runs until so much time has passed.
fn hold() {
    let start = Instant::now();
    while start.elapsed() < HELD {
        std::hint::spin_loop();
    }
}

const HELD: Duration = Duration::from_millis(50);

#[tokio::test]
async fn the_duration_lasts_until_the_end_of_the_body_whichever_end_it_is() {
    let script = |last: Option<Step>| Script::new([Step::Data("a")].into_iter().chain(last));
    // A body, whether the client reads on to its end, and the error type.
    let grpc = Step::Trailers(&[("grpc-status", "5")]);
    let cases = [
        ("end", script(None), true, ""),
        ("cancelled", script(None), false, "cancelled"),
        ("error", script(Some(Step::Error)), true, "body"),
        ("trailers", script(Some(grpc)), true, "rpc"),
    ];
    for (what, body, reads_on, error) in cases {
        let registry = Registry::new();
        let metrics = HttpMetrics::server();
        let metrics = if error == "rpc" { metrics.with_grpc_status() } else { metrics };
        let mut body = Some(body);
        let answer = service_fn(move |_: Request<()>| ready(Ok::<_, Infallible>(response(200, body.take().unwrap()))));
        let mut service = metrics.layer(&registry).unwrap().layer(answer);
        let start = Instant::now();
        let mut response = service.ready().await.unwrap().call(request(Method::GET)).await.unwrap();
        assert!(poll_once(response.body_mut()).is_ready());
        assert_eq!((active(&registry), all_ended(&registry)), (1.0, 0.0), "{what}");
        hold();
        if reads_on {
            assert!(poll_once(response.body_mut()).is_ready());
        }
        drop(response);
        let most = start.elapsed().as_secs_f64();
        assert_eq!(all_ended(&registry), 1.0, "{what}");
        if error != "rpc" {
            assert_only(&registry, &labels("GET", "", "200", error));
        }
        let sum = sum(&registry, "http_server_request_duration_seconds_sum");
        assert!((HELD.as_secs_f64()..=most).contains(&sum), "{what}: {sum} of {most} s");
    }
}

/// A body that panics when it is asked how long it is.
struct Unknowable;

impl Body for Unknowable {
    type Data = bytes::Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<bytes::Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        panic!("nobody knows")
    }
}

#[tokio::test]
async fn a_panic_of_what_the_layer_asks_at_the_head_is_a_panic() {
    let registry = Registry::new();
    let layer = HttpMetricsLayer::new(&registry).unwrap();
    let service = layer.layer(service_fn(|_: Request<()>| ready(Ok::<_, BoxError>(response(200, Unknowable)))));
    assert!(tokio::spawn(service.oneshot(request(Method::GET))).await.is_err_and(|error| error.is_panic()));
    assert_only(&registry, &labels("GET", "", "", "panic"));
}

#[tokio::test]
async fn a_panic_of_the_classifier_is_a_panic() {
    let registry = Registry::new();
    let metrics = HttpMetrics::server()
        .with_error_classifier(|_: &BoxError| -> Option<common::Plan> { panic!("the classifier does not know") });
    let service = metrics
        .layer(&registry)
        .unwrap()
        .layer(service_fn(|_: Request<()>| ready(Err::<Response<Script>, BoxError>("broken".into()))));
    assert!(tokio::spawn(service.oneshot(request(Method::GET))).await.is_err_and(|error| error.is_panic()));
    assert_only(&registry, &labels("GET", "", "", "panic"));
}

/// A text of which nobody knows what it is.
#[derive(Clone)]
struct Unreadable;

impl AsRef<str> for Unreadable {
    fn as_ref(&self) -> &str {
        panic!("nobody can read it")
    }
}

#[tokio::test]
async fn a_panic_of_a_label_that_the_response_carries_is_a_panic_without_a_head() {
    let registry = Registry::new();
    let layer = HttpMetrics::server().with_response_text::<Unreadable>("tenant", 5).layer(&registry).unwrap();
    let service = layer.layer(service_fn(|_: Request<()>| {
        let mut answer = response(200, Script::new([]));
        answer.extensions_mut().insert(Unreadable);
        ready(Ok::<_, BoxError>(answer))
    }));
    assert!(tokio::spawn(service.oneshot(request(Method::GET))).await.is_err_and(|error| error.is_panic()));
    assert_only(&registry, &labels("GET", "", "", "panic"));
}

#[tokio::test]
async fn a_panic_of_a_label_that_the_request_carries_is_a_panic_before_the_call() {
    let registry = Registry::new();
    let layer = HttpMetrics::server().with_request_text::<Unreadable>("tenant", 5).layer(&registry).unwrap();
    let mut service =
        layer.layer(service_fn(|_: Request<()>| ready(Ok::<_, BoxError>(response(200, Script::new([]))))));
    let mut request = request(Method::GET);
    request.extensions_mut().insert(Unreadable);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(service.call(request)))).is_err());
    assert_only(&registry, &labels("GET", "", "", "panic"));
}

#[tokio::test]
async fn a_panic_of_the_route_function_leaves_nothing_in_flight() {
    let registry = Registry::new();
    let metrics = HttpMetrics::server().with_route(|_| panic!("no way"));
    let mut service = metrics
        .layer(&registry)
        .unwrap()
        .layer(service_fn(|_: Request<()>| ready(Ok::<_, BoxError>(response(200, Script::new([]))))));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(service.call(request(Method::GET))))).is_err());
    assert_eq!((active(&registry), all_ended(&registry)), (0.0, 0.0));
}

#[tokio::test]
async fn a_request_may_begin_on_one_runtime_and_end_on_another() {
    let registry = Registry::new();
    let busy = || registry.sample("http_server_busy_seconds_total", &[]).unwrap();
    for round in 1..=20 {
        let body = Script::new([Step::Data("a"), Step::Pending]);
        let mut response = respond(&registry, Method::GET, response(200, body)).await;
        assert_eq!((active(&registry), all_ended(&registry)), (1.0, f64::from(round - 1)));
        // The other runtime's threads end with it, and what they hold of the books stays in them.
        let elsewhere = std::thread::spawn(move || {
            let other = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
            other.block_on(other.spawn(async move {
                assert!(poll_once(response.body_mut()).is_ready());
                drop(response);
            }))
        });
        elsewhere.join().unwrap().unwrap();
        assert_eq!(ended(&registry, &labels("GET", "", "200", "cancelled")), f64::from(round));
        assert_eq!((active(&registry), all_ended(&registry)), (0.0, f64::from(round)));
        assert_eq!(busy(), busy(), "somebody is still busy");
    }
}
