//! Is nothing lost, torn or taken back while threads come and go and a scraper reads?

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use metrics_core::__private::{ShardedArc, sweep};
use metrics_core::{
    BusyTime, Counter, Declaration, Descriptor, DynamicFamily, Gauge, Histogram, MetricType, Registry, UpDownGauge,
};

/// How long the threads of one test record.
const WHILE: Duration = Duration::from_millis(400);

fn declaration(kind: MetricType, name: &'static str) -> Declaration {
    Declaration::new(kind, name, "For a test.")
}

/// A sum that follows from the buckets: each bucket has one value.
const VALUES: [f64; 3] = [1.0, 1000.0, 1_000_000.0];

fn sum_of(counts: &[u64]) -> f64 {
    counts.iter().zip(VALUES).map(|(count, value)| *count as f64 * value).sum()
}

fn histogram(registry: &Registry, name: &'static str) -> Histogram {
    registry.register(declaration(MetricType::Histogram, name).with_buckets(&[10.0, 10_000.0])).unwrap()
}

/// Reads until `stop`, and checks each reading against the one before.
fn read_histogram(histogram: &Histogram, stop: &AtomicBool) -> u64 {
    let (mut last, mut readings) = (vec![0; 3], 0);
    while !stop.load(Ordering::Relaxed) {
        let now = histogram.snapshot();
        assert_eq!(now.sum, sum_of(&now.counts), "torn: {now:?}");
        assert!(last.iter().zip(&now.counts).all(|(last, now)| last <= now), "{last:?} then {:?}", now.counts);
        (last, readings) = (now.counts, readings + 1);
    }
    readings
}

#[test]
fn threads_that_come_and_go_lose_nothing_and_no_total_falls() {
    let registry = Registry::new();
    let counter: Counter = registry.register(declaration(MetricType::Counter, "coming_total")).unwrap();
    let amounts: Counter<f64> = registry.register(declaration(MetricType::Counter, "amounts_total")).unwrap();
    let histogram = histogram(&registry, "come_and_go");
    let recorded = Arc::new(AtomicU64::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let generations: Vec<_> = (0..3)
        .map(|_| {
            let (counter, amounts, histogram) = (counter.clone(), amounts.clone(), histogram.clone());
            let (recorded, stop) = (recorded.clone(), stop.clone());
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let (counter, amounts, histogram) = (counter.clone(), amounts.clone(), histogram.clone());
                    let records = move || {
                        (0..100).for_each(|n| {
                            counter.inc();
                            amounts.add(0.5);
                            histogram.observe(VALUES[n % 3]);
                        });
                    };
                    thread::spawn(records).join().unwrap();
                    recorded.fetch_add(100, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let (mut last, until) = (0, Instant::now() + WHILE);
    while Instant::now() < until {
        let now = counter.value();
        assert!(last <= now, "{last} then {now}");
        last = now;
        let snapshot = histogram.snapshot();
        assert_eq!(snapshot.sum, sum_of(&snapshot.counts), "torn: {snapshot:?}");
    }
    stop.store(true, Ordering::Relaxed);
    generations.into_iter().for_each(|thread| thread.join().unwrap());
    let recorded = recorded.load(Ordering::Relaxed);
    assert!(recorded > 0);
    assert_eq!(counter.value(), recorded);
    assert_eq!(amounts.value(), recorded as f64 / 2.0);
    assert_eq!(histogram.snapshot().count(), recorded);
}

#[test]
fn a_thread_that_observes_without_pause_delays_no_reader() {
    let registry = Registry::new();
    let histogram = histogram(&registry, "without_pause");
    let stop = Arc::new(AtomicBool::new(false));
    let observes = {
        let (histogram, stop) = (histogram.clone(), stop.clone());
        thread::spawn(move || {
            let mut observed = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                for at in 0..999 {
                    histogram.observe(VALUES[at % 3]);
                }
                observed += 999;
            }
            observed
        })
    };
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (histogram, stop) = (histogram.clone(), stop.clone());
            thread::spawn(move || read_histogram(&histogram, &stop))
        })
        .collect();
    let until = Instant::now() + WHILE;
    while Instant::now() < until {
        thread::yield_now();
    }
    stop.store(true, Ordering::Relaxed);
    let observed = observes.join().unwrap();
    for reader in readers {
        assert!(reader.join().unwrap() > 10, "readings take their turn in {WHILE:?}");
    }
    assert_eq!(histogram.snapshot().count(), observed);
}

#[test]
fn a_thread_that_does_nothing_for_a_while_holds_up_no_scrape() {
    let registry = Registry::new();
    let histogram = histogram(&registry, "idle");
    let (wake, sleeps) = mpsc::channel::<()>();
    let (ready, is_ready) = mpsc::channel();
    let idle = {
        let histogram = histogram.clone();
        thread::spawn(move || {
            (0..10).for_each(|_| histogram.observe(1.0));
            ready.send(()).unwrap();
            sleeps.recv().unwrap();
            histogram.observe(1.0);
        })
    };
    is_ready.recv().unwrap();
    assert_eq!(registry.sample("idle_count", &[]), Some(10.0));
    wake.send(()).unwrap();
    idle.join().unwrap();
    assert_eq!(registry.sample("idle_count", &[]), Some(11.0));
}

#[test]
fn work_that_ends_on_another_thread_never_makes_in_flight_fall_below_what_runs() {
    let registry = Registry::new();
    let in_flight: UpDownGauge = registry.register(declaration(MetricType::Gauge, "in_flight")).unwrap();
    let always = in_flight.guard();
    let stop = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let (in_flight, stop) = (in_flight.clone(), stop.clone());
            thread::spawn(move || {
                let (guards, dropped) = mpsc::sync_channel(4);
                let drops = thread::spawn(move || dropped.into_iter().for_each(drop));
                while !stop.load(Ordering::Relaxed) {
                    // Half of the work begins on a thread that has just come.
                    guards.send(in_flight.guard()).unwrap();
                    let new = in_flight.clone();
                    guards.send(thread::spawn(move || new.guard()).join().unwrap()).unwrap();
                }
                drop(guards);
                drops.join().unwrap();
            })
        })
        .collect();
    let until = Instant::now() + WHILE;
    while Instant::now() < until {
        let now = in_flight.value();
        assert!(now >= 1, "{now}");
    }
    stop.store(true, Ordering::Relaxed);
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    assert_eq!(in_flight.value(), 1);
    drop(always);
    assert_eq!(in_flight.value(), 0);
}

