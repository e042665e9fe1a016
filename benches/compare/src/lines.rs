//! How are results told? As one table in Markdown, and as JSON.

use std::cmp::Ordering;
use std::fmt::Write;

use benches::measure::Spread;
use serde::{Deserialize, Serialize};

use crate::floors::UNIT;
use crate::many::one;
use crate::peers::{self, OURS};
use crate::targets::{best_peer, verdicts};

/// Who a line is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Floor,
    Ours,
    Peer,
    /// A library that does something else in this row, for information.
    Apart,
}

/// What one library does in one row.
#[derive(Clone, Debug)]
pub struct Line {
    pub row: String,
    pub library: String,
    pub role: Role,
    /// By number of threads, as in [`Run::threads`]; rows that have no threads have one value.
    pub values: Vec<Spread>,
    /// Ratios that were made within the rounds: to whom, and by number of threads.
    pub ratios: Vec<(String, Vec<Spread>)>,
    /// What is said where there is no value.
    pub instead: Option<String>,
}

impl Line {
    /// One that has no threads.
    pub fn single(row: &str, library: &str, value: Spread) -> Self {
        let role = match library {
            OURS => Role::Ours,
            _ if peers::find(library).is_some() => Role::Peer,
            _ => Role::Floor,
        };
        let (row, library) = (row.to_owned(), library.to_owned());
        Self { row, library, role, values: vec![value], ratios: Vec::new(), instead: None }
    }

    /// One that has no value, and why.
    pub fn without(row: &str, library: &str, instead: String) -> Self {
        Self { values: Vec::new(), instead: Some(instead), ..Self::single(row, library, one(f64::NAN)) }
    }

    pub fn median(&self, threads: usize) -> Option<f64> {
        Some(self.values.get(threads)?.median)
    }

    /// Takes in ratios with one more number of threads.
    fn add(&mut self, ratios: &[Ratio]) {
        for Ratio { to, low, median, high } in ratios {
            let ratio = Spread { low: *low, median: *median, high: *high };
            match self.ratios.iter_mut().find(|(known, _)| known == to) {
                Some((_, ratios)) => ratios.push(ratio),
                None => self.ratios.push((to.clone(), vec![ratio])),
            }
        }
    }

    /// This one in times another one: as it was within the rounds, or, of two that did not take turns, by the other's median.
    pub fn in_times(&self, other: &Self, threads: usize) -> Option<Spread> {
        let within = self.ratios.iter().find(|(to, _)| *to == other.library && other.row == self.row);
        if let Some(ratio) = within.and_then(|(_, ratios)| ratios.get(threads)) {
            return Some(*ratio);
        }
        let (Spread { low, median, high }, by) = (self.values.get(threads)?, other.median(threads)?);
        (by > 0.0).then(|| Spread { low: low / by, median: median / by, high: high / by })
    }
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub struct Run {
    pub machine: String,
    pub threads: Vec<usize>,
    pub lines: Vec<Line>,
    /// What is said below the table.
    pub notes: Vec<String>,
}

impl Run {
    /// What libraries took in turn, round by round; ratios of this one are made within the rounds.
    pub fn in_turn(&mut self, row: &str, all: &[(String, Vec<f64>)]) {
        for (library, values) in all {
            let mut line = Line::single(row, library, Spread::of(values.clone()));
            let others = all.iter().filter(|(other, others)| {
                line.role == Role::Ours
                    && other != library
                    && others.len() > 1
                    && others.iter().all(|value| *value > 0.0)
            });
            let ratio =
                |others: &[f64]| Spread::of(values.iter().zip(others).map(|(own, other)| own / other).collect());
            line.ratios = others.map(|(other, others)| (other.clone(), vec![ratio(others)])).collect();
            self.lines.push(line);
        }
    }

