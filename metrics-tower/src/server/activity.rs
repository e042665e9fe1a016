//! When has a connection been silent for too long?

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, sleep_until};

use crate::endpoint::{MetricsBody, ScrapeError};

/// How long a connection may be silent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// While there is no request, or only a part of one.
    pub(super) idle: Duration,
    /// While the peer takes nothing of an answer.
    pub(super) patience: Duration,
}

/// What happens on one connection.
//
// Only requests and frames of answers count. What a peer of HTTP/2 can do besides, above all pings that we answer, costs it
// nothing and would hold its place for ever.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Requests whose answers have not ended.
    open: usize,
    last: Instant,
}

impl Activity {
    /// Of a connection that begins now.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { open: 0, last: Instant::now() })))
    }

    /// A request has come; it is open until its body is dropped.
    pub(super) fn open(&self, body: MetricsBody) -> OpenBody {
        self.change(|open| open + 1);
        OpenBody { inner: body, activity: self.clone() }
    }

    /// Ready once nothing has happened for longer than allowed.
    pub(super) async fn ceased(&self, limits: Limits) {
        loop {
            let (due, now) = (self.due(limits), Instant::now());
            if due <= now {
                return;
            }
            // Not longer than either limit, for which of them holds may change meanwhile.
            sleep_until(due.min(now + limits.idle)).await;
        }
    }

    fn due(&self, limits: Limits) -> Instant {
        let state = self.state();
        state.last + if state.open == 0 { limits.idle } else { limits.patience }
    }

    fn change(&self, open: impl FnOnce(usize) -> usize) {
        let mut state = self.state();
        *state = State { open: open(state.open), last: Instant::now() };
    }

    /// Two plain values are whole whoever panicked.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of an answer: its frames are what happens on the connection.
#[derive(Debug)]
pub(super) struct OpenBody {
    inner: MetricsBody,
    activity: Activity,
}

impl Body for OpenBody {
    type Data = Bytes;
    type Error = ScrapeError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ScrapeError>>> {
        self.activity.change(|open| open);
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for OpenBody {
    fn drop(&mut self) {
        self.activity.change(|open| open - 1);
    }
}