#[test]
fn busy_time_never_falls_nor_runs_ahead() {
    let registry = Registry::new();
    let busy: BusyTime =
        registry.register(declaration(MetricType::Counter, "busy_seconds_total").with_unit("seconds")).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let began = Instant::now();
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let (busy, stop) = (busy.clone(), stop.clone());
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let guard = busy.start();
                    std::hint::black_box(&guard);
                }
            })
        })
        .collect();
    let mut last = Duration::ZERO;
    while began.elapsed() < WHILE {
        let now = busy.value();
        assert!(last <= now && now <= 3 * began.elapsed(), "{last:?} then {now:?}");
        last = now;
    }
    stop.store(true, Ordering::Relaxed);
    workers.into_iter().for_each(|worker| worker.join().unwrap());
}

#[test]
fn what_a_thread_records_in_its_last_destructors_is_counted() {
    struct Records(Counter, Histogram);
    impl Drop for Records {
        fn drop(&mut self) {
            self.0.inc();
            self.1.observe(1.0);
        }
    }
    thread_local! {
        static FIRST: std::cell::RefCell<Option<Records>> = const { std::cell::RefCell::new(None) };
        static LAST: std::cell::RefCell<Option<Records>> = const { std::cell::RefCell::new(None) };
    }
    let registry = Registry::new();
    let counter: Counter = registry.register(declaration(MetricType::Counter, "last_records_total")).unwrap();
    let histogram = histogram(&registry, "destructors");
    for _ in 0..20 {
        let (counter, histogram) = (counter.clone(), histogram.clone());
        let records = move || {
            // One is made before our own thread-local, and one after it: one of them goes after ours is gone.
            FIRST.set(Some(Records(counter.clone(), histogram.clone())));
            counter.inc();
            LAST.set(Some(Records(counter, histogram)));
        };
        thread::spawn(records).join().unwrap();
    }
    assert_eq!(counter.value(), 60);
    assert_eq!(histogram.snapshot().count(), 40);
}

fn family(registry: &Registry, name: &str, max_series: u32) -> DynamicFamily<Counter> {
    let mut descriptor = Descriptor::new(MetricType::Counter, name, "For a test.");
    descriptor.add_label("key");
    descriptor.max_series = Some(max_series);
    registry.register_dynamic(descriptor).unwrap()
}

