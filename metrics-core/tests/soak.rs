//! Does all that a service does at once hold for long? `SOAK_MINUTES=10 cargo test --release -p metrics-core --test soak` runs
//! for ten minutes and shows a bar; without the switch it runs for two seconds.
//!
//! Threads start and stop, one observes without pause, more want to run than there are cores, so that each is descheduled
//! anywhere, one sleeps between its records, series are made and removed, and a scraper reads. No increment is lost, no
//! total falls, no histogram is torn, every scrape ends in bounded time, and memory stays flat.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use metrics_core::descriptor::NativeDeclaration;
use metrics_core::{
    BusyTime, Counter, Declaration, Descriptor, DynamicFamily, Histogram, MetricType, Registry, UpDownGauge,
};

/// How long a scrape may take at most. It takes well below a millisecond where it has a core of its own; this is for
/// machines that are far too busy.
const LONGEST_SCRAPE: Duration = Duration::from_secs(5);
/// How much more may be resident in the end than after a tenth of the time, where it runs for minutes.
const MORE_KIB: usize = 8 * 1024;
/// Each bucket has one value, so that the sum follows from the buckets.
const VALUES: [f64; 3] = [1.0, 1000.0, 1_000_000.0];

struct Metrics {
    records: Counter,
    amounts: Counter<f64>,
    classic: Histogram,
    native: Histogram,
    in_flight: UpDownGauge,
    busy: BusyTime,
    churn: DynamicFamily<Counter>,
    kept: DynamicFamily<Counter>,
}

impl Metrics {
    fn register(registry: &Registry) -> Self {
        let declaration = |kind, name| Declaration::new(kind, name, "For a test.");
        let family = |name| {
            let mut descriptor = Descriptor::new(MetricType::Counter, name, "For a test.");
            descriptor.add_label("key");
            registry.register_dynamic(descriptor).unwrap()
        };
        let classic = declaration(MetricType::Histogram, "classic").with_buckets(&[10.0, 10_000.0]);
        let native = declaration(MetricType::Histogram, "native").with_native(NativeDeclaration::DEFAULT, false);
        let busy = declaration(MetricType::Counter, "busy_seconds_total").with_unit("seconds");
        Self {
            records: registry.register(declaration(MetricType::Counter, "records_total")).unwrap(),
            amounts: registry.register(declaration(MetricType::Counter, "amounts_total")).unwrap(),
            classic: registry.register(classic).unwrap(),
            native: registry.register(native).unwrap(),
            in_flight: registry.register(declaration(MetricType::Gauge, "in_flight")).unwrap(),
            busy: registry.register(busy).unwrap(),
            churn: family("churn_total"),
            kept: family("kept_total"),
        }
    }

    /// Makes so many records of each kind.
    fn record(&self, count: u64) -> u64 {
        for n in 0..count {
            let _in_flight = self.in_flight.guard();
            let _busy = self.busy.start();
            self.records.inc();
            self.amounts.add(0.5);
            self.classic.observe(VALUES[n as usize % 3]);
            self.native.observe(VALUES[n as usize % 3] * (n as f64 + 1.0));
            self.kept.with(&[Some(["a-long-enough-key", "b", "another-long-key"][n as usize % 3])]).inc();
        }
        count
    }
}

/// What the scraper saw last, and what it has to say.
#[derive(Default)]
struct Seen {
    records: u64,
    amounts: f64,
    counts: Vec<u64>,
    native: u64,
    busy: Duration,
    scrapes: u64,
    longest: Duration,
}

impl Seen {
    fn scrape(&mut self, registry: &Registry, metrics: &Metrics) {
        let began = Instant::now();
        let text = registry.encode_text();
        self.longest = self.longest.max(began.elapsed());
        assert!(self.longest < LONGEST_SCRAPE, "a scrape took {:?}", self.longest);
        assert!(text.contains("records_total ") && text.contains("classic_count "), "{text}");
        self.scrapes += 1;
        self.read(metrics);
    }

    fn read(&mut self, metrics: &Metrics) {
        let (records, amounts, busy) = (metrics.records.value(), metrics.amounts.value(), metrics.busy.value());
        assert!(self.records <= records, "{} then {records}", self.records);
        assert!(self.amounts <= amounts, "{} then {amounts}", self.amounts);
        assert!(self.busy <= busy, "{:?} then {busy:?}", self.busy);
        (self.records, self.amounts, self.busy) = (records, amounts, busy);
        let classic = metrics.classic.snapshot();
        let sum: f64 = classic.counts.iter().zip(VALUES).map(|(count, value)| *count as f64 * value).sum();
        assert_eq!(classic.sum, sum, "torn: {classic:?}");
        assert!(
            self.counts.iter().zip(&classic.counts).all(|(last, now)| last <= now),
            "{:?} then {classic:?}",
            self.counts
        );
        self.counts = classic.counts;
        let native = metrics.native.snapshot().count();
        assert!(self.native <= native, "{} then {native}", self.native);
        self.native = native;
    }
}

