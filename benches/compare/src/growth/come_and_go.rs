//! What do threads cost that record something and end? Each library in processes of its own, which make nothing but 64 counters:
//! whoever is measured later would find what an earlier one has freed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use benches::measure::{Spread, cores};
use benches::memory::anonymous;
use benches::rows::{HANDLES, Row, rotate};
use metrics_core::{Counter, Declaration, MetricType, Registry};

use super::{Curve, Picture, Point};
use crate::child::Child;
use crate::peers::OURS;

/// What a child is started for.
pub const KIND: &str = "come-and-go";
const THREADS: [usize; 5] = [1, 10, 100, 1_000, 10_000];
/// What threads leave behind without any library.
const FLOOR: &str = "AtomicU64, no library";
/// Those that have something for each thread or processor, and one of those that have one atomic for all.
const LIBRARIES: [&str; 6] = [FLOOR, OURS, "foundations-metrics", "fast-telemetry", "metrics-lib", "prometheus"];
/// Processes of each library at most.
const PROCESSES: usize = 11;
/// Of so many threads at most the median is told, and of so many readings.
const REPEATED: usize = 31;

pub(super) fn pictures(rounds: usize) -> Result<Vec<Picture>, String> {
    let processes = rounds.min(PROCESSES);
    // By library and by number of threads: what each process answered.
    let mut answers = vec![vec![Vec::new(); THREADS.len()]; LIBRARIES.len()];
    for _ in 0..processes {
        for (library, answers) in LIBRARIES.iter().zip(&mut answers) {
            let mut child = Child::start(library, KIND, 0)?;
            for (threads, answers) in THREADS.into_iter().zip(answers) {
                answers.push(child.ask(&format!("live {threads}"))?);
            }
            let (total, wanted) = (child.ask("total")?[0], (THREADS[THREADS.len() - 1] * HANDLES) as f64);
            if total != wanted {
                return Err(format!("`{library}` has a wrong total: {total} of {wanted} operations"));
            }
        }
    }
    let picture = |file, title: &str, (y, up): (&'static str, bool), at: usize| {
        let spread = |answers: &[Vec<f64>]| Spread::of(answers.iter().map(|answer| answer[at]).collect());
        let curve = |(library, answers): (&&str, &Vec<Vec<Vec<f64>>>)| {
            let points = THREADS.iter().zip(answers).map(|(threads, all)| Point::new(*threads as f64, spread(all)));
            Curve { name: (*library).to_owned(), points: points.collect() }
        };
        Picture {
            file,
            title: title.to_owned(),
            x: "threads that have come and gone, one after the other",
            y,
            by_ten: (true, up),
            curves: LIBRARIES.iter().zip(&answers).map(curve).collect(),
            notes: vec![format!("{processes} processes for each library, which have 64 counters and nothing else.")],
        }
    };
    let memory = "Memory of 64 counters: growth since before the first thread (anonymous, resident)";
    Ok(vec![
        picture("come-and-go-record", "The first 64 counters that a new thread adds to", ("ns a counter", true), 0),
        picture("come-and-go-read", "Reading 64 counters that these threads have added to", ("ns a counter", true), 1),
        picture("come-and-go-memory", memory, ("KiB", false), 2),
    ])
}

/// The child's part, until nobody asks any more. False if there is no such library.
pub fn answer(library: &str) -> bool {
    let Some(row) = counters(library) else { return false };
    // Written to, so that its pages are there before.
    let mut times = vec![1.0; THREADS[THREADS.len() - 1]];
    times.clear();
    let before = anonymous();
    for line in std::io::stdin().lines().map_while(Result::ok) {
        match line.split_once(' ') {
            Some(("live", threads)) => {
                let Ok(threads) = threads.parse() else { return false };
                let [record, read] = live(&row, threads, &mut times);
                let more =
                    before.zip(anonymous()).map_or(f64::NAN, |(before, now)| (now as f64 - before as f64) / 1024.0);
                println!("{record} {read} {}", more.max(0.0));
            }
            _ => println!("{}", row.total()),
        }
    }
    true
}

/// Until so many threads have lived: what a counter took the last ones, and what reading it takes.
fn live(row: &Row, threads: usize, times: &mut Vec<f64>) -> [f64; 2] {
    let from = times.len().max(threads.saturating_sub(REPEATED));
    while times.len() < threads {
        times.push(of_thread(row));
    }
    let reading = (0..REPEATED).map(|_| read(row)).collect();
    [Spread::of(times[from..].to_vec()), Spread::of(reading)].map(|spread| spread.median)
}

/// One thread: what one of its counters took it.
fn of_thread(row: &Row) -> f64 {
    let one = || {
        let started = Instant::now();
        row.run(HANDLES as u64);
        started.elapsed().as_nanos() as f64 / HANDLES as f64
    };
    thread::scope(|scope| scope.spawn(one).join().expect("a row does not panic"))
}

fn read(row: &Row) -> f64 {
    let started = Instant::now();
    std::hint::black_box(row.total());
    started.elapsed().as_nanos() as f64 / HANDLES as f64
}

/// 64 counters, and nothing else of the library.
fn counters(library: &str) -> Option<Row> {
    Some(match library {
        FLOOR => {
            let add = |cell: &AtomicU64| {
                cell.fetch_add(1, Ordering::Relaxed);
            };
            row(|_| AtomicU64::new(0), add, |cell| cell.load(Ordering::Relaxed))
        }
        OURS => {
            let registry = Registry::new();
            let declaration = Declaration::new(MetricType::Counter, "c_total", "C.");
            let make = |at: usize| {
                let registry = registry.with_label("shard", &at.to_string());
                registry.register::<Counter>(declaration).expect("it is right")
            };
            row(make, Counter::inc, Counter::value)
        }
        "foundations-metrics" => {
            use foundations_metrics::ThreadLocalCounter;
            row(|_| ThreadLocalCounter::<u64>::default(), ThreadLocalCounter::inc, ThreadLocalCounter::get)
        }
        "fast-telemetry" => {
            use fast_telemetry::Counter;
            row(|_| Counter::new(cores()), Counter::inc, |counter| counter.sum() as u64)
        }
        "metrics-lib" => {
            use metrics_lib::ShardedCounter;
            row(|_| ShardedCounter::new(), ShardedCounter::inc, ShardedCounter::get)
        }
        "prometheus" => {
            use prometheus::IntCounter;
            row(|_| IntCounter::new("c", "C.").expect("it is right"), |counter| counter.inc(), IntCounter::get)
        }
        _ => return None,
    })
}

fn row<C: Send + Sync + 'static>(
    make: impl Fn(usize) -> C,
    add: impl Fn(&C) + Send + Sync + 'static,
    value: impl Fn(&C) -> u64 + Send + Sync + 'static,
) -> Row {
    let all: Arc<[C; HANDLES]> = Arc::new(std::array::from_fn(make));
    let read = all.clone();
    Row::new("", move |operations| rotate(&all, operations, &add), move || read.iter().map(&value).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_library_counts_what_threads_did_that_are_gone() {
        for library in LIBRARIES {
            let (row, mut times) = (counters(library).expect("it is known"), Vec::new());
            live(&row, 1, &mut times);
            live(&row, 40, &mut times);
            assert_eq!((times.len(), row.total()), (40, 40 * HANDLES as u64), "{library}");
        }
        assert!(counters("another").is_none());
    }
}