/// A value that tells when it is dropped, and that nobody may see afterwards.
struct Dropped {
    alive: AtomicBool,
    drops: Arc<AtomicU64>,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.alive.store(false, Ordering::Relaxed);
        self.drops.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_shared_value_is_dropped_once_and_after_its_last_handle_on_whichever_thread() {
    let drops = Arc::new(AtomicU64::new(0));
    let made = || ShardedArc::new(Dropped { alive: AtomicBool::new(true), drops: Arc::clone(&drops) });
    let (first, received) = mpsc::channel::<ShardedArc<Dropped>>();
    // Each hands on a handle made from the one that it got, and drops that one.
    let hand_on = |received: mpsc::Receiver<ShardedArc<Dropped>>, to: Option<mpsc::Sender<ShardedArc<Dropped>>>| {
        thread::spawn(move || {
            for handle in received {
                let next = handle.clone();
                assert!(handle.alive.load(Ordering::Relaxed));
                drop(handle);
                assert!(next.alive.load(Ordering::Relaxed));
                match &to {
                    Some(to) => to.send(next).unwrap(),
                    None => drop(next),
                }
            }
        })
    };
    let (second, received_second) = mpsc::channel();
    let workers = [hand_on(received, Some(second)), hand_on(received_second, None)];
    let stop = Arc::new(AtomicBool::new(false));
    let sweeps = thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            while !stop.load(Ordering::Relaxed) {
                sweep();
                thread::yield_now();
            }
        }
    });
    let (until, mut values) = (Instant::now() + WHILE, 0);
    while Instant::now() < until {
        let value = made();
        values += 1;
        (0..20).for_each(|_| first.send(value.clone()).unwrap());
    }
    drop(first);
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    stop.store(true, Ordering::Relaxed);
    sweeps.join().unwrap();
    // Another test's scrape may have found some of them first, and be about to drop them.
    let deadline = Instant::now() + Duration::from_secs(30);
    while drops.load(Ordering::Relaxed) < values {
        assert!(Instant::now() < deadline, "values without handles are kept");
        sweep();
        thread::yield_now();
    }
    assert_eq!(drops.load(Ordering::Relaxed), values);
}

/// The rows of a scrape: labels and value.
fn rows(text: &str) -> Vec<(String, f64)> {
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| row.rsplit_once(' ').map(|(name, value)| (name.to_owned(), value.parse().unwrap())).unwrap())
        .collect()
}

/// Two threads record series of the first two label sets, one makes and removes those of the last two, and scrapes run
/// beside them, each of which is checked. All series are told apart by what the first label begins with.
fn lookups_beside_removals(name: &str, sets: &[Vec<String>; 4]) {
    let registry = Registry::new();
    let mut descriptor = Descriptor::new(MetricType::Counter, name, "For a test.");
    for label in 0..sets[0].len() {
        descriptor.add_label(format!("label{label}"));
    }
    descriptor.max_series = Some(100);
    let family: DynamicFamily<Counter> = registry.register_dynamic(descriptor).unwrap();
    let sets = sets.each_ref().map(|set| set.iter().map(|value| Some(value.as_str())).collect::<Vec<_>>());
    let beginning = |set: &[Option<&str>]| set[0].unwrap_or_default()[..5].to_owned();
    let [steady, fleeting] = [&sets[..2], &sets[2..]];
    let stop = AtomicBool::new(false);
    let churn = || {
        while !stop.load(Ordering::Relaxed) {
            for set in fleeting {
                // Another series begins where this one was.
                family.with(set).add(1_000_000);
                assert!(family.remove(set));
            }
        }
    };
    let record = |set: &[Option<&str>]| {
        let mut recorded = 0_u64;
        while !stop.load(Ordering::Relaxed) {
            family.with(set).inc();
            recorded += 1;
        }
        recorded
    };
    let record = &record;
    let mut last = [0.0; 2];
    let mut check_scrape = || {
        let mut seen = [None; 4];
        for (row, value) in rows(&registry.encode_text()) {
            let of = sets.iter().position(|set| row.contains(&format!("\"{}", beginning(set))));
            let of = of.unwrap_or_else(|| panic!("{row} is nobody's"));
            let own = |value: &&str| row.contains(&format!("\"{value}\""));
            assert!(sets[of].iter().flatten().all(own), "{row} has labels of two series");
            let possible = of < 2 || value == 0.0 || value == 1e6;
            assert!(possible, "{row} {value}: another series' value, or more than was recorded");
            assert!(seen[of].replace(value).is_none(), "{row} twice");
        }
        for (last, now) in last.iter_mut().zip(seen) {
            let now = now.unwrap_or_default();
            assert!(*last <= now);
            *last = now;
        }
    };
    thread::scope(|scope| {
        let stops = Stops(&stop);
        let churn = scope.spawn(churn);
        let records: Vec<_> = steady.iter().map(|set| scope.spawn(move || record(set))).collect();
        let until = Instant::now() + WHILE;
        while Instant::now() < until {
            check_scrape();
        }
        drop(stops);
        for (set, recorded) in steady.iter().zip(records) {
            let recorded = recorded.join().unwrap();
            assert_eq!(family.with(set).value(), recorded, "{set:?}");
        }
        // The end of a scope waits too, but in code of std that ThreadSanitizer does not see.
        churn.join().unwrap();
    });
}

