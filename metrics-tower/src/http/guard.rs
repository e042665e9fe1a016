//! A request in flight: what is recorded when it is dropped?

use std::any::Any;
use std::mem;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{Extensions, HeaderMap, Request, Response, StatusCode, Version};
use metrics_core::__private::ShardedArc;
use metrics_core::metric::Moment;

use super::labels::{Field, Key};
use super::request::RequestHead;
use super::routes::{RoutePlace, RouteRef};
use super::shared::{Ended, Shared};
use super::span::RequestSpan;
use super::{classify, values};

/// Travels from the call into the future and from there into the body, and records when it is dropped.
//
// Which error a drop means is always decided beforehand: it is "cancelled" until the request is known to have ended in
// another way. An unwind out of the inner service sets "panic" and drops the guard, so that a guard that somebody else's
// unwinding drops is cancelled and not panicked.
//
// It is moved from the future into the body, so it is kept small. What is generic here is compiled in the user's crate, so
// it is kept thin: the rest stands in functions that are not.
#[derive(Debug)]
pub(crate) struct InFlight {
    shared: ShardedArc<Shared>,
    route: RouteRef,
    /// What is recorded if it is dropped now; where no error is set, status and gRPC status tell.
    key: Key,
    /// When it was, in nanoseconds of [`Moment`]; where the duration ends with the head, the duration, once the head is there.
    started: u64,
    /// How many bytes of the response's body have been handed on.
    response_size: u64,
    /// How many there are, or [`UNKNOWN`].
    length: u64,
    /// Known from the head on, where exemplars are wanted.
    span: Option<RequestSpan>,
}

/// No body is as long.
const UNKNOWN: u64 = u64::MAX;

/// What the response's body says of itself.
#[derive(Clone, Copy, Debug)]
struct BodyKnown {
    at_end: bool,
    length: Option<u64>,
}

impl InFlight {
    /// Counts a request as in flight, unless it is not to be counted.
    #[inline]
    pub(crate) fn start<B>(shared: &ShardedArc<Shared>, request: &Request<B>) -> Option<Self> {
        let head = RequestHead::of(request);
        let mut in_flight = Self::start_of(shared, &head);
        if shared.extra {
            Self::read_extra_of_request(&mut in_flight, &head);
        }
        in_flight
    }

    #[inline(never)]
    fn read_extra_of_request(in_flight: &mut Option<Self>, head: &RequestHead<'_>) {
        let mut unwinding = Self::unwinding(in_flight);
        if let Some(request) = unwinding.request() {
            request.read_extra(head.extensions, false);
        }
        mem::forget(unwinding);
    }

    fn start_of(shared: &ShardedArc<Shared>, head: &RequestHead<'_>) -> Option<Self> {
        let mut beyond = None;
        let place = shared.resolve(head, &mut beyond);
        if place == RoutePlace::SKIPPED {
            return None;
        }
        let mut key = shared.key(head);
        key.set(Field::Error, Some(values::error::CANCELLED));
        let request_size = if shared.sizes { request_size(head) } else { None };
        let started = Moment::now();
        let route = RouteRef::new(place, beyond, request_size);
        shared.started(&route, &key, started);
        Some(Self {
            shared: shared.clone(),
            route,
            key,
            started: started.nanoseconds(),
            response_size: 0,
            length: UNKNOWN,
            span: None,
        })
    }

    /// Reads the labels that are attached, which is the user's code where they are texts.
    #[inline]
    fn read_extra(&mut self, extensions: &Extensions, of_response: bool) {
        if self.shared.extra {
            self.shared.read_extra(&mut self.key, extensions, of_response);
        }
    }

