//! When has the response's body ended?

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::guard::InFlight;

pin_project! {
    /// The body of a response whose request is in flight until it has ended or is dropped. Frames, trailers, size hint
    /// and end of stream are those of the inner body.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: B,
        in_flight: Option<InFlight>,
    }
}

impl<B> ResponseBody<B> {
    pub(crate) fn new(inner: B, in_flight: Option<InFlight>) -> Self {
        Self { inner, in_flight }
    }

    /// The inner body. A request still in flight ends here as one whose body is dropped.
    pub fn into_inner(self) -> B {
        self.inner
    }
}

impl<B: Default> Default for ResponseBody<B> {
    fn default() -> Self {
        Self::new(B::default(), None)
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    #[inline]
    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let mut this = self.project();
        if this.in_flight.is_none() {
            return this.inner.poll_frame(cx);
        }
        let mut unwinding = InFlight::unwinding(this.in_flight);
        let polled = this.inner.as_mut().poll_frame(cx);
        let last = match (unwinding.request(), &polled) {
            (Some(in_flight), Poll::Ready(frame)) => ended(in_flight, frame.as_ref(), this.inner.is_end_stream()),
            _ => false,
        };
        mem::forget(unwinding);
        if last {
            *this.in_flight = None;
        }
        polled
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    #[inline]
    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Whether this frame (none: the end) is the last that the server asks for; the guard then knows how it went.
//
// A server drops a body of known length once it has that many bytes, without asking whether more follows, so the length
// counts as the end. Only where trailers are waited for it is not, and a drop from there on is regular.
#[inline]
fn ended<D: Buf, E>(in_flight: &mut InFlight, frame: Option<&Result<Frame<D>, E>>, at_end: bool) -> bool {
    let Some(Ok(frame)) = frame else {
        match frame {
            Some(_) => in_flight.body_failed(),
            None => in_flight.complete(),
        }
        return true;
    };
    let mut sent_all = false;
    if let Some(data) = frame.data_ref() {
        sent_all = in_flight.sent(data.remaining() as u64);
    } else if let Some(trailers) = frame.trailers_ref() {
        in_flight.trailers(trailers);
        sent_all = true;
    }
    if at_end || sent_all {
        in_flight.complete();
    }
    at_end || (sent_all && !in_flight.awaits_trailers())
}