/// Ends the threads of a scope, also where a check fails.
struct Stops<'a>(&'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Each with its own beginning, and the same length, so that the room of one text serves the next.
fn texts(length: usize) -> [String; 4] {
    ["alpha", "beta-", "gamma", "delta"].map(|beginning| beginning.to_owned() + &"-long".repeat(length)[..length - 5])
}

#[test]
fn a_lookup_of_a_short_key_beside_removals_never_finds_another_series() {
    lookups_beside_removals("short_keys_total", &texts(17).map(|text| vec![text]));
}

#[test]
fn a_lookup_of_a_key_too_long_for_one_piece_beside_removals_never_finds_another_series() {
    lookups_beside_removals("long_keys_total", &texts(120).map(|text| vec![text]));
}

/// More labels than the head of a piece has bytes: no record is near, and label by label is compared. All but the first and
/// the last are the same in all series.
#[test]
fn a_lookup_of_nine_labels_beside_removals_never_finds_another_series() {
    let sets = texts(17).map(|text| {
        let between = (0..7).map(|label| format!("the same value of label {label}"));
        [text.clone()].into_iter().chain(between).chain([text]).collect()
    });
    lookups_beside_removals("nine_labels_total", &sets);
}

#[test]
fn a_removed_series_begins_again_at_zero_and_its_old_handle_harms_nothing() {
    let registry = Registry::new();
    let family = family(&registry, "again_total", 100);
    for round in 0..1000 {
        let old = family.with(&[Some("one")]);
        old.add(7);
        assert!(family.remove(&[Some("one")]));
        let new = family.with(&[Some("two")]);
        old.add(100);
        new.inc();
        old.add(100);
        assert_eq!(new.value(), 1, "round {round}");
        assert!(family.remove(&[Some("two")]));
        assert!(!family.remove(&[Some("two")]));
    }
    assert!(family.is_empty());
}

#[test]
fn a_gauge_that_is_used_again_begins_at_zero_while_its_old_handle_is_written() {
    let registry = Registry::new();
    let mut descriptor = Descriptor::new(MetricType::Gauge, "levels", "For a test.");
    descriptor.add_label("key");
    let family: DynamicFamily<Gauge> = registry.register_dynamic(descriptor).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let writes = {
        let (family, stop) = (family.clone(), stop.clone());
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let old = family.with(&[Some("old")]);
                (0..50).for_each(|_| old.set(-1));
            }
        })
    };
    let until = Instant::now() + WHILE;
    while Instant::now() < until {
        family.remove(&[Some("old")]);
        let new = family.with(&[Some("new")]);
        for at in 0..20 {
            assert_eq!(new.value(), at);
            new.inc();
        }
        assert!(family.remove(&[Some("new")]));
    }
    stop.store(true, Ordering::Relaxed);
    writes.join().unwrap();
}

#[test]
fn registering_while_a_scrape_runs_waits_for_nothing() {
    let registry = Registry::new();
    let first = family(&registry, "a_total", 10_000);
    (0..10_000).for_each(|n| first.with(&[Some(&n.to_string())]).inc());
    let mut scrape = registry.exposition(metrics_core::Format::Text);
    let mut body = Vec::new();
    assert!(scrape.next_piece(&mut body));
    let late: Counter = registry.register(declaration(MetricType::Counter, "late_total")).unwrap();
    late.inc();
    first.clear();
    assert!(registry.unregister("a_total"));
    while scrape.next_piece(&mut body) {}
    let body = String::from_utf8(body).unwrap();
    assert!(!body.contains("late_total"), "a scrape writes what was there when it began");
    assert!(registry.encode_text().contains("late_total 1"));
    assert!(!registry.encode_text().contains("a_total{"));
}
