//! Does a scrape disturb those who record?

use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use benches::measure::{processor_time, slept};
use benches::series::{MOST, Texts};

use crate::child::Child;
use crate::lines::Run;
use crate::service::{Buffers, Service, Wire};
use crate::{floors, peers};

/// How long is recorded at least, once with scrapes and once without.
const WINDOW: Duration = Duration::from_millis(50);
/// How far new series are apart.
const PACE: Duration = Duration::from_micros(20);
/// A library that has taken so long is asked no more, so that one with slow scrapes does not hold up the run.
const PATIENCE: Duration = Duration::from_secs(3);
const SERIES: usize = 100_000;

/// Each library in turn, in the format that it is best in.
pub fn measure_into(run: &mut Run, rounds: usize) -> Result<(), String> {
    let mut children = Vec::new();
    for library in peers::all().into_iter().filter(|library| library.counters.is_some()) {
        let mut child = Child::start(library.name, "counters", MOST)?;
        child.ask(&format!("fill 0 {SERIES}"))?;
        children.push(child);
    }
    let mut floor = Child::start(floors::COPY, "counters", SERIES)?;
    floor.ask(&format!("fill 0 {SERIES}"))?;
    children.insert(0, floor);
    let (mut answers, mut taken) = (vec![Vec::new(); children.len()], vec![Duration::ZERO; children.len()]);
    for _ in 0..rounds {
        for (child, (answers, taken)) in children.iter_mut().zip(answers.iter_mut().zip(&mut taken)) {
            if *taken < PATIENCE || child.library == peers::OURS {
                let started = Instant::now();
                answers.push(child.ask("scraped")?);
                *taken += started.elapsed();
            }
        }
    }
    let rows = [
        "worst recording operation without scrapes, µs",
        "worst recording operation during scrapes, µs",
        "worst new series without scrapes, µs",
        "worst new series during scrapes, µs",
    ];
    for (at, row) in rows.into_iter().enumerate() {
        let all = children.iter().zip(&answers).map(|(child, answers)| {
            let library = if child.library == floors::COPY { "nothing done, memory copied" } else { &child.library };
            (library.to_owned(), answers.iter().map(|answer: &Vec<f64>| answer[at] / 1000.0).collect())
        });
        run.in_turn(row, &all.collect::<Vec<_>>());
    }
    run.notes.push(format!(
        "Worst operation: of {rounds} windows of at least {} ms each (of as many as fit in {} s, where a scrape takes long), \
         with {SERIES} series; median of the worsts (quartiles). \
         Time for which other programs had the processor does not count, that for which a lock was waited for does.",
        WINDOW.as_millis(),
        PATIENCE.as_secs()
    ));
    Ok(())
}

/// The child's part: the worst nanoseconds of recording without and with scrapes, of new series without and with.
pub fn worst(service: &dyn Service, texts: &Texts, made: &mut usize) -> [f64; 4] {
    let (known, asleep) = (*made, Cell::new(slept()));
    let mut at = 0;
    let mut record = || {
        at = (at + 7919) % known;
        service.add(&texts.labels(black_box(at)), 1);
    };
    let (recorded_with, lasting) = while_scraping(service, &mut || timed(&asleep, &mut record));
    let recorded_without = for_as_long(lasting, &mut || timed(&asleep, &mut record));
    let mut add = || {
        service.add(&texts.labels(black_box(*made)), 1);
        *made = (*made + 1).min(MOST - 1);
    };
    let mut paced = || {
        let started = Instant::now();
        let time = timed(&asleep, &mut add);
        while started.elapsed() < PACE {
            std::hint::spin_loop();
        }
        time
    };
    let (added_with, lasting) = while_scraping(service, &mut paced);
    let added_without = for_as_long(lasting, &mut paced);
    [recorded_without, recorded_with, added_without, added_with]
}

/// Nanoseconds; where other programs took the processor meanwhile, those on the processor. Where the thread went to sleep, as
/// for a lock, all of them.
fn timed(asleep: &Cell<u64>, work: &mut impl FnMut()) -> f64 {
    const LONG: Duration = Duration::from_micros(20);
    let (before, started) = (processor_time(), Instant::now());
    work();
    let (all, own) = (started.elapsed(), processor_time() - before);
    if all.saturating_sub(own) < LONG || asleep.replace(slept()) != asleep.get() {
        return all.as_nanos() as f64;
    }
    own.as_nanos() as f64
}

/// The worst while another thread scrapes, and how long that was.
fn while_scraping(service: &dyn Service, operation: &mut impl FnMut() -> f64) -> (f64, Duration) {
    let (begun, over) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut buffers = Buffers::default();
            let wire =
                Wire::ALL.into_iter().find(|wire| is_written(service, *wire, &mut buffers)).unwrap_or(Wire::Text);
            begun.store(true, Ordering::Release);
            let started = Instant::now();
            while started.elapsed() < WINDOW {
                service.encode(wire, &mut buffers, &mut |piece| {
                    black_box(piece.len());
                });
            }
            over.store(true, Ordering::Release);
        });
        while !begun.load(Ordering::Acquire) {
            std::hint::spin_loop();
        }
        let (started, mut worst) = (Instant::now(), 0.0);
        while !over.load(Ordering::Acquire) {
            worst = f64::max(worst, operation());
        }
        (worst, started.elapsed())
    })
}

/// Whether the library has the format at all: the first scrape also makes what later ones keep.
fn is_written(service: &dyn Service, wire: Wire, buffers: &mut Buffers) -> bool {
    let mut bytes = 0;
    service.encode(wire, buffers, &mut |piece| bytes += piece.len());
    bytes > 0
}

fn for_as_long(lasting: Duration, operation: &mut impl FnMut() -> f64) -> f64 {
    let (started, mut worst) = (Instant::now(), 0.0);
    while started.elapsed() < lasting {
        worst = f64::max(worst, operation());
    }
    worst
}
