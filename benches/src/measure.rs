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
/// With fewer rounds that were not disturbed, all count, and it is told.
pub const FEWEST: usize = 5;
/// Threads look whether another one is done after work for so long.
const BATCH: Duration = Duration::from_micros(25);
/// With more threads than processors, a row runs for so long at least: each thread gets several slices of the scheduler, so that
/// as many as there are processors work at a time.
const CROWDED: Duration = Duration::from_millis(50);
/// Which is long: it is done in one of so many rounds.
const CROWDED_ROUNDS: usize = 3;
/// And tried less often.
const CROWDED_TRIES: usize = 3;
/// Then the threads have to have all processors for such a share of the time …
const BUSY: f64 = 0.9;
/// … and each of them has to have done such a share of its equal part.
const PART: f64 = 0.25;

/// How much is measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often the rows take turns.
    pub rounds: usize,
    /// How long a row runs at a time.
    pub slice: Duration,
    /// With how many threads. Each comes in every round, but more than there are processors in every third.
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

    /// Something of these rows, in those rounds in which none of them was disturbed; in all, if there are too few, which
    /// [`Self::is_doubtful`] tells.
    fn each<const N: usize>(&self, rows: [usize; N], threads: usize, value: impl Fn([&Slice; N]) -> f64) -> Spread {
        let rounds = 0..self.slices[rows[0]][threads].len();
        let all: Vec<[&Slice; N]> = rounds.map(|round| rows.map(|row| &self.slices[row][threads][round])).collect();
        let good: Vec<[&Slice; N]> =
            all.iter().copied().filter(|slices| slices.iter().all(|slice| slice.is_good())).collect();
        let chosen = if good.len() < FEWEST { all } else { good };
        Spread::of(chosen.into_iter().map(value).collect())
    }

    /// Whether so few rounds were undisturbed, for all of these rows at once, that what is told of them is of all rounds.
    pub fn is_doubtful(&self, rows: &[usize], threads: usize) -> bool {
        let is_good = |round: &usize| rows.iter().all(|row| self.slices[*row][threads][*round].is_good());
        (0..self.slices[rows[0]][threads].len()).filter(is_good).count() < FEWEST
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.slices.len()
    }

    /// What the thread that did least did of its equal part, over rows and rounds that were not disturbed.
    pub fn least(&self, threads: usize) -> Spread {
        Spread::of(self.every(threads).filter(|slice| slice.is_good()).map(|slice| slice.least).collect())
    }

    /// For which share of their time all threads were at work, over rows and rounds that were not disturbed; with more threads
    /// than processors, which share of the processors' time they had.
    pub fn overlap(&self, threads: usize) -> Spread {
        Spread::of(self.every(threads).filter(|slice| slice.is_good()).map(|slice| slice.overlap).collect())
    }

    /// The share of rows and rounds that were disturbed although they were measured again and again: in which a thread was
    /// taken from its processor, or worked alone for long; with more threads than processors, in which other programs had some
    /// of the processors' time, or a thread did next to nothing.
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
    /// Whether there were more threads than processors.
    crowded: bool,
    /// The share of the threads' time in which all of them were at work; if crowded, their share of the processors' time.
    overlap: f64,
    /// What the thread that did least did of its equal part.
    least: f64,
    /// How often the threads were taken from their processors.
    switches: u64,
    operations: u64,
}

impl Slice {
    fn is_good(&self) -> bool {
        if self.crowded {
            return self.overlap >= BUSY && self.least >= PART;
        }
        self.switches == 0 && self.overlap >= OVERLAP
    }

    /// Whether it is less disturbed than another one.
    fn is_better(&self, other: &Self) -> bool {
        // If crowded, somebody is taken from a processor all the time.
        let switches = |slice: &Self| if slice.crowded { 0 } else { slice.switches };
        (switches(self), -self.overlap) < (switches(other), -other.overlap)
    }
}

/// How many operations a row does at a time.
#[derive(Clone, Copy, Debug)]
struct Work {
    batch: u64,
    operations: u64,
    /// How long it works if there are more threads than processors.
    crowded: Duration,
}