struct StopsThem<'a>(&'a AtomicBool);

impl Drop for StopsThem<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Starts a thread that does `work` until `stop`; it returns how many records it made.
fn until_stop<'scope>(
    scope: &'scope Scope<'scope, '_>,
    stop: &'scope AtomicBool,
    mut work: impl FnMut() -> u64 + Send + 'scope,
) -> ScopedJoinHandle<'scope, u64> {
    scope.spawn(move || {
        let mut records = 0;
        while !stop.load(Ordering::Relaxed) {
            records += work();
        }
        records
    })
}

fn make_and_remove(metrics: &Metrics, number: &AtomicU64) -> u64 {
    let key = format!("series-{}", number.fetch_add(1, Ordering::Relaxed));
    let old = metrics.churn.with(&[Some(&key)]);
    old.inc();
    assert!(metrics.churn.remove(&[Some(&key)]));
    // Its handle outlives the series, and harms none.
    old.add(1_000_000);
    0
}

/// Resident memory in KiB; 0 where it cannot be told.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let row = status.lines().find_map(|row| row.strip_prefix("VmRSS:"));
    row.and_then(|row| row.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Past the harness, which keeps what tests print.
fn show(done: f64, minutes: f64, seen: &Seen) {
    let width = 40;
    let filled = (done * width as f64) as usize;
    let line = format!(
        "\r[{}{}] {:.1} of {minutes} minutes, {} records, {} scrapes, the longest {:?}, {} MiB resident ",
        "#".repeat(filled),
        ".".repeat(width - filled),
        done * minutes,
        seen.records,
        seen.scrapes,
        seen.longest,
        resident() / 1024,
    );
    // A bar that nobody can see is no reason to fail.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// The switch: how long, and whether a bar is shown.
fn length() -> (Duration, Option<f64>) {
    let minutes = std::env::var("SOAK_MINUTES").ok().map(|minutes| {
        minutes
            .parse()
            .ok()
            .filter(|minutes| *minutes > 0.0)
            .unwrap_or_else(|| panic!("SOAK_MINUTES={minutes}: expected a number of minutes, such as 10 or 0.5"))
    });
    (minutes.map_or(Duration::from_secs(2), |minutes: f64| Duration::from_secs_f64(60.0 * minutes)), minutes)
}

#[test]
fn all_at_once_loses_nothing_tears_nothing_and_takes_no_more_memory() {
    let (length, minutes) = length();
    let registry = Registry::new();
    let metrics = &Metrics::register(&registry);
    let (stop, number) = (&AtomicBool::new(false), &AtomicU64::new(0));
    let mut seen = Seen::default();
    let recorded: u64 = thread::scope(|scope| {
        let (wake, asleep) = mpsc::channel::<()>();
        let mut threads: Vec<_> = (0..2)
            .map(|_| {
                until_stop(scope, stop, || thread::scope(|inner| inner.spawn(|| metrics.record(100)).join().unwrap()))
            })
            .collect();
        let cores = thread::available_parallelism().map_or(2, usize::from);
        threads.extend((0..=cores).map(|_| until_stop(scope, stop, || metrics.record(1000))));
        threads.push(until_stop(scope, stop, move || {
            // Nobody ever wakes it: it sleeps.
            let _ = asleep.recv_timeout(Duration::from_millis(20));
            metrics.record(1)
        }));
        threads.extend((0..2).map(|_| until_stop(scope, stop, || make_and_remove(metrics, number))));
        // Also where an assertion fails: the scope waits for its threads.
        let ends = StopsThem(stop);
        let (began, mut warm, mut shown) = (Instant::now(), None, 0.0);
        while began.elapsed() < length {
            seen.scrape(&registry, metrics);
            let done = began.elapsed().as_secs_f64() / length.as_secs_f64();
            if let Some(minutes) = minutes {
                if done > 0.1 {
                    warm.get_or_insert_with(resident);
                }
                if done >= shown {
                    show(done, minutes, &seen);
                    shown = done + 0.005;
                }
            }
        }
        if let Some(minutes) = minutes {
            show(1.0, minutes, &seen);
            let _ = std::io::stderr().write_all(b"\n");
        }
        let more = resident().saturating_sub(warm.unwrap_or_default());
        assert!(warm.is_none() || more < MORE_KIB, "{more} KiB more resident than after a tenth of the time");
        drop(ends);
        drop(wake);
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(recorded > 0 && seen.scrapes > 0);
    seen.read(metrics);
    let kept: u64 =
        ["a-long-enough-key", "b", "another-long-key"].iter().map(|key| metrics.kept.with(&[Some(key)]).value()).sum();
    assert_eq!([seen.records, kept, seen.counts.iter().sum(), seen.native], [recorded; 4]);
    assert_eq!((seen.amounts, metrics.in_flight.value()), (recorded as f64 / 2.0, 0));
    assert_eq!(metrics.churn.len(), 0);
}
