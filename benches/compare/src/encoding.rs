//! What do many series cost: to make, to keep, to write?

use std::process::Command;

use benches::measure::processor_time;
use benches::memory::resident;
use benches::series::Texts;

use crate::peers;

/// The first argument of a child.
pub const ONE: &str = "--one";
const ROUNDS: usize = 7;

/// The numbers of one library.
pub struct Encoded {
    pub library: &'static str,
    pub series: usize,
    /// To write one series.
    pub nanoseconds: f64,
    /// To make one.
    pub new_series: f64,
    pub resident: Option<f64>,
}

/// Writes everything; how many bytes that was.
pub type Encode = Box<dyn FnMut() -> usize>;
/// Makes so many series.
pub type Fill = fn(&Texts, usize) -> Encode;

/// Every library in a process of its own, where nothing that another one has freed is used again.
pub fn measure() -> Result<Vec<Encoded>, String> {
    let sizes = [1_000, 100_000];
    let pairs = sizes.into_iter().flat_map(|series| peers::filling().map(|(library, _)| (library, series)));
    pairs.map(|(library, series)| in_child(library, series)).collect()
}

fn in_child(library: &'static str, series: usize) -> Result<Encoded, String> {
    let program = std::env::current_exe().map_err(|error| format!("this program was not found: {error}"))?;
    let output = Command::new(program).args([ONE, library, &series.to_string()]).output();
    let output = output.map_err(|error| format!("{library} was not started: {error}"))?;
    let told = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = told.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    match numbers[..] {
        [nanoseconds, new_series, resident] if output.status.success() => {
            let resident = (resident >= 0.0).then_some(resident);
            Ok(Encoded { library, series, nanoseconds, new_series, resident })
        }
        _ => Err(format!("{library} failed with {series} series: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// The child's part: prints its three numbers. False if there is no such library, or the number is none.
pub fn answer(library: &str, series: &str) -> bool {
    let Some((library, fill)) = peers::filling().into_iter().find(|(name, _)| *name == library) else { return false };
    let Ok(series) = series.parse() else { return false };
    let encoded = one(library, fill, &Texts::new(), series);
    println!("{} {} {}", encoded.nanoseconds, encoded.new_series, encoded.resident.unwrap_or(-1.0));
    true
}

fn one(library: &'static str, fill: Fill, texts: &Texts, series: usize) -> Encoded {
    let (before, started) = (resident(), processor_time());
    let mut encode = fill(texts, series);
    let new_series = (processor_time() - started).as_nanos() as f64 / series as f64;
    let resident = before.zip(resident()).map(|(before, after)| after.saturating_sub(before) as f64 / series as f64);
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = processor_time();
            let bytes = encode();
            assert!(bytes > series * 50, "{library} wrote {bytes} bytes for {series} series");
            (processor_time() - started).as_nanos() as f64 / series as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    Encoded { library, series, nanoseconds: times[ROUNDS / 2], new_series, resident }
}
