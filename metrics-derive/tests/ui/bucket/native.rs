use metrics_core::{Histogram, Metrics};

#[derive(Metrics)]
struct Shop {
    /// Does not grow.
    #[metric(native(factor = 1))]
    wait_seconds: Histogram,
    /// Negative.
    #[metric(native(zero_threshold = -1))]
    charge_seconds: Histogram,
    /// No room.
    #[metric(native(max_buckets = 0))]
    size_bytes: Histogram,
}

fn main() {}
