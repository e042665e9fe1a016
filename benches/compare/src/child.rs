//! A process of its own for each library, where nothing that another one has freed is used again. The parent says what to do
//! next on the child's standard input and reads one line of numbers, so that all children take turns.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child as Process, ChildStdin, ChildStdout, Command, Stdio};

use benches::measure::processor_time;
use benches::memory::{peak, reset_peak, resident};
use benches::series::{MOST, Texts};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::peers::sum_in;
use crate::service::{self, Buffers, Open, Service, Wire};
use crate::{floors, peers, scraped};

/// The first argument of a child.
pub const ONE: &str = "--child";

/// A child, as its parent has it.
pub struct Child {
    pub library: String,
    process: Process,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Child {
    /// Of `counters` or `histograms`; it takes so many series at most.
    pub fn start(library: &str, kind: &str, most: usize) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| format!("this program was not found: {error}"))?;
        let mut command = Command::new(program);
        command.args([ONE, library, kind, &most.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| format!("{library} was not started: {error}"))?;
        let (input, output) = process.stdin.take().zip(process.stdout.take()).ok_or("a child has no pipes")?;
        Ok(Self { library: library.to_owned(), process, input, output: BufReader::new(output) })
    }

    /// The numbers that it answers with.
    pub fn ask(&mut self, what: &str) -> Result<Vec<f64>, String> {
        let mut line = String::new();
        let asked = writeln!(self.input, "{what}").and_then(|()| self.output.read_line(&mut line));
        let numbers: Vec<f64> = line.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        if asked.is_ok() && !numbers.is_empty() {
            return Ok(numbers);
        }
        Err(format!("{} did not answer `{what}`", self.library))
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
    let mut state = State { service: open(most), texts, before, buffers: Buffers::default(), made: 0 };
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
            ["check", wire, sample] => vec![self.check(Wire::parse(wire)?, sample)],
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

    /// The sum of the samples of this name, or of the one without `_total` (`fastmetrics` does not append it in text 0.0.4).
    fn check(&mut self, wire: Wire, sample: &str) -> f64 {
        let mut whole = Vec::new();
        self.service.encode(wire, &mut self.buffers, &mut |piece| whole.extend_from_slice(piece));
        let whole = String::from_utf8_lossy(&whole);
        let names = [Some(sample), sample.strip_suffix("_total")];
        let sum = names.into_iter().flatten().map(|name| sum_in(&whole, name)).find(|sum| *sum > 0);
        sum.unwrap_or(0) as f64
    }
}

/// What the samples of so many counters must add up to.
pub fn total(series: usize) -> f64 {
    (series * (series - 1) / 2 * 7) as f64
}

/// The name of the samples that tell how much was recorded.
pub fn sample(kind: &str) -> String {
    if kind == "counters" { service::COUNTERS.to_owned() } else { format!("{}_count", service::HISTOGRAMS) }
}
