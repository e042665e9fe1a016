//! What do many series cost: to make, to keep, to write?

use std::thread;
use std::time::{Duration, Instant};

use benches::measure::{Spread, cores};

use crate::child::{Child, counted, observed};
use crate::lines::{Line, Run};
use crate::service::Wire;
use crate::{floors, peers};

/// How often each series of a histogram is observed.
const OBSERVATIONS: usize = 4;
/// How often the floor and this library are asked at least.
const FEWEST: usize = 7;
/// In how many pieces series are made, each library in turn.
const PIECES: usize = 16;

/// A library that needs longer for one thing is left out.
const LONGEST: Duration = Duration::from_secs(30);

/// How often is asked?
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// Each library, at most.
    pub rounds: usize,
    /// A library that has taken so long for a row is asked no more.
    pub patience: Duration,
}

/// So many counters, each library in turn.
pub fn counters(run: &mut Run, series: usize, asking: Asking) -> Result<(), String> {
    let mut children = start("counters", series)?;
    fill(run, &mut children, series)?;
    let name = format!("{} counters", thousands(series));
    let mut asked_once = Vec::new();
    for wire in Wire::ALL {
        let row = format!("{}, {name}", wire.name());
        encode(run, &mut children, &row, (wire, false), (series, asking), &mut asked_once)?;
        check(&mut children, (wire, false), &counted(series))?;
        if wire == Wire::Text && series == 100_000 {
            encode(run, &mut children, &format!("{row}, gzip"), (wire, true), (series, asking), &mut asked_once)?;
            check(&mut children, (wire, true), &counted(series))?;
        }
    }
    tell(run, &name, asking, &asked_once);
    Ok(())
}

/// So many histograms of twelve buckets.
pub fn histograms(run: &mut Run, series: usize, asking: Asking) -> Result<(), String> {
    let mut children = start("histograms", series)?;
    for child in &mut children {
        child.ask(&format!("observe {series} {OBSERVATIONS}"))?;
    }
    let name = format!("{} histograms of 12 buckets", thousands(series));
    let mut asked_once = Vec::new();
    for wire in [Wire::Text, Wire::Protobuf] {
        let row = format!("{}, {name}", wire.name());
        encode(run, &mut children, &row, (wire, false), (series, asking), &mut asked_once)?;
        check(&mut children, (wire, false), &observed(series, OBSERVATIONS))?;
    }
    tell(run, &name, asking, &asked_once);
    Ok(())
}

fn tell(run: &mut Run, name: &str, asking: Asking, asked_once: &[String]) {
    if !asked_once.is_empty() {
        run.notes.push(format!(
            "{name}: a library that had taken {} s for a row was asked no more; so {} wrote once, without quartiles, the first \
             time counted.",
            asking.patience.as_secs_f64(),
            asked_once.join(", ")
        ));
    }
}

fn start(kind: &str, series: usize) -> Result<Vec<Child>, String> {
    let able = peers::all().into_iter().filter(|library| library.counters.is_some() && library.histograms.is_some());
    let mut children = vec![Child::start(floors::COPY, kind, series)?];
    for library in able {
        children.push(Child::start(library.name, kind, series)?);
    }
    Ok(children)
}

/// What is said of a library that has taken too long, now or before.
fn too_long() -> String {
    format!("not within {} s", LONGEST.as_secs())
}

