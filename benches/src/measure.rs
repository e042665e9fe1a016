//! How long does one operation take? All rows take turns, many times, with one thread and with several, so that whatever
//! else the machine does hits all of them alike; what is told is the median over the rounds.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::rows::Row;

/// A row that was disturbed is measured again, so often at most.
const TRIES: usize = 10;
/// For which share of their time all threads have to be at work.
const OVERLAP: f64 = 0.75;
/// With fewer rounds that were not disturbed, all count.
const FEWEST: usize = 5;
/// Threads look whether another one is done after work for so long.
const BATCH: Duration = Duration::from_micros(25);

/// How much is measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often the rows take turns.
    pub rounds: usize,
    /// How long a row runs at a time.
    pub slice: Duration,
    /// With how many threads, each in every round.
    pub threads: Vec<usize>,
}

/// How many processors there are.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// One thread and two, and as many as there are processors if that is more.
pub fn usual_threads() -> Vec<usize> {
    if cores() > 2 { vec![1, 2, cores()] } else { vec![1, 2] }
}

/// A median and the quartiles around it.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// A quarter of the values is below.
    pub low: f64,
    /// Half of the values is below.
    pub median: f64,
    /// A quarter of the values is above.
    pub high: f64,
}

impl Spread {
    /// Of these values.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |quarters: usize| values.get(values.len() * quarters / 4).copied().unwrap_or(f64::NAN);
        Self { low: at(1), median: at(2), high: at(3) }
    }
}

/// What was measured, by row, by place in [`Plan::threads`] and by round.
#[derive(Clone, Debug)]
pub struct Times {
    slices: Vec<Vec<Vec<Slice>>>,
    operations: Vec<u64>,
}

impl Times {
    /// Nanoseconds an operation, as one thread sees it.
    pub fn of(&self, row: usize, threads: usize) -> Spread {
        self.each([row], threads, |[slice]| slice.nanoseconds)
    }

    /// The time of a row in times that of another one in the same round, over the rounds: what slows a whole round down
    /// cancels out.
    pub fn ratio(&self, row: usize, to: usize, threads: usize) -> Spread {
        self.each([row, to], threads, |[slice, other]| slice.nanoseconds / other.nanoseconds)
    }

    /// What a row takes more than `base` in the same round, over the rounds.
    pub fn over(&self, row: usize, base: usize, threads: usize) -> Spread {
        self.each([row, base], threads, |[slice, base]| slice.nanoseconds - base.nanoseconds)
    }

    /// What a row takes more than `base`, in times what another one does, over the rounds.
    pub fn ratio_over(&self, row: usize, to: usize, base: usize, threads: usize) -> Spread {
        let more = |slice: &Slice, base: &Slice| slice.nanoseconds - base.nanoseconds;
        self.each([row, to, base], threads, |[slice, other, base]| more(slice, base) / more(other, base))
    }

    /// Something of these rows, in those rounds in which none of them was disturbed; in all, if there are too few.
    fn each<const N: usize>(&self, rows: [usize; N], threads: usize, value: impl Fn([&Slice; N]) -> f64) -> Spread {
        let rounds = 0..self.slices[rows[0]][threads].len();
        let all: Vec<[&Slice; N]> = rounds.map(|round| rows.map(|row| &self.slices[row][threads][round])).collect();
        let good: Vec<[&Slice; N]> =
            all.iter().copied().filter(|slices| slices.iter().all(|slice| slice.is_good())).collect();
        let chosen = if good.len() < FEWEST { all } else { good };
        Spread::of(chosen.into_iter().map(value).collect())
    }

    /// For which share of their time all threads were at work, over rows and rounds that were not disturbed.
    pub fn overlap(&self, threads: usize) -> Spread {
        Spread::of(self.every(threads).filter(|slice| slice.is_good()).map(|slice| slice.overlap).collect())
    }

    /// The share of rows and rounds that were disturbed although they were measured again and again: in which a thread was
    /// taken from its processor, or worked alone for long.
    pub fn disturbed(&self, threads: usize) -> f64 {
        let disturbed = self.every(threads).filter(|slice| !slice.is_good()).count();
        disturbed as f64 / self.every(threads).count().max(1) as f64
    }

