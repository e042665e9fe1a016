//! When is a peer that takes no data given up on? And who is told that it takes none?

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::activity::Activity;

/// A stream whose writes fail once nothing could be written for a while.
#[derive(Debug)]
pub(super) struct Patient<T> {
    inner: T,
    timer: Pin<Box<Sleep>>,
    waiting: bool,
    patience: Duration,
    activity: Activity,
}

impl<T: Unpin> Patient<T> {
    pub(super) fn new(inner: T, patience: Duration, activity: Activity) -> Self {
        Self { inner, timer: Box::pin(sleep(patience)), waiting: false, patience, activity }
    }

    /// Runs the timer while a write is pending.
    fn watch<R>(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut T>, &mut Context<'_>) -> Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if let ready @ Poll::Ready(_) = write(Pin::new(&mut self.inner), cx) {
            if std::mem::replace(&mut self.waiting, false) {
                self.activity.waits_for_peer(false);
            }
            return ready;
        }
        if !std::mem::replace(&mut self.waiting, true) {
            self.timer.as_mut().reset(Instant::now() + self.patience);
            self.activity.waits_for_peer(true);
        }
        self.timer.as_mut().poll(cx).map(|()| {
            let text = format!("the peer took no data for {:?}", self.patience);
            Err(io::Error::new(io::ErrorKind::TimedOut, text))
        })
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Patient<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().watch(cx, |inner, cx| inner.poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().watch(cx, |inner, cx| inner.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().watch(cx, |inner, cx| inner.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}
