//! What does a family cost that has more and more series?

use benches::measure::{Spread, processor_time};
use benches::series::Texts;

use super::{Curve, Picture, Point};
use crate::peers::{self, OURS};
use crate::service::{Buffers, Service, Wire};

const SIZES: [usize; 6] = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
const LIBRARIES: [&str; 4] = [OURS, "measured", "fastmetrics", "prometheus"];
/// Of each size in a round.
const RECORDS: usize = 20_000;

pub(super) fn pictures(rounds: usize) -> Result<Vec<Picture>, String> {
    let texts = Texts::new();
    let mut recorded = LIBRARIES.map(|library| Curve { name: library.to_owned(), points: Vec::new() });
    let mut written = LIBRARIES.map(|library| Curve { name: library.to_owned(), points: Vec::new() });
    for series in SIZES {
        let services = LIBRARIES.map(|library| filled(library, series, &texts));
        let mut buffers: [Buffers; LIBRARIES.len()] = Default::default();
        let mut times = vec![(Vec::new(), Vec::new()); LIBRARIES.len()];
        let rounds = if series > 100_000 { rounds.min(5) } else { rounds };
        for _ in 0..=rounds {
            for (at, service) in services.iter().enumerate() {
                times[at].0.push(record(&**service, series, &texts));
                times[at].1.push(write(&**service, series, &mut buffers[at]));
            }
        }
        for (at, (records, writes)) in times.into_iter().enumerate() {
            // The first round makes what later ones keep.
            recorded[at].points.push(Point::new(series as f64, Spread::of(records[1..].to_vec())));
            written[at].points.push(Point::new(series as f64, Spread::of(writes[1..].to_vec())));
        }
    }
    let picture = |file, title: &str, y, curves: [Curve; LIBRARIES.len()]| {
        let (title, curves) = (title.to_owned(), curves.into());
        Picture { file, title, x: "series with three labels", y, logarithmic: true, curves }
    };
    Ok(vec![
        picture("series-record", "Recording to a known series, each time another one", "ns an operation", recorded),
        picture("series-write", "Writing all series as text 0.0.4", "ns a series", written),
    ])
}

fn filled(library: &str, series: usize, texts: &Texts) -> Box<dyn Service> {
    let open = peers::find(library).and_then(|library| library.counters).expect("it has families");
    let service = open(series);
    (0..series).for_each(|at| service.add(&texts.labels(at), at as u64 * 7));
    service
}

/// In an order that no cache foresees.
fn record(service: &dyn Service, series: usize, texts: &Texts) -> f64 {
    let mut at = 0;
    let started = processor_time();
    for _ in 0..RECORDS {
        at = (at + 7919) % series;
        service.add(&texts.labels(at), 1);
    }
    (processor_time() - started).as_nanos() as f64 / RECORDS as f64
}

/// Small ones often, so that the clock is read seldom.
fn write(service: &dyn Service, series: usize, buffers: &mut Buffers) -> f64 {
    let times = (10_000 / series).max(1);
    let started = processor_time();
    for _ in 0..times {
        service.encode(Wire::Text, buffers, &mut |piece| {
            std::hint::black_box(piece.len());
        });
    }
    (processor_time() - started).as_nanos() as f64 / (series * times) as f64
}