    /// How many operations of this row were done, measured or not.
    pub fn operations(&self, row: usize) -> u64 {
        self.operations[row]
    }

    fn every(&self, threads: usize) -> impl Iterator<Item = &Slice> {
        self.slices.iter().flat_map(move |row| &row[threads])
    }
}

/// One row, once.
#[derive(Clone, Copy, Debug)]
struct Slice {
    nanoseconds: f64,
    /// The share of the threads' time in which all of them were at work.
    overlap: f64,
    /// How often the threads were taken from their processors.
    switches: u64,
    operations: u64,
}

impl Slice {
    fn is_good(&self) -> bool {
        self.switches == 0 && self.overlap >= OVERLAP
    }

    /// Whether it is less disturbed than another one.
    fn is_better(&self, other: &Self) -> bool {
        (self.switches, -self.overlap) < (other.switches, -other.overlap)
    }
}

/// How many operations a row does at a time.
#[derive(Clone, Copy, Debug)]
struct Work {
    batch: u64,
    operations: u64,
}

/// Measures every row, with each number of threads.
pub fn measure(rows: &[Row], plan: &Plan) -> Times {
    let (works, mut operations): (Vec<Work>, Vec<u64>) = rows.iter().map(|row| fitting(row, plan.slice)).unzip();
    let mut slices = vec![vec![Vec::with_capacity(plan.rounds); plan.threads.len()]; rows.len()];
    for _ in 0..plan.rounds {
        for (at, row) in rows.iter().enumerate() {
            for (threads, slices) in plan.threads.iter().zip(&mut slices[at]) {
                let (slice, done) = undisturbed(row, *threads, works[at]);
                operations[at] += done;
                slices.push(slice);
            }
        }
    }
    Times { slices, operations }
}

/// What is wrong with the totals of these rows, which nothing else has worked on.
pub fn wrong_totals(rows: &[Row], times: &Times) -> Vec<String> {
    let pairs = rows.iter().enumerate().map(|(at, row)| (row, row.total(), times.operations(at)));
    let wrong = pairs.filter(|(_, total, wanted)| total != wanted);
    wrong
        .map(|(row, total, wanted)| format!("`{}` has a wrong total: {total} of {wanted} operations", row.name))
        .collect()
}

/// How many operations take as long as they should, and how many it took to know that.
fn fitting(row: &Row, slice: Duration) -> (Work, u64) {
    const PROBE: u64 = 1024;
    row.run(PROBE);
    let started = Instant::now();
    row.run(PROBE);
    let each = (started.elapsed().as_nanos() as f64 / PROBE as f64).max(0.1);
    let lasting = |time: Duration| ((time.as_nanos() as f64 / each) as u64).next_multiple_of(64);
    (Work { batch: lasting(BATCH), operations: lasting(slice) }, 2 * PROBE)
}

/// The least disturbed of a few tries, and how many operations all of them did. With more threads than processors somebody
/// always has to wait: then it is the processor time that counts, and the first try.
fn undisturbed(row: &Row, threads: usize, work: Work) -> (Slice, u64) {
    let mut best = slice(row, threads, work);
    let mut done = best.operations;
    for _ in 1..TRIES {
        if best.is_good() || threads > cores() {
            break;
        }
        let again = slice(row, threads, work);
        done += again.operations;
        if again.is_better(&best) {
            best = again;
        }
    }
    (best, done)
}

/// What one thread did.
struct Part {
    started: Instant,
    ended: Instant,
    processor: Duration,
    operations: u64,
    switches: u64,
}