    /// Around code that is not ours: if it unwinds, the request has ended there and then, with a panic. To be forgotten if
    /// it does not.
    //
    // Not a closure, which would have to take the request with it and thereby copy it.
    #[inline]
    pub(crate) fn unwinding(in_flight: &mut Option<Self>) -> Unwinding<'_> {
        Unwinding(in_flight)
    }

    /// The inner service has returned an error.
    pub(crate) fn failed(self, error: &dyn Any) {
        let mut in_flight = Some(self);
        let mut unwinding = Self::unwinding(&mut in_flight);
        if let Some(request) = unwinding.request() {
            request.look_at_span();
            let error = classify::error_type(request.shared.classifier.as_ref(), error);
            request.key.set(Field::Error, Some(error));
        }
        mem::forget(unwinding);
    }

    /// The response's head is there: a request that ends with it is dropped.
    #[inline]
    pub(crate) fn at_head<B: http_body::Body>(in_flight: &mut Option<Self>, response: &Response<B>) {
        let mut unwinding = Self::unwinding(in_flight);
        let ended = match unwinding.request() {
            Some(request) => {
                let body = response.body();
                let body = BodyKnown { at_end: body.is_end_stream(), length: body.size_hint().exact() };
                let told = if request.shared.plain_head { request.ends_plainly(response.status(), body) } else { None };
                told.unwrap_or_else(|| request.ends_with(response, body))
            }
            None => false,
        };
        mem::forget(unwinding);
        if ended {
            *in_flight = None;
        }
    }

    /// Whether the request ends with a head of this status, by what nearly all responses tell; none, and nothing done, if
    /// more of the head has to be looked at to know.
    fn ends_plainly(&mut self, status: StatusCode, body: BodyKnown) -> Option<bool> {
        let ended = body.at_end || self.ends_at_head(status) || body.length == Some(0);
        if !ended {
            self.length = body.length?;
        }
        self.key.set(Field::Status, Some(values::status(status)));
        if ended {
            self.complete();
        }
        Some(ended)
    }

    /// Whether the request ends with this head.
    fn ends_with<B>(&mut self, response: &Response<B>, body: BodyKnown) -> bool {
        self.ends_with_head(response.status(), response.headers(), response.extensions(), body)
    }

    fn ends_with_head(
        &mut self,
        status: StatusCode,
        headers: &HeaderMap,
        extensions: &Extensions,
        body: BodyKnown,
    ) -> bool {
        self.look_at_head(Some(values::status(status)), headers, extensions);
        if body.at_end || self.ends_at_head(status) {
            self.complete();
            return true;
        }
        match body.length.or_else(|| content_length(headers)) {
            Some(0) => {
                self.complete();
                return !self.awaits_trailers();
            }
            Some(length) => self.length = length,
            None if is_event_stream(headers) => self.complete(),
            None => {}
        }
        false
    }

    fn look_at_head(&mut self, status: Option<u16>, headers: &HeaderMap, extensions: &Extensions) {
        // Before the status, for if this panics no head is handed on.
        self.read_extra(extensions, true);
        self.key.set(Field::Status, status);
        if self.shared.grpc {
            self.read_grpc_status(headers);
        }
        if self.shared.until_head {
            self.started = Moment::now().nanoseconds().saturating_sub(self.started);
        }
        self.look_at_span();
    }

    /// Later the span of the request is no longer the current one.
    #[inline]
    fn look_at_span(&mut self) {
        if self.shared.span_exemplars {
            self.span = Some(RequestSpan::current());
        }
    }

    /// HEAD and these statuses have no body whatever the service put there, and an upgraded connection is no request.
    #[inline]
    fn ends_at_head(&self, status: StatusCode) -> bool {
        let method = self.key.value(Field::Method);
        let upgraded = method == Some(values::CONNECT) && status.is_success();
        let bodiless = status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        upgraded || bodiless || method == Some(values::HEAD)
    }

    /// Data of the body has been handed on; whether it was the last of a body of known length.
    #[inline]
    pub(crate) fn sent(&mut self, bytes: u64) -> bool {
        self.response_size += bytes;
        self.response_size >= self.length
    }

    /// Trailers have been handed on.
    pub(crate) fn trailers(&mut self, trailers: &HeaderMap) {
        if self.shared.grpc {
            self.read_grpc_status(trailers);
        }
    }

    fn read_grpc_status(&mut self, headers: &HeaderMap) {
        let code = headers.get("grpc-status").and_then(|code| code.to_str().ok()).and_then(|code| code.parse().ok());
        if let Some(code) = code.filter(|&code: &u16| usize::from(code) < values::GRPC_STATUSES.len()) {
            self.key.set(Field::Grpc, Some(code));
        }
    }

    /// Whether trailers may still tell how the request went.
    #[inline]
    pub(crate) fn awaits_trailers(&self) -> bool {
        self.shared.grpc && self.key.value(Field::Grpc).is_none()
    }

    /// From now on a drop is the regular end.
    #[inline]
    pub(crate) fn complete(&mut self) {
        self.key.set(Field::Error, None);
    }

    /// The body has yielded an error.
    pub(crate) fn body_failed(&mut self) {
        self.key.set(Field::Error, Some(values::error::BODY));
    }

    /// The failure that gRPC status or status are.
    #[inline]
    fn told_error(&self) -> Option<u16> {
        let client = self.shared.client;
        match self.key.value(Field::Grpc) {
            Some(code) if values::grpc_is_error(code, client) => Some(values::grpc_error(code)),
            _ => self.key.value(Field::Status).and_then(|status| values::status_error(status, client)),
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let now = Moment::now();
        self.shared.left(&self.route, &self.key, now);
        if self.key.value(Field::Error).is_none() {
            self.key.set(Field::Error, self.told_error());
        }
        let has_head = self.key.value(Field::Status).is_some();
        let is_told = has_head && self.shared.until_head;
        let nanoseconds = if is_told { self.started } else { now.nanoseconds().saturating_sub(self.started) };
        let ended = Ended {
            nanoseconds,
            request_size: self.route.request_size(),
            response_size: has_head.then_some(self.response_size),
            span: self.span,
        };
        self.shared.ended(&self.route, &self.key, &ended);
    }
}

/// Dropped only by an unwind.
#[must_use = "it is forgotten where nothing unwinds"]
pub(crate) struct Unwinding<'a>(&'a mut Option<InFlight>);

impl Unwinding<'_> {
    /// The request, while it has not ended.
    #[inline]
    pub(crate) fn request(&mut self) -> Option<&mut InFlight> {
        self.0.as_mut()
    }
}

impl Drop for Unwinding<'_> {
    #[cold]
    fn drop(&mut self) {
        if let Some(mut request) = self.0.take() {
            request.key.set(Field::Error, Some(values::error::PANIC));
        }
    }
}

/// What `Content-Length` tells; without it an HTTP/1 request that is not chunked has no body.
fn request_size(head: &RequestHead<'_>) -> Option<u64> {
    content_length(head.headers).or_else(|| {
        let bodiless = head.version <= Version::HTTP_11 && !head.headers.contains_key(TRANSFER_ENCODING);
        bodiless.then_some(0)
    })
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Server-sent events end when the client has had enough: that is no failure.
fn is_event_stream(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    let kind = b"text/event-stream";
    value.and_then(|value| value.get(..kind.len())).is_some_and(|start| start.eq_ignore_ascii_case(kind))
}
