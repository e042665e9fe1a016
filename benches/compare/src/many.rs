//! What do many series cost: to make, to keep, to write?

use benches::measure::Spread;

use crate::child::{Child, sample, total};
use crate::lines::{Line, Run};
use crate::service::Wire;
use crate::{floors, peers};

/// How often each series of a histogram is observed.
const OBSERVATIONS: usize = 4;
/// How often the floor and this library are asked at least.
const FEWEST: usize = 7;
/// In how many pieces series are made, each library in turn.
const PIECES: usize = 16;

/// So many counters, each library in turn.
pub fn counters(run: &mut Run, series: usize, rounds: usize) -> Result<(), String> {
    let mut children = start("counters", series)?;
    fill(run, &mut children, series)?;
    let name = format!("{} counters", thousands(series));
    for wire in Wire::ALL {
        let row = format!("{}, {name}", wire.name());
        encode(run, &mut children, &row, (wire, false), series, rounds)?;
        if wire == Wire::Text && series == 100_000 {
            encode(run, &mut children, &format!("{row}, gzip"), (wire, true), series, rounds)?;
        }
        check(&mut children, wire, "counters", total(series))?;
    }
    Ok(())
}

/// So many histograms of twelve buckets.
pub fn histograms(run: &mut Run, series: usize, rounds: usize) -> Result<(), String> {
    let mut children = start("histograms", series)?;
    for child in &mut children {
        child.ask(&format!("observe {series} {OBSERVATIONS}"))?;
    }
    for wire in [Wire::Text, Wire::Protobuf] {
        let row = format!("{}, {} histograms of 12 buckets", wire.name(), thousands(series));
        encode(run, &mut children, &row, (wire, false), series, rounds)?;
        check(&mut children, wire, "histograms", (series * OBSERVATIONS) as f64)?;
    }
    Ok(())
}

fn start(kind: &str, series: usize) -> Result<Vec<Child>, String> {
    let able = peers::all().into_iter().filter(|library| library.counters.is_some() && library.histograms.is_some());
    let mut children = vec![Child::start(floors::COPY, kind, series)?];
    for library in able {
        children.push(Child::start(library.name, kind, series)?);
    }
    Ok(children)
}

fn fill(run: &mut Run, children: &mut [Child], series: usize) -> Result<(), String> {
    let mut times = vec![Vec::new(); children.len()];
    for piece in 0..PIECES {
        for (child, times) in children.iter_mut().zip(&mut times) {
            let (from, to) = (series * piece / PIECES, series * (piece + 1) / PIECES);
            times.push(child.ask(&format!("fill {from} {to}"))?[0]);
        }
    }
    let name = format!("{} counters", thousands(series));
    for (child, times) in children.iter().zip(times).skip(1) {
        run.lines.push(Line::single(&format!("new series, {name}, ns"), &child.library, Spread::of(times)));
    }
    // Of fewer, pages and what a library has only once would tell more than the series.
    let large = children.iter_mut().skip(1).filter(|_| series >= 100_000);
    for child in large {
        let resident = child.ask("resident")?[0] / series as f64;
        let row = format!("resident, label text included, {name}, bytes a series");
        run.lines.push(Line::single(&row, &child.library, one(resident)));
    }
    Ok(())
}

/// Writes everything, each library in turn; the first time is not counted, but its memory is.
fn encode(
    run: &mut Run,
    children: &mut [Child],
    row: &str,
    (wire, compressed): (Wire, bool),
    series: usize,
    rounds: usize,
) -> Result<(), String> {
    let question = format!("encode {wire:?} {}", if compressed { "gzip" } else { "plain" });
    let mut able: Vec<&mut Child> = children.iter_mut().filter(|child| writes(child, wire)).collect();
    let mut answers: Vec<Vec<Vec<f64>>> = vec![Vec::new(); able.len()];
    for round in 0..=rounds.max(FEWEST) {
        for (child, answers) in able.iter_mut().zip(&mut answers) {
            let is_floor = child.library == floors::COPY;
            if round > rounds && !is_floor && child.library != peers::OURS {
                continue;
            }
            // A floor is what cannot be done faster: the bytes are as near as they can be kept.
            if is_floor {
                child.ask(&question)?;
            }
            answers.push(child.ask(&question)?);
        }
    }
    same_bytes(&able, &answers)?;
    let of =
        |answers: &[Vec<f64>], at: usize, by: f64| Spread::of(answers.iter().map(|answer| answer[at] / by).collect());
    let mut tell = |unit: &str, told: &dyn Fn(&[Vec<f64>]) -> Spread, floor: bool| {
        for (child, answers) in able.iter().zip(&answers).filter(|(child, _)| floor || child.library != floors::COPY) {
            run.lines.push(Line::single(&format!("{row}, {unit}"), &child.library, told(answers)));
        }
    };
    tell("ns a series", &|answers| of(&answers[1..], 0, series as f64), true);
    if series == 1_000_000 {
        let most = |answers: &[Vec<f64>]| answers.iter().map(|answer| answer[2] / 1024.0).fold(0.0, f64::max);
        tell("extra memory, KiB", &|answers| one(most(answers)), false);
    }
    if series >= 10_000 && series < 1_000_000 {
        tell("bytes a series", &|answers| of(answers, 1, series as f64), false);
    }
    Ok(())
}

/// The floor is one for what this library writes: of times in it, there may be one digit more or less.
fn same_bytes(able: &[&mut Child], answers: &[Vec<Vec<f64>>]) -> Result<(), String> {
    let of = |library: &str| Some(answers[able.iter().position(|child| child.library == library)?].last()?[1]);
    match of(floors::COPY).zip(of(peers::OURS)) {
        Some((copied, written)) if (copied - written).abs() > written * 0.01 => {
            Err(format!("{} are {copied} bytes, where {written} are written", floors::COPY))
        }
        _ => Ok(()),
    }
}

fn writes(child: &Child, wire: Wire) -> bool {
    child.library == floors::COPY || peers::find(&child.library).is_some_and(|library| library.wires.contains(&wire))
}

/// Whether what is written is what was recorded; protobuf is no text.
fn check(children: &mut [Child], wire: Wire, kind: &str, wanted: f64) -> Result<(), String> {
    if wire == Wire::Protobuf {
        return Ok(());
    }
    for child in children.iter_mut().filter(|child| writes(child, wire)) {
        let written = child.ask(&format!("check {wire:?} {}", sample(kind)))?[0];
        if (written - wanted).abs() > wanted * 1e-9 {
            return Err(format!("{} wrote a wrong total in {}: {written} of {wanted}", child.library, wire.name()));
        }
    }
    Ok(())
}

/// A value that there is only one of.
pub fn one(value: f64) -> Spread {
    Spread { low: value, median: value, high: value }
}

/// As `100,000`.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut told = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            told.push(',');
        }
        told.push(digit);
    }
    told
}