/// Measures every row, with each number of threads.
pub fn measure(rows: &[Row], plan: &Plan) -> Times {
    let (works, mut operations): (Vec<Work>, Vec<u64>) = rows.iter().map(|row| fitting(row, plan.slice)).unzip();
    let mut slices = vec![vec![Vec::with_capacity(plan.rounds); plan.threads.len()]; rows.len()];
    for round in 0..plan.rounds {
        let now = |threads: usize| threads <= cores() || round % CROWDED_ROUNDS == 0;
        for (at, row) in rows.iter().enumerate() {
            for (threads, slices) in plan.threads.iter().zip(&mut slices[at]).filter(|(threads, _)| now(**threads)) {
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
    (Work { batch: lasting(BATCH), operations: lasting(slice), crowded: slice.max(CROWDED) }, 2 * PROBE)
}

/// The least disturbed of a few tries, and how many operations all of them did. With more threads than processors somebody
/// always has to wait: then it is the processor time that counts.
fn undisturbed(row: &Row, threads: usize, work: Work) -> (Slice, u64) {
    let mut best = slice(row, threads, work);
    let mut done = best.operations;
    let tries = if threads > cores() { CROWDED_TRIES } else { TRIES };
    for _ in 1..tries {
        if best.is_good() {
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
/// first that has done its operations ends it for all, so that none works alone. With more threads than processors it is the
/// first whose time is over: the one that is on a processor first would have done its operations before others come to it.
fn slice(row: &Row, threads: usize, work: Work) -> Slice {
    let (warm, ready, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let crowded = threads > cores();
    let one = || {
        row.run(work.batch);
        meet(&warm, threads);
        let switches = taken_away();
        meet(&ready, threads);
        let (processor, started, mut operations) = (processor_time(), Instant::now(), 0);
        while !over.load(Ordering::Relaxed) {
            row.run(work.batch);
            operations += work.batch;
            if if crowded { started.elapsed() >= work.crowded } else { operations >= work.operations } {
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
    together(&parts, threads as u64 * work.batch, cores())
}

fn meet(waiting: &AtomicUsize, threads: usize) {
    waiting.fetch_add(1, Ordering::AcqRel);
    while waiting.load(Ordering::Acquire) < threads {
        // Whoever is waited for may need this processor.
        if threads > cores() { thread::yield_now() } else { std::hint::spin_loop() }
    }
}

fn together(parts: &[Part], warming: u64, cores: usize) -> Slice {
    let crowded = parts.len() > cores;
    let wall = |part: &Part| (part.ended - part.started).as_nanos() as f64;
    let own = |part: &Part| if crowded { part.processor.as_nanos() as f64 } else { wall(part) };
    let measured: u64 = parts.iter().map(|part| part.operations).sum();
    let least = parts.iter().map(|part| part.operations).min().unwrap_or(0);
    let all = || parts.iter().map(own).sum::<f64>();
    let first_start = parts.iter().map(|part| part.started).min();
    let last_end = parts.iter().map(|part| part.ended).max();
    let whole = first_start.zip(last_end).map_or(0.0, |(start, end)| (end - start).as_nanos() as f64);
    let last_start = parts.iter().map(|part| part.started).max();
    let first_end = parts.iter().map(|part| part.ended).min();
    let common =
        last_start.zip(first_end).map_or(0.0, |(start, end)| end.saturating_duration_since(start).as_nanos() as f64);
    Slice {
        nanoseconds: all() / measured as f64,
        crowded,
        overlap: if crowded { all() / (cores as f64 * whole) } else { common * parts.len() as f64 / all() },
        least: least as f64 * parts.len() as f64 / measured as f64,
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
        assert_eq!(together(&[part(0, 10), part(10, 20)], 0, 2).overlap, 0.0);
        assert_eq!(together(&[part(0, 10), part(5, 15)], 0, 2).overlap, 0.5);
        let both = together(&[part(0, 10), part(0, 10)], 7, 2);
        assert_eq!((both.overlap, both.nanoseconds, both.operations), (1.0, 10.0, 2_000_007));
    }

    #[test]
    fn more_threads_than_processors_need_all_of_their_time_and_a_part_each() {
        let now = Instant::now();
        let part = |processor: u64, operations: u64| Part {
            started: now,
            ended: now + Duration::from_millis(60),
            processor: Duration::from_millis(processor),
            operations,
            switches: 9,
        };
        let three = together(&[part(40, 1_000_000), part(40, 1_000_000), part(40, 1_000_000)], 0, 2);
        assert_eq!((three.overlap, three.least, three.nanoseconds), (1.0, 1.0, 40.0));
        assert!(three.is_good(), "{three:?}");
        // One after the other, as if there were one processor: they have not hindered each other.
        let in_turn = together(&[part(20, 1_000_000), part(20, 1_000_000), part(20, 1_000_000)], 0, 2);
        assert!(!in_turn.is_good(), "{in_turn:?}");
        let idle = together(&[part(60, 1_000_000), part(60, 1_000_000), part(1, 10_000)], 0, 2);
        assert!(!idle.is_good(), "{idle:?}");
        // Within the processors, nobody may be taken from one.
        assert!(!together(&[part(60, 1_000_000), part(60, 1_000_000)], 0, 2).is_good());
    }

    #[test]
    fn every_thread_beyond_the_processors_works_for_several_slices_of_the_scheduler() {
        let (rows, threads) = ([row(0)], 2 * cores());
        let plan = Plan { rounds: 4, slice: Duration::from_micros(200), threads: vec![1, threads] };
        let started = Instant::now();
        let times = measure(&rows, &plan);
        assert!(started.elapsed() >= 2 * CROWDED, "rounds 0 and 3");
        assert_eq!((times.slices[0][0].len(), times.slices[0][1].len()), (4, 2));
        assert_eq!(wrong_totals(&rows, &times), [""; 0]);
        assert!(times.is_doubtful(&[0], 1), "two rounds are too few");
    }
}
