//! Does memory stay flat while series and threads come and go? Counted to the byte, so that a leak of one byte a series is
//! seen.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use metrics_core::descriptor::NativeDeclaration;
use metrics_core::{Counter, Descriptor, DynamicFamily, Gauge, Histogram, MetricType, Registry, SeriesMetric};

struct Counting;

/// Bytes that are allocated now.
static LIVE: AtomicI64 = AtomicI64::new(0);

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: as the caller promises; it came from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What else the process may allocate meanwhile: the test harness' own threads, a scrape's buffers.
const ELSEWHERE: i64 = 4096;

fn family<M: SeriesMetric>(registry: &Registry, kind: MetricType, name: &str, native: bool) -> DynamicFamily<M> {
    let mut descriptor = Descriptor::new(kind, name, "For a test.");
    descriptor.add_label("key");
    descriptor.max_series = Some(100);
    descriptor.native = native.then_some(NativeDeclaration::DEFAULT);
    registry.register_dynamic(descriptor).unwrap()
}

fn make_and_remove<M: SeriesMetric>(family: &DynamicFamily<M>, series: Range<u64>, record: impl Fn(&M)) {
    for n in series {
        let key = format!("series-number-{n}");
        record(&family.with(&[Some(&key)]));
        assert!(family.remove(&[Some(&key)]));
    }
}

/// Fails if `work`, done twice, leaves more memory than done once. The first time makes what is made once: arenas, chunks,
/// tables.
fn stays_flat(what: &str, mut work: impl FnMut(u64)) {
    work(0);
    let before = LIVE.load(Ordering::Relaxed);
    work(1);
    let more = LIVE.load(Ordering::Relaxed) - before;
    assert!(more < ELSEWHERE, "{what}: {more} bytes more");
}

fn series_of_every_type(registry: &Registry, count: u64) {
    let counters = family::<Counter>(registry, MetricType::Counter, "counters_total", false);
    let gauges = family::<Gauge>(registry, MetricType::Gauge, "gauges", false);
    let histograms = family::<Histogram>(registry, MetricType::Histogram, "histograms", false);
    let native = family::<Histogram>(registry, MetricType::Histogram, "native", true);
    let series = |round: u64| {
        let first = 1_000_000_000 + round * count;
        first..first + count
    };
    stays_flat("counters", |round| make_and_remove(&counters, series(round), Counter::inc));
    stays_flat("gauges", |round| make_and_remove(&gauges, series(round), |gauge| gauge.set(1)));
    stays_flat("histograms", |round| make_and_remove(&histograms, series(round), |histogram| histogram.observe(0.1)));
    stays_flat("native histograms", |round| {
        make_and_remove(&native, series(round), |histogram| (1..9).for_each(|n| histogram.observe(f64::from(n))));
    });
    assert_eq!(counters.len() + gauges.len() + histograms.len() + native.len(), 0);
}

fn threads_and_scrapes(registry: &Registry) {
    let counters = family::<Counter>(registry, MetricType::Counter, "by_threads_total", false);
    stays_flat("threads", |_| {
        for n in 0..1000 {
            let counters = counters.clone();
            std::thread::spawn(move || counters.with(&[Some(&(n % 7).to_string())]).inc()).join().unwrap();
        }
    });
    stays_flat("scrapes", |_| (0..100).for_each(|_| drop(registry.encode_text())));
    stays_flat("registries", |_| {
        for _ in 0..1000 {
            let registry = Registry::new();
            family::<Counter>(&registry, MetricType::Counter, "of_its_own_total", false).with(&[Some("key")]).inc();
        }
    });
    // Such a family has taken places for series that never come.
    stays_flat("large families", |_| {
        for _ in 0..200 {
            let registry = Registry::new();
            let mut descriptor = Descriptor::new(MetricType::Counter, "large_total", "For a test.");
            descriptor.add_label("key");
            let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor).unwrap();
            (0..1000).for_each(|n| family.with(&[Some(&n.to_string())]).inc());
        }
    });
}

/// One test runs at a time: what another one allocates meanwhile would be counted.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn series_threads_and_registries_that_come_and_go_leave_memory_flat() {
    let _alone = alone();
    let registry = Registry::new();
    series_of_every_type(&registry, 20_000);
    threads_and_scrapes(&registry);
}

#[test]
#[ignore = "takes a while: run by .ci/steps/85-soak"]
fn ten_million_series_that_are_made_and_removed_leave_memory_flat() {
    let _alone = alone();
    // Four types, twice each.
    series_of_every_type(&Registry::new(), 1_250_000);
}
