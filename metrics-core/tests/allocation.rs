//! Does recording allocate? Nothing does once a series and the thread's memory for it exist.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use metrics_core::{
    BusyTime, Counter, Declaration, Descriptor, DynamicFamily, Family, Gauge, Histogram, LabelSet, MetricType,
    Registry, UpDownGauge,
};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises; it came from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(LabelSet)]
struct Outcome {
    cached: bool,
    retried: bool,
}

#[derive(LabelSet)]
struct Route<'a> {
    route: &'a str,
    status: u64,
    cached: bool,
}

fn declaration(kind: MetricType, name: &'static str) -> Declaration {
    Declaration::new(kind, name, "For a test.")
}

/// How often the second of two calls allocates.
fn allocations(name: &str, record: impl Fn()) -> Option<String> {
    record();
    let before = ALLOCATIONS.get();
    (0..100).for_each(|_| record());
    let more = ALLOCATIONS.get() - before;
    (more > 0).then(|| format!("{name}: {more} allocations in 100 records"))
}

#[test]
fn recording_allocates_nothing_once_the_series_exists() {
    let registry = Registry::new();
    let counter: Counter = registry.register(declaration(MetricType::Counter, "c_total")).unwrap();
    let amount: Counter<f64> = registry.register(declaration(MetricType::Counter, "f_total")).unwrap();
    let gauge: Gauge = registry.register(declaration(MetricType::Gauge, "g")).unwrap();
    let in_flight: UpDownGauge = registry.register(declaration(MetricType::Gauge, "u")).unwrap();
    let histogram: Histogram = registry.register(declaration(MetricType::Histogram, "h")).unwrap();
    let busy: BusyTime =
        registry.register(declaration(MetricType::Counter, "b_seconds_total").with_unit("seconds")).unwrap();
    let dense: Family<Outcome, Counter> = registry.register(declaration(MetricType::Counter, "d_total")).unwrap();
    let gauges: Family<Outcome, Gauge> = registry.register(declaration(MetricType::Gauge, "dg")).unwrap();
    let sparse: Family<Route<'static>, Histogram> =
        registry.register(declaration(MetricType::Histogram, "s").with_max_series(1)).unwrap();
    let mut descriptor = Descriptor::new(MetricType::Counter, "dynamic_total", "For a test.");
    descriptor.add_label("key");
    let dynamic: DynamicFamily<Counter> = registry.register_dynamic(descriptor).unwrap();
    let route = String::from("/orders/{id}/lines/{line}");
    let hit = Route { route: &route, status: 200, cached: true };
    let found = [
        allocations("counter", || counter.inc()),
        allocations("float counter", || amount.add(0.5)),
        allocations("gauge", || gauge.set(5)),
        allocations("up/down gauge", || in_flight.inc()),
        allocations("guard", || drop(in_flight.guard())),
        allocations("histogram", || histogram.observe(0.2)),
        allocations("timer", || drop(histogram.start_timer())),
        allocations("busy time", || drop(busy.start())),
        allocations("dense lookup", || dense.with(&Outcome { cached: true, retried: false }).inc()),
        allocations("dense gauge", || gauges.with(&Outcome { cached: true, retried: false }).set(1)),
        allocations("sparse hit", || sparse.with(&hit).observe(0.2)),
        allocations("overflow hit", || sparse.with(&Route { route: "/other", status: 404, cached: true }).observe(0.2)),
        allocations("dynamic hit", || dynamic.with(&[Some("a value of some length")]).inc()),
        allocations("ignored", || amount.add(-1.0)),
    ];
    let found: Vec<_> = found.into_iter().flatten().collect();
    assert!(found.is_empty(), "{found:#?}");
}
