//! What does a family cost that has more and more series? Each library in a process of its own; the processes take turns.

use benches::measure::{Spread, processor_time};
use benches::series::Texts;

use super::{Curve, Picture, Point};
use crate::child::Child;
use crate::peers;
use crate::service::{Buffers, Service, Wire};
use crate::written::totals;

/// What a child is started for.
pub const KIND: &str = "series";
const SIZES: [usize; 6] = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
/// Of each size in a round.
const RECORDS: usize = 20_000;

pub(super) fn pictures(rounds: usize) -> Result<Vec<Picture>, String> {
    let libraries: Vec<&str> =
        peers::all().iter().filter(|library| library.counters.is_some()).map(|library| library.name).collect();
    let curves = || libraries.iter().map(|library| Curve { name: (*library).to_owned(), points: Vec::new() }).collect();
    let (mut recorded, mut written): (Vec<Curve>, Vec<Curve>) = (curves(), curves());
    for series in SIZES {
        let rounds = rounds.min(most(series));
        for (at, [records, writes]) in of_size(&libraries, series, rounds)?.into_iter().enumerate() {
            recorded[at].points.push(Point::new(series as f64, records));
            written[at].points.push(Point::new(series as f64, writes));
        }
    }
    let picture = |file, title: &str, y, curves| {
        let fewer =
            format!("{} of 100,000 series, {} of a million", rounds.min(most(100_000)), rounds.min(most(1_000_000)));
        let notes = vec![format!("{rounds} rounds, {fewer}; processor time, one thread; every total is right.")];
        Picture { file, title: title.to_owned(), x: "series with three labels", y, by_ten: (true, true), curves, notes }
    };
    let writing = "Writing all series as text 0.0.4 (foundations-metrics: OpenMetrics 1.0)";
    Ok(vec![
        picture("series-record", "Recording to a known series, each time another one", "ns an operation", recorded),
        picture("series-write", writing, "ns a series", written),
    ])
}

/// How many rounds at most, since they last long.
fn most(series: usize) -> usize {
    match series {
        1_000_000.. => 2,
        100_000.. => 7,
        _ => usize::MAX,
    }
}

/// Recording and writing, by library.
fn of_size(libraries: &[&str], series: usize, rounds: usize) -> Result<Vec<[Spread; 2]>, String> {
    let started: Result<Vec<Child>, String> =
        libraries.iter().map(|library| Child::start(library, KIND, series)).collect();
    let (mut children, mut times) = (started?, vec![[Vec::new(), Vec::new()]; libraries.len()]);
    for round in 0..=rounds {
        for (child, times) in children.iter_mut().zip(&mut times) {
            for (question, times) in ["record", "write"].into_iter().zip(times) {
                let time = child.ask(question)?[0];
                // The first round makes what later ones keep.
                if round > 0 {
                    times.push(time);
                }
            }
        }
    }
    let wanted = (series * (series - 1) / 2 * 7 + (rounds + 1) * RECORDS) as f64;
    for child in &mut children {
        let written = child.ask("check")?[0];
        if (written - wanted).abs() > wanted * 1e-9 {
            return Err(format!("`{}` wrote a wrong total of {series} series: {written} of {wanted}", child.library));
        }
    }
    Ok(times.into_iter().map(|times| times.map(Spread::of)).collect())
}

/// The child's part, until nobody asks any more. False if there is no such library.
pub fn answer(library: &str, series: &str) -> bool {
    let (Some(library), Ok(series)) = (peers::find(library), series.parse::<usize>()) else { return false };
    let wire = [Wire::Text, Wire::OpenMetrics].into_iter().find(|wire| library.wires.contains(wire));
    let (Some(open), Some(wire)) = (library.counters, wire) else { return false };
    let (service, texts, mut buffers) = (open(series), Texts::new(), Buffers::default());
    (0..series).for_each(|at| service.add(&texts.labels(at), at as u64 * 7));
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let number = match line.as_str() {
            "record" => record(&*service, series, &texts),
            "write" => write(&*service, series, wire, &mut buffers),
            "check" => written(&*service, wire, &mut buffers),
            _ => return false,
        };
        println!("{number}");
    }
    true
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
fn write(service: &dyn Service, series: usize, wire: Wire, buffers: &mut Buffers) -> f64 {
    let times = (10_000 / series).max(1);
    let started = processor_time();
    for _ in 0..times {
        service.encode(wire, buffers, &mut |piece| {
            std::hint::black_box(piece.len());
        });
    }
    (processor_time() - started).as_nanos() as f64 / (series * times) as f64
}

/// What all samples say together.
fn written(service: &dyn Service, wire: Wire, buffers: &mut Buffers) -> f64 {
    let mut whole = Vec::new();
    service.encode(wire, buffers, &mut |piece| whole.extend_from_slice(piece));
    totals(wire, &whole, "counters")[0]
}
