//! What is a request that costs nothing by itself? So that what a layer around it costs can be seen.
//!
//! A request is handed back by the service that answers it, and sent again: neither it nor the answer allocates. There
//! is no executor: everything is ready at once.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::{Pin, pin};
use std::sync::{LazyLock, mpsc};
use std::task::{Context, Poll, Waker, ready};

use axum::Router;
use axum::extract::MatchedPath;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{Empty, Full};
use pin_project_lite::pin_project;
use tower::{Layer, Service, ServiceExt, service_fn};

/// Method, route and status of the requests that take turns.
pub const KINDS: [(Method, &str, StatusCode); 8] = [
    (Method::GET, "/orders/{id}", StatusCode::OK),
    (Method::POST, "/orders", StatusCode::CREATED),
    (Method::GET, "/orders", StatusCode::OK),
    (Method::GET, "/products/{id}", StatusCode::NOT_FOUND),
    (Method::GET, "/products", StatusCode::OK),
    (Method::PUT, "/orders/{id}", StatusCode::OK),
    (Method::GET, "/basket", StatusCode::INTERNAL_SERVER_ERROR),
    (Method::DELETE, "/basket/{item}", StatusCode::OK),
];

/// The body of every request.
pub type RequestBody = Empty<Bytes>;
/// The body of every answer that no layer has wrapped.
pub type AnswerBody = Full<Bytes>;

struct Kept {
    request: Option<Request<RequestBody>>,
    status: StatusCode,
}

thread_local! {
    /// The requests of this thread, one a kind.
    static KEPT: RefCell<Vec<Kept>> = RefCell::new((0..KINDS.len()).map(kept).collect());
    static TURN: Cell<usize> = const { Cell::new(0) };
    static ANSWERED: Cell<u64> = const { Cell::new(0) };
}

fn kept(kind: usize) -> Kept {
    Kept { request: Some(request(kind)), status: KINDS[kind].2 }
}

/// The routes as axum finds them: one text each, shared by all requests.
static ROUTES: LazyLock<Vec<MatchedPath>> = LazyLock::new(|| KINDS.iter().map(|(_, route, _)| found(route)).collect());

fn found(route: &'static str) -> MatchedPath {
    let (sender, receiver) = mpsc::channel();
    let keep = service_fn(move |request: axum::extract::Request| {
        let _ = sender.send(request.extensions().get::<MatchedPath>().cloned());
        ready(Ok::<_, Infallible>(Response::new(axum::body::Body::empty())))
    });
    let router: Router = Router::new().route_service(route, keep);
    let request = Request::get(path(route)).body(axum::body::Body::empty()).expect("it is a path");
    let _ = at_once(pin!(router.oneshot(request)).as_mut());
    receiver.recv().ok().flatten().expect("axum finds the only route")
}

fn path(route: &str) -> String {
    route.replace(['{', '}'], "")
}

/// A request as axum hands it to a layer: with the route that it found.
fn request(kind: usize) -> Request<RequestBody> {
    let (method, route, _) = &KINDS[kind];
    let mut request = Request::builder().method(method).uri(path(route)).body(Empty::new()).expect("it is a path");
    request.extensions_mut().insert(ROUTES[kind].clone());
    request
}

/// The service that all layers wrap: keeps the request for the next time, and answers with four bytes in one piece.
pub fn answer(request: Request<RequestBody>) -> Ready<Result<Response<AnswerBody>, Infallible>> {
    let status = KEPT.with_borrow_mut(|kept| {
        let kept = &mut kept[TURN.get() % KINDS.len()];
        kept.request = Some(request);
        kept.status
    });
    ANSWERED.set(ANSWERED.get() + 1);
    let mut response = Response::new(Full::new(Bytes::from_static(b"text")));
    *response.status_mut() = status;
    ready(Ok(response))
}

/// Sends so many requests through a service, each to the end of its answer; tells how many were answered.
pub fn exchange<S, B>(service: &mut S, requests: u64) -> u64
where
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>,
    B: Body,
{
    ANSWERED.set(0);
    for turn in 0..requests as usize {
        TURN.set(turn);
        let request = KEPT.with_borrow_mut(|kept| kept[turn % KINDS.len()].request.take());
        let request = request.expect("the service has handed it back");
        let mut cx = Context::from_waker(Waker::noop());
        let _ = service.poll_ready(&mut cx);
        let response = at_once(pin!(service.call(request)).as_mut());
        let Ok(response) = response;
        let mut body = pin!(response.into_body());
        while !body.is_end_stream() {
            match body.as_mut().poll_frame(&mut cx) {
                Poll::Ready(Some(Ok(frame))) => drop(std::hint::black_box(frame)),
                _ => break,
            }
        }
    }
    ANSWERED.take()
}

fn at_once<F: Future>(future: Pin<&mut F>) -> F::Output {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

/// A layer that does nothing, in the shape of one that follows a request to the end of its answer's body: what remains
/// of another layer beside this one is what it records.
#[derive(Clone, Copy, Debug)]
pub struct NoOpLayer;

/// What [`NoOpLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct NoOp<S>(S);

pin_project! {
    /// What [`NoOp`] makes of a future.
    #[derive(Debug)]
    pub struct NoOpFuture<F> { #[pin] inner: F }
}

pin_project! {
    /// What [`NoOp`] makes of a body.
    #[derive(Debug)]
    pub struct NoOpBody<B> { #[pin] inner: B }
}

impl<S> Layer<S> for NoOpLayer {
    type Service = NoOp<S>;

    fn layer(&self, inner: S) -> NoOp<S> {
        NoOp(inner)
    }
}

impl<S, B, R> Service<Request<B>> for NoOp<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<NoOpBody<R>>;
    type Error = S::Error;
    type Future = NoOpFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        NoOpFuture { inner: self.0.call(request) }
    }
}

impl<F, R, E> Future for NoOpFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<NoOpBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(self.project().inner.poll(cx))?;
        Poll::Ready(Ok(response.map(|inner| NoOpBody { inner })))
    }
}

impl<B: Body> Body for NoOpBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
