//! What does it cost to write everything?

use benches::measure::processor_time;
use benches::memory::{peak, reset_peak, resident};
use metrics_core::{Format, Registry};

const ROUNDS: usize = 21;

/// What the formats are called in the table.
pub(crate) const FORMATS: [(&str, Format); 3] =
    [("text 0.0.4", Format::Text), ("OpenMetrics 1.0", Format::OpenMetrics), ("protobuf", Format::Protobuf)];

/// One scrape.
#[derive(Clone, Copy, Debug, Default)]
struct Scrape {
    nanoseconds: f64,
    longest_piece: f64,
    bytes: usize,
}

/// Prints the median over the rounds, as a scrape does it: piece by piece, into one buffer that is emptied.
pub(crate) fn measure(name: &str, registry: &Registry, format: Format, series: usize) {
    reset_peak();
    let before = resident();
    let mut buffer = Vec::new();
    let mut scrapes: Vec<Scrape> = (0..ROUNDS).map(|_| once(registry, format, &mut buffer)).collect();
    scrapes.sort_by(|one, other| one.nanoseconds.total_cmp(&other.nanoseconds));
    let extra = before
        .zip(peak())
        .map_or("?".to_owned(), |(before, after)| format!("{} KiB", after.saturating_sub(before) / 1024));
    let each = |share: usize| scrapes[ROUNDS * share / 4].nanoseconds / series as f64;
    let mut pieces: Vec<f64> = scrapes.iter().map(|scrape| scrape.longest_piece).collect();
    pieces.sort_by(f64::total_cmp);
    println!(
        "| {name} | {:.1} ns a series (quartiles {:.1} – {:.1}), {} B a series, {extra} more memory, longest piece {:.0} µs |",
        each(2),
        each(1),
        each(3),
        scrapes[0].bytes / series,
        pieces[ROUNDS / 2] / 1e3,
    );
}

fn once(registry: &Registry, format: Format, buffer: &mut Vec<u8>) -> Scrape {
    let mut scrape = Scrape::default();
    let mut exposition = registry.exposition(format);
    let started = processor_time();
    let mut last = started;
    loop {
        buffer.clear();
        let more = exposition.next_piece(buffer);
        let now = processor_time();
        scrape.longest_piece = scrape.longest_piece.max((now - last).as_nanos() as f64);
        scrape.nanoseconds = (now - started).as_nanos() as f64;
        scrape.bytes += buffer.len();
        last = now;
        if !more {
            return scrape;
        }
    }
}
