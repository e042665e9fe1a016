//! How does a scrape get out, piece by piece?

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use metrics_core::Exposition;

use super::gzip::Gzip;
use super::own::{Outcome, Own};
use super::places::{Lost, Place};

/// How large a piece usually is.
pub(crate) const PIECE: usize = 64 * 1024;

/// The body of an answer of the `/metrics` endpoint.
#[derive(Debug)]
pub struct MetricsBody(State);

#[derive(Debug)]
enum State {
    Whole(Bytes),
    Stream(Box<Stream>),
    Ended,
}

/// A scrape that is too large for one piece. Holds no lock, and at most one piece.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) exposition: Exposition,
    /// The first piece, which was encoded to see whether it is the only one.
    pub(crate) first: Option<Vec<u8>>,
    pub(crate) gzip: Option<Gzip>,
    pub(crate) place: Place,
    pub(crate) deadline: Option<Instant>,
    pub(crate) began: Instant,
    /// Whether the worker was given back since the last piece.
    pub(crate) yielded: bool,
    /// How many bytes were handed to the server.
    pub(crate) sent: u64,
    pub(crate) own: Own,
    /// What is recorded if it is dropped now.
    pub(crate) outcome: Outcome,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.own.ended(self.outcome, self.began.elapsed(), self.sent);
    }
}

/// Why a scrape ended before everything was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScrapeError {
    /// The reader took nothing for this long, and its place was free for another.
    Stalled(Duration),
    /// The scrape was not finished within the time that the scraper gave, or that the endpoint allows.
    TimedOut(Duration),
    /// It had run for this long, all places were taken, and another scrape has its place.
    Displaced(Duration),
}

impl fmt::Display for ScrapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stalled(patience) => write!(
                f,
                "the scrape was given up: its reader took no data for {patience:?}; read faster, or raise the endpoint's \
                 reader timeout"
            ),
            Self::TimedOut(limit) => write!(
                f,
                "the scrape was given up after {limit:?}: it was not finished in time; raise the scraper's timeout or \
                 the endpoint's, or scrape fewer series"
            ),
            Self::Displaced(age) => write!(
                f,
                "the scrape was given up after {age:?}: as many run as may, and another one waited; read faster, or raise \
                 the endpoint's limit of scrapes or its place timeout"
            ),
        }
    }
}

impl std::error::Error for ScrapeError {}

impl From<Infallible> for ScrapeError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl MetricsBody {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        if bytes.is_empty() { Self(State::Ended) } else { Self(State::Whole(bytes)) }
    }

    pub(crate) fn stream(stream: Stream) -> Self {
        Self(State::Stream(Box::new(stream)))
    }
}

impl Body for MetricsBody {
    type Data = Bytes;
    type Error = ScrapeError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ScrapeError>>> {
        match std::mem::replace(&mut self.0, State::Ended) {
            State::Ended => Poll::Ready(None),
            State::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            State::Stream(mut stream) => {
                if !std::mem::take(&mut stream.yielded) {
                    stream.yielded = true;
                    self.0 = State::Stream(stream);
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                match stream.step(Instant::now()) {
                    Step::Send(bytes) => {
                        self.0 = State::Stream(stream);
                        Poll::Ready(Some(Ok(Frame::data(bytes))))
                    }
                    Step::Last(bytes) if bytes.is_empty() => Poll::Ready(None),
                    Step::Last(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                    Step::Nothing => {
                        stream.yielded = true;
                        self.0 = State::Stream(stream);
                        cx.waker().wake_by_ref();
                        Poll::Pending
                    }
                    Step::Failed(error) => Poll::Ready(Some(Err(error))),
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, State::Ended)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            State::Ended => SizeHint::with_exact(0),
            State::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            State::Stream(_) => SizeHint::default(),
        }
    }
}

enum Step {
    Send(Bytes),
    Last(Bytes),
    /// The compressor kept everything.
    Nothing,
    Failed(ScrapeError),
}

impl Stream {
    fn step(&mut self, now: Instant) -> Step {
        // The scrape's own time first: a reader that gave up waiting is not to blame for having stopped to read.
        if let Some(deadline) = self.deadline.filter(|&deadline| now > deadline) {
            self.outcome = Outcome::TimedOut;
            return Step::Failed(ScrapeError::TimedOut(deadline - self.began));
        }
        if let Err(lost) = self.place.keep(now) {
            return Step::Failed(self.lost(lost, now));
        }
        let (piece, more) = self.piece();
        let bytes = match &mut self.gzip {
            Some(gzip) => gzip.piece(&piece, !more),
            None => piece,
        };
        self.place.wait(Instant::now());
        self.sent += bytes.len() as u64;
        match (more, bytes.is_empty()) {
            (false, _) => {
                self.outcome = Outcome::Complete;
                Step::Last(bytes.into())
            }
            (true, false) => Step::Send(bytes.into()),
            (true, true) => Step::Nothing,
        }
    }

    fn lost(&mut self, lost: Lost, now: Instant) -> ScrapeError {
        let (outcome, error) = match lost {
            Lost::Stalled => (Outcome::Stalled, ScrapeError::Stalled(self.place.patience())),
            Lost::Displaced => (Outcome::Displaced, ScrapeError::Displaced(self.place.age(now))),
        };
        self.outcome = outcome;
        error
    }

    fn piece(&mut self) -> (Vec<u8>, bool) {
        if let Some(first) = self.first.take() {
            return (first, true);
        }
        let mut piece = Vec::with_capacity(PIECE + PIECE / 8);
        let more = self.exposition.next_piece(&mut piece);
        (piece, more)
    }
}
