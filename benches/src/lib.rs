//! What does recording cost? The rows, and how they are measured; the programs in `bin` put them together.

#![forbid(unsafe_code)]

pub mod exchange;
pub mod labels;
pub mod measure;
pub mod memory;
pub mod report;
pub mod rows;
pub mod series;
