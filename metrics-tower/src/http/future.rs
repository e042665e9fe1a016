//! What happens until the response's head is there?

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::body::ResponseBody;
use super::guard::{AtHead, InFlight};

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

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let unwinding = this.in_flight.as_mut().map(InFlight::unwinding);
        let polled = this.inner.poll(cx);
        mem::forget(unwinding);
        let result = ready!(polled);
        Poll::Ready(match (result, this.in_flight.take()) {
            (Ok(response), Some(in_flight)) => Ok(track(response, in_flight)),
            (Ok(response), None) => Ok(response.map(ResponseBody::untracked)),
            (Err(error), in_flight) => {
                if let Some(in_flight) = in_flight {
                    in_flight.failed(&error);
                }
                Err(error)
            }
        })
    }
}

fn track<R: http_body::Body>(response: Response<R>, in_flight: InFlight) -> Response<ResponseBody<R>> {
    match in_flight.at_head(&response) {
        AtHead::Ended => response.map(ResponseBody::untracked),
        AtHead::InBody(in_flight, length) => response.map(|body| ResponseBody::tracked(body, in_flight, length)),
    }
}
