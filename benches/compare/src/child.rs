//! A process of its own for each library, where nothing that another one has freed is used again. The parent says what to do
//! next on the child's standard input and reads one line of numbers, so that all children take turns.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child as Process, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use benches::measure::processor_time;
use benches::memory::{peak, reset_peak, resident};
use benches::series::{MOST, Texts};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::service::{self, Buffers, Open, Service, Wire};
use crate::written::totals;
use crate::{floors, peers, scraped};

/// The first argument of a child.
pub const ONE: &str = "--child";

/// A child, as its parent has it.
pub struct Child {
    pub library: String,
    process: Process,
    input: ChildStdin,
    /// Its answers, line by line.
    answers: Receiver<String>,
    /// It has been ended, because it took too long.
    pub is_late: bool,
}

impl Child {
    /// Of `counters` or `histograms`; it takes so many series at most.
    pub fn start(library: &str, kind: &str, most: usize) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| format!("this program was not found: {error}"))?;
        let mut command = Command::new(program);
        command.args([ONE, library, kind, &most.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| format!("{library} was not started: {error}"))?;
        let (input, output) = process.stdin.take().zip(process.stdout.take()).ok_or("a child has no pipes")?;
        let (told, answers) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            // Nobody listens any more when the child is dropped.
            let _ = lines.into_iter().try_for_each(|line| told.send(line));
        });
        Ok(Self { library: library.to_owned(), process, input, answers, is_late: false })
    }

    /// The numbers that it answers with.
    pub fn ask(&mut self, what: &str) -> Result<Vec<f64>, String> {
        let answer = self.ask_within(what, Duration::MAX)?;
        answer.ok_or_else(|| format!("{} did not answer `{what}`", self.library))
    }

    /// The same; `None` if there is no answer in time, and then the child is ended.
    pub fn ask_within(&mut self, what: &str, limit: Duration) -> Result<Option<Vec<f64>>, String> {
        let nothing = || format!("{} did not answer `{what}`", self.library);
        writeln!(self.input, "{what}").map_err(|_| nothing())?;
        let line = match self.answers.recv_timeout(limit) {
            Ok(line) => line,
            Err(RecvTimeoutError::Disconnected) => return Err(nothing()),
            Err(RecvTimeoutError::Timeout) => {
                self.end();
                return Ok(None);
            }
        };
        let numbers: Vec<f64> = line.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        if numbers.is_empty() { Err(nothing()) } else { Ok(Some(numbers)) }
    }

    /// Ends it, so that it takes no more memory and time.
    pub fn end(&mut self) {
        self.is_late = true;
        // It may have ended already.
        let _ = self.process.kill();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The child's part, until nobody asks any more. False if there is no such library.
pub fn answer(library: &str, kind: &str, most: &str) -> bool {
    let (Some(open), Ok(most)) = (opener(library, kind), most.parse()) else { return false };
    let texts = Texts::new();
    let before = resident();
    let kind = kind.to_owned();
    let mut state = State { kind, service: open(most), texts, before, buffers: Buffers::default(), made: 0 };
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(numbers) = state.answer(&words) else { return false };
        let told: Vec<String> = numbers.iter().map(f64::to_string).collect();
        println!("{}", told.join(" "));
    }
    true
}

fn opener(library: &str, kind: &str) -> Option<Open> {
    if library == floors::COPY {
        return Some(if kind == "counters" { floors::COUNTERS } else { floors::HISTOGRAMS });
    }
    let library = peers::find(library)?;
    if kind == "counters" { library.counters } else { library.histograms }
}

struct State {
    /// `counters` or `histograms`.
    kind: String,
    service: Box<dyn Service>,
    texts: Texts,
    before: Option<u64>,
    buffers: Buffers,
    /// How many series there are.
    made: usize,
}

impl State {
    fn answer(&mut self, words: &[&str]) -> Option<Vec<f64>> {
        Some(match *words {
            ["fill", from, to] => vec![self.fill(from.parse().ok()?, to.parse().ok()?)],
            ["observe", series, times] => vec![self.observe(series.parse().ok()?, times.parse().ok()?)],
            ["resident"] => vec![self.resident()],
            ["encode", wire, "plain"] => self.encode(Wire::parse(wire)?, false),
            ["encode", wire, "gzip"] => self.encode(Wire::parse(wire)?, true),
            ["check", wire, "plain"] => self.check(Wire::parse(wire)?, false),
            ["check", wire, "gzip"] => self.check(Wire::parse(wire)?, true),
            ["scraped"] => scraped::worst(&*self.service, &self.texts, &mut self.made).into(),
            _ => return None,
        })
    }

    /// Nanoseconds a new series.
    fn fill(&mut self, from: usize, to: usize) -> f64 {
        let started = processor_time();
        (from..to).for_each(|at| self.service.add(&self.texts.labels(at), at as u64 * 7));
        self.made = to.min(MOST);
        (processor_time() - started).as_nanos() as f64 / (to - from) as f64
    }

    /// Nanoseconds an observation.
    fn observe(&mut self, series: usize, times: usize) -> f64 {
        let started = processor_time();
        (0..series * times).for_each(|at| self.service.add(&self.texts.labels(at % series), at as u64 * 7));
        self.made = series;
        (processor_time() - started).as_nanos() as f64 / (series * times) as f64
    }

    fn resident(&self) -> f64 {
        let more = self.before.zip(resident()).map(|(before, after)| after.saturating_sub(before) as f64);
        more.unwrap_or(f64::NAN)
    }

    /// Nanoseconds, bytes that would be sent, and bytes of memory that it took beside what was there.
    fn encode(&mut self, wire: Wire, compressed: bool) -> Vec<f64> {
        reset_peak();
        let (mut bytes, before, started) = (0, resident(), processor_time());
        if compressed {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            self.service.encode(wire, &mut self.buffers, &mut |piece| {
                encoder.write_all(piece).expect("a Vec takes everything");
                bytes += std::mem::take(encoder.get_mut()).len();
            });
            encoder.try_finish().expect("a Vec takes everything");
            bytes += encoder.get_ref().len();
        } else {
            self.service.encode(wire, &mut self.buffers, &mut |piece| bytes += std::hint::black_box(piece).len());
        }
        let time = (processor_time() - started).as_nanos() as f64;
        let extra = before.zip(peak()).map_or(f64::NAN, |(before, peak)| peak.saturating_sub(before) as f64);
        vec![time, bytes as f64, extra]
    }

    /// What is written, compressed and inflated again on request, adds up to.
    fn check(&mut self, wire: Wire, compressed: bool) -> Vec<f64> {
        let mut whole = Vec::new();
        self.service.encode(wire, &mut self.buffers, &mut |piece| whole.extend_from_slice(piece));
        if compressed {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&whole).expect("a Vec takes everything");
            let sent = encoder.finish().expect("a Vec takes everything");
            whole.clear();
            GzDecoder::new(&*sent).read_to_end(&mut whole).expect("what was compressed can be inflated");
        }
        totals(wire, &whole, &self.kind)
    }
}

/// What the samples of so many counters must add up to.
pub fn counted(series: usize) -> Vec<f64> {
    vec![(series * (series - 1) / 2 * 7) as f64]
}

/// What the counts and the sums of so many histograms must add up to.
pub fn observed(series: usize, times: usize) -> Vec<f64> {
    let sum = (0..series * times).map(|at| service::observation(at as u64 * 7)).sum();
    vec![(series * times) as f64, sum]
}
