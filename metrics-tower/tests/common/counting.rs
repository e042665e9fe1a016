//! How often is memory allocated, on this thread?
#![allow(dead_code, reason = "each test program uses its part")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower::Service;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: everything is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|allocations| allocations.set(allocations.get() + 1));
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

pub(crate) fn handler(_: Request<()>) -> Ready<Result<Response<Full<&'static [u8]>>, Infallible>> {
    ready(Ok(Response::new(Full::new(b"text"))))
}

/// A request to the end of its answer, without an executor.
pub(crate) fn exchange<S, B>(service: &mut S, request: Request<()>)
where
    S: Service<Request<()>, Response = Response<B>>,
    S::Future: Unpin,
    S::Error: std::fmt::Debug,
    B: Body + Unpin,
{
    let mut cx = Context::from_waker(Waker::noop());
    let mut future = service.call(request);
    let Poll::Ready(Ok(mut response)) = Pin::new(&mut future).poll(&mut cx) else { panic!("not at once") };
    while let Poll::Ready(Some(_)) = Pin::new(response.body_mut()).poll_frame(&mut cx) {}
}

/// In 100 rounds, after 10.
pub(crate) fn allocations(mut work: impl FnMut()) -> u64 {
    for _ in 0..10 {
        work();
    }
    let before = ALLOCATIONS.get();
    for _ in 0..100 {
        work();
    }
    ALLOCATIONS.get() - before
}
