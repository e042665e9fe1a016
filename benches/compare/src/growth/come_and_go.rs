//! What do threads cost that record something and end?

use std::thread;
use std::time::Instant;

use benches::measure::Spread;
use benches::memory::resident;
use benches::rows::{HANDLES, Row};

use super::{Curve, Picture, Point, row};
use crate::COUNTER;
use crate::peers::OURS;

const THREADS: [usize; 5] = [1, 10, 100, 1_000, 10_000];
const LIBRARIES: [&str; 4] = [OURS, "foundations-metrics", "fast-telemetry", "prometheus"];

pub(super) fn pictures(_: usize) -> Result<Vec<Picture>, String> {
    let (mut first, mut reading, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for library in LIBRARIES {
        let before = resident().unwrap_or(0);
        let row = row(library, COUNTER);
        // Whatever is made once is made by the first thread.
        let mut lived = 1;
        live(&row);
        let (mut firsts, mut readings, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
        for threads in THREADS {
            let times: Vec<f64> = (lived..threads.max(lived + 31)).map(|_| live(&row)).collect();
            lived += times.len();
            let read = (0..31).map(|_| read(&row)).collect();
            let spread = Spread::of(times[times.len() - 31..].to_vec());
            firsts.push(Point::new(threads as f64, spread));
            readings.push(Point::new(threads as f64, Spread::of(read)));
            let more = resident().unwrap_or(0).saturating_sub(before) as f64 / 1024.0;
            bytes.push(Point { x: threads as f64, low: more, median: more, high: more });
        }
        let done = (lived * HANDLES) as u64;
        if row.total() != done {
            return Err(format!("`{library}` has a wrong total: {} of {done} operations", row.total()));
        }
        let curve = |points| Curve { name: library.to_owned(), points };
        first.push(curve(firsts));
        reading.push(curve(readings));
        kept.push(curve(bytes));
    }
    let picture = |file, title: &str, y, curves| Picture {
        file,
        title: title.to_owned(),
        x: "threads that have come and gone",
        y,
        logarithmic: true,
        curves,
    };
    Ok(vec![
        picture("come-and-go-record", "The first 64 counters that a new thread adds to", "ns a counter", first),
        picture("come-and-go-read", "Reading 64 counters that these threads have added to", "ns a counter", reading),
        picture("come-and-go-memory", "64 counters and what is left of these threads", "KiB resident", kept),
    ])
}

/// One thread: what one of its counters took it.
fn live(row: &Row) -> f64 {
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
