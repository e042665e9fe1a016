//! How does the cost grow: with threads, series, labels, buckets, and with threads that come and go?

mod about;
mod buckets;
pub mod come_and_go;
mod labels;
mod picture;
pub mod series;
mod threads;

use benches::measure::{Plan, Spread, Times};
use benches::report::overlap;
use serde::Serialize;

pub use about::About;
pub use picture::draw;

/// What is drawn.
#[derive(Debug, Serialize)]
pub struct Picture {
    /// Its name as a file, without an ending.
    pub file: &'static str,
    pub title: String,
    pub x: &'static str,
    pub y: &'static str,
    /// Whether each step is ten times as much: to the right, and up unless there is a 0.
    pub by_ten: (bool, bool),
    pub curves: Vec<Curve>,
    /// How it was measured.
    pub notes: Vec<String>,
}

/// One line in a picture.
#[derive(Debug, Serialize)]
pub struct Curve {
    pub name: String,
    pub points: Vec<Point>,
}

/// A median with its quartiles.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Point {
    pub x: f64,
    pub low: f64,
    pub median: f64,
    pub high: f64,
    /// Of all rounds, because too few were undisturbed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub doubtful: bool,
}

impl Point {
    fn new(x: f64, spread: Spread) -> Self {
        Self { x, low: spread.low, median: spread.median, high: spread.high, doubtful: false }
    }

    /// A row with one of the plan's numbers of threads.
    fn timed(x: f64, times: &Times, row: usize, threads: usize) -> Self {
        Self { doubtful: times.is_doubtful(&[row], threads), ..Self::new(x, times.of(row, threads)) }
    }
}

/// How a picture is made.
pub type Make = fn(rounds: usize) -> Result<Vec<Picture>, String>;

/// All of them, by what they are called on the command line.
pub const ALL: [(&str, Make); 5] = [
    ("come-and-go", come_and_go::pictures),
    ("threads", threads::pictures),
    ("series", series::pictures),
    ("labels", labels::pictures),
    ("buckets", buckets::pictures),
];

/// How what a plan measured was disturbed.
fn by_time(plan: &Plan, times: &Times) -> String {
    format!("{} rounds of {} ms: {}.", plan.rounds, plan.slice.as_millis(), overlap(plan, times))
}
