//! How long does one operation take? All rows take turns, many times, so that whatever else the machine does hits all of
//! them alike; what is told is the median over the rounds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::rows::Row;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How often the rows take turns.
    pub rounds: usize,
    /// Operations of one row in one round, on each thread.
    pub operations: u64,
}

/// Nanoseconds per operation as one thread sees it, by row and round.
#[derive(Clone, Debug)]
pub struct Times(Vec<Vec<f64>>);

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

impl Times {
    /// The time of a row over the rounds.
    pub fn of(&self, row: usize) -> Spread {
        Spread::of(self.0[row].clone())
    }

    /// The time of a row in times that of another one in the same round, over the rounds: what slows a whole round down
    /// cancels out.
    pub fn ratio(&self, row: usize, to: usize) -> Spread {
        Spread::of(self.0[row].iter().zip(&self.0[to]).map(|(time, other)| time / other).collect())
    }
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |quarters: usize| values.get(values.len() * quarters / 4).copied().unwrap_or(f64::NAN);
        Self { low: at(1), median: at(2), high: at(3) }
    }
}

/// Measures every row with this many threads that do the same at the same time.
pub fn measure(rows: &[Row], threads: usize, plan: Plan) -> Times {
    let mut times = vec![Vec::with_capacity(plan.rounds); rows.len()];
    for _ in 0..plan.rounds {
        for (row, times) in rows.iter().zip(&mut times) {
            times.push(round(row, threads, plan.operations));
        }
    }
    Times(times)
}

/// The mean over the threads. Each thread warms up first, then all start together: they wait awake, since being woken takes
/// as long as a short row.
fn round(row: &Row, threads: usize, operations: u64) -> f64 {
    let waiting = AtomicUsize::new(0);
    let one = || {
        row.run(operations / 64);
        waiting.fetch_add(1, Ordering::AcqRel);
        while waiting.load(Ordering::Acquire) < threads {
            std::hint::spin_loop();
        }
        let before = processor_time();
        row.run(operations);
        let spent = processor_time() - before;
        spent.as_nanos() as f64 / operations as f64
    };
    let each: Vec<f64> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        running.into_iter().map(|thread| thread.join().expect("a row does not panic")).collect()
    });
    each.iter().sum::<f64>() / threads as f64
}

/// How long this thread has been on a processor: what other programs take does not count.
pub fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
