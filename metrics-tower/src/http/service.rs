//! What happens when the wrapped service is called?

use std::mem;
use std::task::{Context, Poll};

use http::{Request, Response};
use metrics_core::__private::ShardedArc;
use tower_service::Service;

use super::body::ResponseBody;
use super::future::ResponseFuture;
use super::guard::InFlight;
use super::shared::Shared;

/// A service that [`HttpMetricsLayer`](super::HttpMetricsLayer) has wrapped. Costs two clock reads a request, writes nothing
/// that threads share, and allocates nothing; only for a route beyond the first thousand, or a server's address on the side that
/// asks, its label is copied.
#[derive(Clone, Debug)]
pub struct HttpMetricsService<S> {
    inner: S,
    shared: ShardedArc<Shared>,
}

impl<S> HttpMetricsService<S> {
    pub(crate) fn new(inner: S, shared: ShardedArc<Shared>) -> Self {
        Self { inner, shared }
    }
}

impl<S, B, R> Service<Request<B>> for HttpMetricsService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: 'static,
    R: http_body::Body,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    #[inline]
    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut in_flight = InFlight::start(&self.shared, &request);
        let unwinding = InFlight::unwinding(&mut in_flight);
        let future = self.inner.call(request);
        mem::forget(unwinding);
        ResponseFuture::new(future, in_flight)
    }
}
