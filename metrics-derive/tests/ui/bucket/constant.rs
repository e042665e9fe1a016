use metrics_core::{Histogram, Metrics};

const UNSORTED: [f64; 2] = [0.5, 0.1];
const NONE: &[f64] = &[];
const LIMIT: f64 = f64::INFINITY;

#[derive(Metrics)]
struct Shop {
    /// Not sorted.
    #[metric(buckets = UNSORTED)]
    wait_seconds: Histogram,
    /// None.
    #[metric(buckets = NONE)]
    size_bytes: Histogram,
    /// Infinite.
    #[metric(buckets = [1, 2, LIMIT])]
    items: Histogram,
}

fn main() {}