/// Each thread warms up first, then all start together: they wait awake, since being woken takes as long as a short row. The
/// first that has done its operations ends it for all, so that none works alone.
fn slice(row: &Row, threads: usize, work: Work) -> Slice {
    let (warm, ready, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let one = || {
        row.run(work.batch);
        meet(&warm, threads);
        let switches = taken_away();
        meet(&ready, threads);
        let (processor, started, mut operations) = (processor_time(), Instant::now(), 0);
        while !over.load(Ordering::Relaxed) {
            row.run(work.batch);
            operations += work.batch;
            if operations >= work.operations {
                over.store(true, Ordering::Relaxed);
            }
        }
        let ended = Instant::now();
        let (processor, switches) = (processor_time() - processor, taken_away() - switches);
        Part { started, ended, processor, operations, switches }
    };
    let parts: Vec<Part> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        running.into_iter().map(|thread| thread.join().expect("a row does not panic")).collect()
    });
    together(&parts, threads as u64 * work.batch)
}

fn meet(waiting: &AtomicUsize, threads: usize) {
    waiting.fetch_add(1, Ordering::AcqRel);
    while waiting.load(Ordering::Acquire) < threads {
        std::hint::spin_loop();
    }
}

fn together(parts: &[Part], warming: u64) -> Slice {
    let wall = |part: &Part| (part.ended - part.started).as_nanos() as f64;
    let own = |part: &Part| if parts.len() > cores() { part.processor.as_nanos() as f64 } else { wall(part) };
    let measured: u64 = parts.iter().map(|part| part.operations).sum();
    let last_start = parts.iter().map(|part| part.started).max();
    let first_end = parts.iter().map(|part| part.ended).min();
    let common =
        last_start.zip(first_end).map_or(0.0, |(start, end)| end.saturating_duration_since(start).as_nanos() as f64);
    Slice {
        nanoseconds: parts.iter().map(own).sum::<f64>() / measured as f64,
        overlap: common * parts.len() as f64 / parts.iter().map(wall).sum::<f64>(),
        switches: parts.iter().map(|part| part.switches).sum(),
        operations: measured + warming,
    }
}

/// How long this thread has been on a processor: what other programs take does not count.
pub fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// How often this thread was taken from its processor while it had work; 0 where the system does not tell.
fn taken_away() -> u64 {
    switches("nonvoluntary_ctxt_switches:")
}

/// How often this thread went to sleep, as for a lock; 0 where the system does not tell.
pub fn slept() -> u64 {
    switches("voluntary_ctxt_switches:")
}

fn switches(kind: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    let number = status.lines().find_map(|line| line.strip_prefix(kind));
    number.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    use super::*;

    fn plan() -> Plan {
        Plan { rounds: 3, slice: Duration::from_micros(200), threads: vec![1, 2] }
    }

    /// Loses one operation in this many calls.
    fn row(lost: u64) -> Row {
        let total = Arc::new(AtomicU64::new(0));
        let read = total.clone();
        let work = move |operations| {
            (0..operations).for_each(|at| {
                std::hint::black_box(at);
            });
            total.fetch_add(operations - lost, Ordering::Relaxed);
        };
        Row::new("row", work, move || read.load(Ordering::Relaxed))
    }

    #[test]
    fn every_operation_of_every_thread_is_counted() {
        let rows = [row(0)];
        let times = measure(&rows, &plan());
        assert_eq!(wrong_totals(&rows, &times), [""; 0]);
        assert_eq!(rows[0].total(), times.operations(0));
    }

    #[test]
    fn a_lost_operation_is_told() {
        let rows = [row(1)];
        let told = wrong_totals(&rows, &measure(&rows, &plan()));
        assert!(told[0].starts_with("`row` has a wrong total: "), "{told:?}");
    }

    #[test]
    fn threads_that_do_not_meet_have_no_overlap() {
        let now = Instant::now();
        let part = |from: u64, to: u64| Part {
            started: now + Duration::from_millis(from),
            ended: now + Duration::from_millis(to),
            processor: Duration::ZERO,
            operations: 1_000_000,
            switches: 0,
        };
        assert_eq!(together(&[part(0, 10), part(10, 20)], 0).overlap, 0.0);
        assert_eq!(together(&[part(0, 10), part(5, 15)], 0).overlap, 0.5);
        let both = together(&[part(0, 10), part(0, 10)], 7);
        assert_eq!((both.overlap, both.nanoseconds, both.operations), (1.0, 10.0, 2_000_007));
    }
}