    /// The table, and what is said around it.
    pub fn markdown(&self) -> String {
        let mut told = format!("{}\n\n", self.machine);
        told.push_str("x is one `AtomicU64::fetch_add` on a line that no other thread touches. ");
        told.push_str("Each cell: median (quartiles). In each row: floors, ours, the peers by speed.\n\n| row | |");
        for threads in &self.threads {
            let _ = write!(told, " {threads} thread{} | × x |", if *threads == 1 { "" } else { "s" });
        }
        told.push_str(" ours × best peer | target by a floor | target by the best peer |\n|---|---|");
        told.push_str(&"---:|---:|".repeat(self.threads.len()));
        told.push_str("---:|---|---|\n");
        for row in self.rows() {
            self.tell(row, &mut told);
        }
        told.push('\n');
        self.notes.iter().for_each(|note| told.push_str(&format!("{note}\n")));
        told
    }

    fn rows(&self) -> Vec<&str> {
        let mut rows: Vec<&str> = Vec::new();
        self.lines.iter().for_each(|line| {
            if !rows.contains(&&*line.row) {
                rows.push(&line.row);
            }
        });
        rows
    }

    /// The lines of one row.
    fn tell(&self, row: &str, told: &mut String) {
        let mut lines: Vec<&Line> = self.lines.iter().filter(|line| line.row == row).collect();
        let speed = |line: &Line| line.median(0).unwrap_or(f64::MAX);
        lines.sort_by(|a, b| match a.role.cmp(&b.role) {
            Ordering::Equal if a.role == Role::Peer => speed(a).total_cmp(&speed(b)),
            order => order,
        });
        for (at, line) in lines.into_iter().enumerate() {
            let ours = line.role == Role::Ours;
            let name = match (ours, peers::instead(&line.library, row)) {
                (true, _) => format!("**{}**", line.library),
                (false, Some(instead)) => format!("{} ({instead})", line.library),
                (false, None) => line.library.clone(),
            };
            let _ = write!(told, "| {} | {name} |", if at == 0 { row } else { "" });
            for threads in 0..self.threads.len() {
                let without = || line.instead.clone().filter(|_| threads == 0).unwrap_or_default();
                let cell = line.values.get(threads).map_or_else(without, |value| spread(*value));
                let ratio = self.to_x(line, threads).map_or(String::new(), |ratio| format!("{ratio:.2}"));
                let _ = write!(told, " {cell} | {ratio} |");
            }
            let best = if ours { self.to_best(line) } else { String::new() };
            let [by_floor, by_best] = if ours { verdicts(line, &self.lines) } else { [const { String::new() }; 2] };
            let _ = writeln!(told, " {best} | {by_floor} | {by_best} |");
        }
    }

    /// What x is in this run.
    fn x(&self, threads: usize) -> Option<f64> {
        self.lines.iter().find(|line| line.library == UNIT)?.median(threads)
    }

    fn to_x(&self, line: &Line, threads: usize) -> Option<f64> {
        let measured =
            line.ratios.iter().find(|(to, _)| *to == UNIT).and_then(|(_, ratios)| Some(ratios.get(threads)?.median));
        let computed = || Some(line.median(threads)? / self.x(threads)?);
        measured.or_else(|| is_nanoseconds(&line.row).then(computed).flatten())
    }

    /// This line in times the best peer of its row.
    fn to_best(&self, line: &Line) -> String {
        let ratio = |threads| line.in_times(best_peer(line, &self.lines, threads)?, threads);
        let ratios = (0..line.values.len()).filter_map(ratio).map(spread);
        ratios.collect::<Vec<_>>().join(" / ")
    }

    /// Everything, for programs.
    pub fn json(&self) -> String {
        let lines = self.lines.iter().flat_map(|line| {
            line.values.iter().enumerate().map(|(at, value)| Measured {
                row: line.row.clone(),
                library: line.library.clone(),
                threads: if line.values.len() == 1 { 1 } else { self.threads[at] },
                low: value.low,
                median: value.median,
                high: value.high,
                to_x: self.to_x(line, at),
                ratios: line.ratios.iter().filter_map(|(to, ratios)| Some(Ratio::of(to, *ratios.get(at)?))).collect(),
            })
        });
        let report = Report { machine: self.machine.clone(), notes: self.notes.clone(), lines: lines.collect() };
        serde_json::to_string_pretty(&report).expect("it is plain data")
    }