fn fill(run: &mut Run, children: &mut [Child], series: usize) -> Result<(), String> {
    let mut times = vec![Vec::new(); children.len()];
    let mut left = vec![LONGEST; children.len()];
    for piece in 0..PIECES {
        let (from, to) = (series * piece / PIECES, series * (piece + 1) / PIECES);
        let asked = children.iter_mut().zip(times.iter_mut().zip(&mut left)).filter(|(child, _)| !child.is_late);
        for (child, (times, left)) in asked {
            let started = Instant::now();
            times.extend(child.ask_within(&format!("fill {from} {to}"), *left)?.map(|answer| answer[0]));
            *left = left.saturating_sub(started.elapsed());
        }
    }
    let name = format!("{} counters", thousands(series));
    let row = format!("new series, {name}, ns");
    let all = children.iter().zip(times).skip(1);
    let done = all.filter(|(child, _)| !child.is_late).map(|(child, times)| (child.library.clone(), times));
    run.in_turn(&row, &done.collect::<Vec<_>>());
    for child in children.iter().filter(|child| child.is_late) {
        run.lines.push(Line::without(&row, &child.library, too_long()));
    }
    // Of fewer, pages and what a library has only once would tell more than the series.
    let large = children.iter_mut().skip(1).filter(|child| series >= 100_000 && !child.is_late);
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
    (series, asking): (usize, Asking),
    asked_once: &mut Vec<String>,
) -> Result<(), String> {
    let question = format!("encode {wire:?} {}", if compressed { "gzip" } else { "plain" });
    let mut able: Vec<&mut Child> = children.iter_mut().filter(|child| writes(child, wire)).collect();
    let mut answers: Vec<Vec<Vec<f64>>> = vec![Vec::new(); able.len()];
    let mut taken = vec![Duration::ZERO; able.len()];
    for round in 0..=asking.rounds.max(FEWEST) {
        for (child, (answers, taken)) in able.iter_mut().zip(answers.iter_mut().zip(&mut taken)) {
            let (is_floor, is_ours) = (child.library == floors::COPY, child.library == peers::OURS);
            // As long again as the mean of what it has taken.
            let next = taken.checked_div(answers.len() as u32).unwrap_or_default();
            let is_enough = round > asking.rounds || *taken + next > asking.patience;
            if child.is_late || (is_enough && !is_floor && !is_ours) {
                continue;
            }
            // A floor is what cannot be done faster: the bytes are as near as they can be kept.
            if is_floor {
                child.ask(&question)?;
            }
            let started = Instant::now();
            answers.extend(child.ask_within(&question, LONGEST)?);
            *taken += started.elapsed();
        }
    }
    same_bytes(&able, &answers)?;
    let by_library = |told: &dyn Fn(&[Vec<f64>]) -> Vec<f64>, with_floor: bool| {
        let all = able.iter().zip(&answers).filter(|(child, _)| with_floor || child.library != floors::COPY);
        let all =
            all.filter(|(child, _)| !child.is_late).map(|(child, answers)| (child.library.clone(), told(answers)));
        all.collect::<Vec<_>>()
    };
    let counted = |answers: &[Vec<f64>]| {
        let counted = if answers.len() > 1 { &answers[1..] } else { answers };
        counted.iter().map(|answer| answer[0] / series as f64).collect()
    };
    let row_of_times = format!("{row}, ns a series");
    run.in_turn(&row_of_times, &by_library(&counted, true));
    for (child, answers) in able.iter().zip(&answers) {
        if child.is_late {
            run.lines.push(Line::without(&row_of_times, &child.library, too_long()));
        } else if answers.len() == 1 && asking.rounds > 0 && !asked_once.contains(&child.library) {
            asked_once.push(child.library.clone());
        }
    }
    let mut single = |unit: &str, told: &dyn Fn(&[Vec<f64>]) -> f64| {
        for (library, values) in by_library(&|answers| vec![told(answers)], false) {
            run.lines.push(Line::single(&format!("{row}, {unit}"), &library, one(values[0])));
        }
    };
    if series == 1_000_000 {
        let most = |answers: &[Vec<f64>]| answers.iter().map(|answer| answer[2] / 1024.0).fold(0.0, f64::max);
        single("extra memory, KiB", &most);
    }
    if (10_000..1_000_000).contains(&series) {
        single("bytes a series", &|answers| answers[0][1] / series as f64);
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

/// Whether what is written, and inflated again where it was compressed, is what was recorded.
fn check(children: &mut [Child], (wire, compressed): (Wire, bool), wanted: &[f64]) -> Result<(), String> {
    let question = format!("check {wire:?} {}", if compressed { "gzip" } else { "plain" });
    let mut asked: Vec<&mut Child> =
        children.iter_mut().filter(|child| writes(child, wire) && !child.is_late).collect();
    // Nobody looks at the clock: as many at a time as there are processors.
    let mut answers = Vec::new();
    for some in asked.chunks_mut(cores()) {
        thread::scope(|scope| {
            let running: Vec<_> = some.iter_mut().map(|child| scope.spawn(|| child.ask(&question))).collect();
            answers.extend(running.into_iter().map(|asking| asking.join().expect("asking does not panic")));
        });
    }
    for (child, written) in asked.iter().zip(answers) {
        let written = written?;
        // Only counts are exact: a sum depends on the order, and one library keeps whole nanoseconds.
        let unit = peers::find(&child.library).map_or(1.0, |library| library.seconds);
        let is_right = |(at, (written, wanted)): (usize, (&f64, &f64))| match at {
            0 => (written - wanted).abs() <= wanted * 1e-9,
            _ => (written / unit - wanted).abs() <= wanted * 1e-6,
        };
        if written.len() != wanted.len() || !written.iter().zip(wanted).enumerate().all(is_right) {
            let (library, wire) = (&child.library, wire.name());
            return Err(format!("{library} wrote a wrong total in {wire}: {written:?} of {wanted:?}"));
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
