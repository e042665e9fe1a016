//! Native (exponential) histograms: which bucket holds a value, and where a bucket ends.

mod bounds;
mod index;

pub(crate) use bounds::{COARSEST_SCHEMA, pick_schema, upper_bound};
pub(crate) use index::{FINEST_SCHEMA, bucket_index, downscale};
