//! Does a scrape delay who makes new series? The same operations alone and beside scrapes that never stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use benches::series::{MOST, Texts};
use metrics_core::{Format, Registry};

use crate::families::{count_all, counters};

const NEW: usize = 20_000;

pub(crate) fn run(series: usize) {
    let series = series.min(100_000).min(MOST - NEW);
    for scraped in [false, true] {
        let beside = if scraped { format!("beside scrapes of {series}") } else { format!("beside {series}") };
        println!("| new series {beside}, first record included | {} |", told(latencies(series, scraped)));
    }
}

/// Nanoseconds of each operation.
fn latencies(series: usize, scraped: bool) -> Vec<u64> {
    let (texts, registry) = (Texts::new(), Registry::new());
    let family = counters(&registry, series + NEW);
    count_all(&family, &texts, series);
    let stop = Arc::new(AtomicBool::new(false));
    let scraper = scraped.then(|| {
        let (registry, stop) = (registry.clone(), stop.clone());
        thread::spawn(move || scrape_until(&registry, &stop))
    });
    let each = (series..series + NEW).map(|at| {
        let labels = texts.labels(at);
        let started = Instant::now();
        family.with(&labels).inc();
        u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    });
    let latencies = each.collect();
    stop.store(true, Ordering::Relaxed);
    if let Some(scraper) = scraper {
        scraper.join().expect("a scraper only reads");
    }
    latencies
}

fn scrape_until(registry: &Registry, stop: &AtomicBool) {
    let mut buffer = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let mut exposition = registry.exposition(Format::Text);
        while exposition.next_piece(&mut buffer) {
            buffer.clear();
        }
    }
}

fn told(mut latencies: Vec<u64>) -> String {
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    format!("median {} ns, 99.9 % {} ns, worst {} ns", at(0.5), at(0.999), at(1.0))
}
