//! What do many series cost: to make, to keep, to write?

use benches::measure::processor_time;
use benches::memory::resident;
use benches::series::Texts;

use crate::peers;

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

pub fn measure() -> Vec<Encoded> {
    let texts = Texts::new();
    let sizes = [1_000, 100_000];
    sizes
        .into_iter()
        .flat_map(|series| peers::filling().map(|(library, fill)| one(library, fill, &texts, series)))
        .collect()
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
