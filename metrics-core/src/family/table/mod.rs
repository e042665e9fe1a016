//! The parts of which a sparse family's table is made: arrays that grow without moving, buckets, and texts.
//!
//! All of it is written by whoever holds the family's lock and read by everybody without one. Memory is never given
//! back while the family lives, only used again, and everything a reader touches is an atomic word: what a reader may
//! see in the wrong order it recognises by the series' handle word (see `sparse.rs`).

mod buckets;
mod segments;
mod texts;

pub(crate) use buckets::{Accept, Buckets, Found};
pub(crate) use segments::Segments;
pub(crate) use texts::{TextWriter, Texts, padded, words};
