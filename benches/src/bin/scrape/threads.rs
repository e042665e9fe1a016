//! What does each further recording thread add, to memory and to a scrape? Up to 100,000 series: 64 threads that record
//! to every one of a million would take a gigabyte.

use std::sync::{Arc, Barrier};
use std::thread;

use benches::series::Texts;
use metrics_core::{Counter, Registry};

use crate::encode::{FORMATS, measure};
use crate::families::{Requests, count_all, counters, grown};

/// How many threads have recorded, each to every series.
const ARENAS: [usize; 3] = [1, 16, 64];

pub(crate) fn run(series: usize) {
    let series = series.min(100_000);
    let (texts, registry) = (Arc::new(Texts::new()), Registry::new());
    let family = counters(&registry, series);
    count_all(&family, &texts, series);
    let mut recorded = 1;
    for arenas in ARENAS {
        let more = arenas - recorded;
        if more > 0 {
            let (memory, ()) = grown(series * more, || record_on(more, &family, &texts, series));
            println!("| each of {more} further recording threads adds | {memory} |");
        }
        recorded = arenas;
        for (name, format) in FORMATS {
            let threads = if arenas == 1 { "thread has" } else { "threads have" };
            measure(&format!("{arenas} {threads} recorded, {name}"), &registry, format, series);
        }
    }
}

/// So many threads at the same time, so that none uses another's memory again. It stays when they have ended.
fn record_on(threads: usize, family: &Requests<Counter>, texts: &Arc<Texts>, series: usize) {
    let all = Arc::new(Barrier::new(threads));
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let (family, texts, all) = (family.clone(), texts.clone(), all.clone());
            thread::spawn(move || {
                family.with(&texts.labels(0)).inc();
                all.wait();
                count_all(&family, &texts, series);
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("a worker only records");
    }
}
