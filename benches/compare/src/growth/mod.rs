//! How does the cost grow: with threads, series, labels, buckets, and with threads that come and go?

mod buckets;
mod come_and_go;
mod labels;
mod picture;
mod series;
mod threads;

use benches::measure::Spread;
use benches::rows::Row;
use serde::Serialize;

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
    pub logarithmic: bool,
    pub curves: Vec<Curve>,
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
}

impl Point {
    fn new(x: f64, spread: Spread) -> Self {
        Self { x, low: spread.low, median: spread.median, high: spread.high }
    }
}

/// How a picture is made.
pub type Make = fn(rounds: usize) -> Result<Vec<Picture>, String>;

/// All of them, by what they are called on the command line.
///
/// The first tells memory, and must not find any that others have freed.
pub const ALL: [(&str, Make); 5] = [
    ("come-and-go", come_and_go::pictures),
    ("threads", threads::pictures),
    ("series", series::pictures),
    ("labels", labels::pictures),
    ("buckets", buckets::pictures),
];

/// The way of recording of this kind of this library.
fn row(library: &str, kind: &str) -> Row {
    let library = crate::peers::find(library).expect("there is this library");
    let (_, mut row) = (library.rows)().into_iter().find(|(of, _)| *of == kind).expect("it has this kind");
    row.name = library.name;
    row
}
