//! The same work on this library and on its peers, in one run. What is measured, by whom, and how it is told.

#![forbid(unsafe_code)]

pub mod child;
pub mod floors;
pub mod growth;
pub mod lines;
pub mod many;
pub mod peers;
pub mod recording;
pub mod scraped;
pub mod service;
pub mod single;
pub mod targets;
pub mod written;

/// What is recorded.
pub const COUNTER: &str = "counter handle";
pub const ENUMS: &str = "counter, 2 enum labels";
/// The caller has texts that it does not own: a library whose label sets own theirs has to copy them.
pub const DYNAMIC: &str = "counter, 3 dynamic labels, borrowed, warm";
/// The caller has kept the label set, so that one that owns its texts costs nothing.
pub const KEPT: &str = "counter, 3 dynamic labels, set kept, warm";
pub const GAUGE: &str = "gauge set";
pub const UP_DOWN: &str = "up/down gauge, inc + dec";
pub const FLOAT: &str = "f64 add";
pub const HISTOGRAM: &str = "histogram, 12 buckets";
pub const NATIVE: &str = "native histogram";
pub const TIMER: &str = "timer guard";
pub const BUSY: &str = "busy time, start + end, without the clock";

/// Every kind, in the order in which they are told.
pub const KINDS: [&str; 11] = [COUNTER, ENUMS, DYNAMIC, KEPT, GAUGE, UP_DOWN, FLOAT, HISTOGRAM, NATIVE, TIMER, BUSY];
