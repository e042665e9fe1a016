//! What happens until the response's head is there?

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use pin_project_lite::pin_project;

use super::body::ResponseBody;
use super::guard::InFlight;

pin_project! {
    /// The response of a [`HttpMetricsService`](super::HttpMetricsService). Dropping it records a cancelled request.
    //
    // The inner future stands first: what its destructor does still belongs to the request.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        in_flight: Option<InFlight>,
    }
}

impl<F> ResponseFuture<F> {
    pub(crate) fn new(inner: F, in_flight: Option<InFlight>) -> Self {
        Self { inner, in_flight }
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: http_body::Body,
    E: 'static,
{
    type Output = Result<Response<ResponseBody<R>>, E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let unwinding = InFlight::unwinding(this.in_flight);
        let polled = this.inner.poll(cx);
        mem::forget(unwinding);
        match &polled {
            Poll::Ready(Ok(response)) => InFlight::at_head(this.in_flight, response),
            Poll::Ready(Err(error)) => {
                if let Some(in_flight) = this.in_flight.take() {
                    in_flight.failed(error);
                }
            }
            Poll::Pending => {}
        }
        polled.map_ok(|response| response.map(|body| ResponseBody::new(body, this.in_flight.take())))
    }
}
