//! The rows: what is measured, and how it is seen that it really happened.

mod floors;
mod foreign;
pub mod layer;
mod ours;

/// Twelve buckets and `+Inf`.
pub const BOUNDS: [f64; 12] = ours::BOUNDS;
pub use ours::latencies;

use std::hint::black_box;

/// How many handles, label sets or cells a row goes through in turn.
pub const HANDLES: usize = 64;

/// What a row must not cost more than.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// So many times …
    pub times: f64,
    /// … what this row costs.
    pub row: &'static str,
}

/// Something that is measured.
pub struct Row {
    /// What it is called, also on the command line.
    pub name: &'static str,
    /// What it must not cost more than.
    pub target: Option<Target>,
    work: Box<dyn Fn(u64) + Send + Sync>,
    total: Box<dyn Fn() -> u64 + Send + Sync>,
}

impl Row {
    /// `work` does so many operations, on whichever thread; `total` tells how many were done by all threads so far.
    pub fn new(
        name: &'static str,
        work: impl Fn(u64) + Send + Sync + 'static,
        total: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        Self { name, target: None, work: Box::new(work), total: Box::new(total) }
    }

    /// The same, with a target.
    #[must_use]
    pub fn at_most(mut self, times: f64, row: &'static str) -> Self {
        self.target = Some(Target { times, row });
        self
    }

    /// Does so many operations.
    pub fn run(&self, operations: u64) {
        (self.work)(operations);
    }

    /// How many operations have left their mark.
    pub fn total(&self) -> u64 {
        (self.total)()
    }
}

/// Calls `operation` so many times, with each item in turn; the compiler cannot know with which.
#[inline(always)]
pub fn rotate<T>(items: &[T; HANDLES], operations: u64, mut operation: impl FnMut(&T)) {
    for at in 0..operations {
        operation(black_box(&items[at as usize % HANDLES]));
    }
}

/// Every row of recording, floors first.
pub fn recording() -> Vec<Row> {
    let mut rows = floors::all();
    rows.extend(ours::all());
    rows.extend(layer::all());
    rows.extend(foreign::all());
    rows
}

/// The row of this name.
pub fn find(name: &str) -> Option<Row> {
    recording().into_iter().find(|row| row.name == name)
}