    /// Takes in what another program of the same form has measured.
    pub fn add(&mut self, json: &str) -> Result<(), String> {
        let report: Report = serde_json::from_str(json).map_err(|error| error.to_string())?;
        for measured in report.lines {
            let value = Spread { low: measured.low, median: measured.median, high: measured.high };
            let same = |line: &&mut Line| line.row == measured.row && line.library == measured.library;
            match self.lines.iter_mut().find(same) {
                Some(line) => {
                    line.values.push(value);
                    line.add(&measured.ratios);
                }
                None => {
                    let mut line = Line::single(&measured.row, &measured.library, value);
                    // A layer of somebody else is a peer, whatever it is called; one made by hand is nobody's, and does less.
                    let is_floor =
                        |name: &str| ["no", "two clock", "a layer by hand"].iter().any(|of| name.starts_with(of));
                    if line.role == Role::Floor && !is_floor(&measured.library) {
                        line.role = Role::Peer;
                    }
                    line.add(&measured.ratios);
                    self.lines.push(line);
                }
            }
        }
        self.notes.extend(report.notes);
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
struct Report {
    #[serde(default)]
    machine: String,
    #[serde(default)]
    notes: Vec<String>,
    lines: Vec<Measured>,
}

#[derive(Serialize, Deserialize)]
struct Measured {
    row: String,
    library: String,
    threads: usize,
    low: f64,
    median: f64,
    high: f64,
    #[serde(default)]
    to_x: Option<f64>,
    /// Made within the rounds.
    #[serde(default)]
    ratios: Vec<Ratio>,
}

#[derive(Serialize, Deserialize)]
struct Ratio {
    to: String,
    low: f64,
    median: f64,
    high: f64,
}

impl Ratio {
    fn of(to: &str, Spread { low, median, high }: Spread) -> Self {
        Self { to: to.to_owned(), low, median, high }
    }
}

/// Whether the name of a row ends with this unit, alone or with what it is counted by: `…, ns a series`.
fn is_nanoseconds(row: &str) -> bool {
    row.rsplit(", ").next().is_some_and(|unit| unit == "ns" || unit.starts_with("ns "))
}

/// A median with its quartiles; as many digits as it deserves.
pub fn spread(value: Spread) -> String {
    let number = |number: f64| match number.abs() {
        tiny if tiny > 0.0 && tiny < 0.1 => format!("{number:.3}"),
        small if small < 10.0 => format!("{number:.2}"),
        middle if middle < 1000.0 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    };
    if value.low == value.high {
        return number(value.median);
    }
    format!("{} ({} – {})", number(value.median), number(value.low), number(value.high))
}

#[cfg(test)]
mod tests {
    use super::{Line, Run, is_nanoseconds};
    use crate::COUNTER;
    use crate::floors::UNIT;
    use crate::many::one;

    #[test]
    fn only_nanoseconds_are_told_in_times_x() {
        assert!(is_nanoseconds("new series, 1,000 counters, ns"));
        assert!(is_nanoseconds("HTTP layer over one that does nothing, ns a request"));
        for row in ["HTTP layer, allocations a request", "worst new series during scrapes, µs", "size added, KiB"] {
            assert!(!is_nanoseconds(row), "{row}");
        }
        let lines = vec![
            Line::single(COUNTER, UNIT, one(2.0)),
            Line::single("HTTP layer, allocations a request", "a layer", one(14.0)),
            Line::single("new series, ns", "a library", one(14.0)),
        ];
        let run = Run { threads: vec![1], lines, ..Run::default() };
        assert_eq!(run.to_x(&run.lines[1], 0), None);
        assert_eq!(run.to_x(&run.lines[2], 0), Some(7.0));
    }
}
