//! When has a connection been silent for too long, or has to leave?

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::endpoint::{MetricsBody, ScrapeError};

/// The shortest time after which it is looked again which limit holds.
const RECHECK: Duration = Duration::from_millis(50);

/// How long a connection may be silent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// While there is no request, or only a part of one, and nothing to send.
    pub(super) idle: Duration,
    /// While the peer takes nothing of an answer.
    pub(super) patience: Duration,
    /// How long an answer may take if another connection wants the place.
    pub(super) tenure: Duration,
}

/// What happens on one connection.
//
// Only requests, frames of answers and what is taken of these count. What a peer of HTTP/2 can do besides, above all pings
// that we answer, costs it nothing and would hold its place for ever; also if it takes some of what answers them.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Somebody else wants the place.
    leave: Notify,
    /// Told when the connection becomes idle, or ceases to be.
    changed: Arc<Notify>,
}

#[derive(Debug)]
struct State {
    /// Requests whose answers have not ended.
    open: usize,
    /// There is something to send, maybe the end of an answer, and the peer takes nothing.
    waits: bool,
    last: Instant,
    /// When the present answer began, or the last one, or the connection.
    began: Instant,
    asked_to_leave: bool,
}

impl Activity {
    /// Of a connection that begins now, and who is told when it becomes idle or ceases to be.
    pub(super) fn new(changed: Arc<Notify>) -> Self {
        let now = Instant::now();
        let state = Mutex::new(State { open: 0, waits: false, last: now, began: now, asked_to_leave: false });
        Self(Arc::new(Shared { state, leave: Notify::new(), changed }))
    }

    /// A request has come; it is open until its body is dropped.
    pub(super) fn open(&self, body: MetricsBody) -> OpenBody {
        self.change(State::open);
        self.0.changed.notify_one();
        OpenBody { inner: body, activity: self.clone() }
    }

    /// There is something to send that the peer does not take, or no longer.
    pub(super) fn waits_for_peer(&self, waits: bool) {
        let mut state = self.state();
        state.waits = waits;
        // Without an answer it is a ping that is answered, or the end of an answer, which has the reader timeout in all.
        if state.open > 0 {
            state.last = Instant::now();
        }
        drop(state);
        self.0.changed.notify_one();
    }

    /// Since when nothing has been under way; `None` if something is.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let state = self.state();
        state.is_idle().then_some(state.last)
    }

    /// When the present answer began, or the last one, or the connection.
    pub(super) fn began(&self) -> Instant {
        self.state().began
    }

    /// Since when what is under way has been; `None` if nothing is.
    pub(super) fn busy_since(&self) -> Option<Instant> {
        let state = self.state();
        (!state.is_idle()).then_some(state.began)
    }

    /// Somebody else wants the place.
    pub(super) fn ask_to_leave(&self) {
        self.state().asked_to_leave = true;
        self.0.leave.notify_one();
    }

    pub(super) fn is_asked(&self) -> bool {
        self.state().asked_to_leave
    }

    /// Ready once it was asked to leave.
    pub(super) async fn asked(&self) {
        self.0.leave.notified().await;
    }

    /// Ready once it was asked to leave, and what is under way has taken this long.
    pub(super) async fn overdue(&self, tenure: Duration) {
        while !self.is_asked() {
            self.asked().await;
        }
        loop {
            let due = self.state().began + tenure;
            if due <= Instant::now() {
                return;
            }
            sleep_until(due).await;
        }
    }

    /// Whether both are of one connection.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Ready once nothing has happened for longer than allowed.
    pub(super) async fn ceased(&self, limits: Limits) {
        loop {
            let (due, now) = (self.due(limits), Instant::now());
            if due <= now {
                return;
            }
            // Not longer than either limit, for which of them holds may change meanwhile; and long enough not to spin.
            sleep_until(due.min(now + limits.idle.min(limits.patience).max(RECHECK))).await;
        }
    }

    fn due(&self, limits: Limits) -> Instant {
        let state = self.state();
        state.last + if state.is_idle() { limits.idle } else { limits.patience }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        state.last = Instant::now();
    }

    /// Plain values are whole whoever panicked.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// An answer begins. Those that an asked connection still begins are no reason to wait longer for it.
    fn open(&mut self) {
        if self.open == 0 && !self.asked_to_leave {
            self.began = Instant::now();
        }
        self.open += 1;
    }

    fn is_idle(&self) -> bool {
        self.open == 0 && !self.waits
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
        self.activity.change(|_| ());
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
        self.activity.change(|state| state.open -= 1);
        self.activity.0.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;

    const LIMITS: Limits =
        Limits { idle: Duration::from_secs(10), patience: Duration::from_secs(30), tenure: Duration::from_secs(10) };

    /// After what time it ceases, if every other second its peer takes nothing.
    async fn ceases_after(activity: &Activity) -> Option<Duration> {
        let begun = Instant::now();
        let peer = async {
            for _ in 0..60 {
                for waits in [true, false] {
                    activity.waits_for_peer(waits);
                    sleep(Duration::from_secs(1)).await;
                }
            }
        };
        tokio::select! {
            () = activity.ceased(LIMITS) => Some(begun.elapsed()),
            () = peer => None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_some_of_an_answer_keeps_its_connection_and_one_that_takes_pings_does_not() {
        let activity = Activity::new(Arc::default());
        let pings = ceases_after(&activity).await;
        assert!(pings.is_some_and(|after| after <= LIMITS.patience), "{pings:?}");
        let activity = Activity::new(Arc::default());
        let _answer = activity.open(MetricsBody::whole("text"));
        assert_eq!(ceases_after(&activity).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_asked_connection_has_until_its_present_answer_has_taken_the_tenure() {
        let activity = Activity::new(Arc::default());
        let begun = Instant::now();
        sleep(Duration::from_secs(4)).await;
        let answer = activity.open(MetricsBody::whole("text"));
        let asks = async {
            sleep(Duration::from_secs(3)).await;
            activity.ask_to_leave();
            // What it still begins is no reason to wait longer.
            drop(answer);
            let _next = activity.open(MetricsBody::whole("text"));
            pending::<()>().await;
        };
        tokio::select! {
            () = activity.overdue(LIMITS.tenure) => {}
            () = asks => {}
        }
        assert_eq!(begun.elapsed(), Duration::from_secs(14));
    }
}
