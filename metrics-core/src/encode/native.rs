//! How are native buckets put on the wire?

/// A native histogram's buckets at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NativeValue<'a> {
    /// The resolution: bounds are powers of 2^(2^-schema); −4 to 8.
    pub(crate) schema: i32,
    /// Observations up to this distance from zero are in the zero bucket.
    pub(crate) zero_threshold: f64,
    /// How many those are.
    pub(crate) zero_count: u64,
    /// Index and count of the buckets for positive observations, by index; no index twice.
    pub(crate) positive: &'a [(i32, u64)],
    /// The same for negative observations, by the absolute value.
    pub(crate) negative: &'a [(i32, u64)],
}
