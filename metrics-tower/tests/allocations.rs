//! Does the layer allocate? In the steady state: never.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use metrics_core::Registry;
use metrics_tower::HttpMetrics;
use tower::{Layer, Service, service_fn};

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

fn handler(_: Request<()>) -> Ready<Result<Response<Full<&'static [u8]>>, Infallible>> {
    ready(Ok(Response::new(Full::new(b"text"))))
}

/// A request to the end of its answer, without an executor.
fn exchange<S, B>(service: &mut S)
where
    S: Service<Request<()>, Response = Response<B>>,
    S::Future: Unpin,
    S::Error: std::fmt::Debug,
    B: Body + Unpin,
{
    let mut cx = Context::from_waker(Waker::noop());
    let mut future = service.call(Request::new(()));
    let Poll::Ready(Ok(mut response)) = Pin::new(&mut future).poll(&mut cx) else { panic!("not at once") };
    while let Poll::Ready(Some(_)) = Pin::new(response.body_mut()).poll_frame(&mut cx) {}
}

fn allocations(mut work: impl FnMut()) -> u64 {
    for _ in 0..100 {
        work();
    }
    let before = ALLOCATIONS.get();
    for _ in 0..1000 {
        work();
    }
    ALLOCATIONS.get() - before
}

#[test]
fn a_request_through_the_layer_allocates_as_often_as_one_past_it() {
    let mut bare = service_fn(handler);
    let without = allocations(|| exchange(&mut bare));
    let configurations = [
        HttpMetrics::server(),
        HttpMetrics::server().with_group("/", "/"),
        HttpMetrics::server().with_route(|_| Some("/orders/{id}".into())),
        HttpMetrics::server().with_body_sizes().with_grpc_status().with_protocol_version(),
        HttpMetrics::axum_prometheus().with_group("/", "/"),
        HttpMetrics::classic(),
        HttpMetrics::client(),
    ];
    for metrics in configurations {
        let mut service = metrics.layer(&Registry::new()).unwrap().layer(service_fn(handler));
        assert_eq!(allocations(|| exchange(&mut service)), without, "{metrics:?}");
        assert_eq!(allocations(|| exchange(&mut service.clone())), without, "cloned: {metrics:?}");
    }
}

#[test]
fn the_counting_allocator_counts() {
    assert_eq!(allocations(|| drop(Box::new(std::hint::black_box(1)))), 1000);
}
