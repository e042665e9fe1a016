use metrics_core::{Histogram, Metrics};

#[derive(Metrics)]
struct Shop {
    /// No float.
    #[metric(buckets = ["0.5"])]
    wait_seconds: Histogram,
    /// No list.
    #[metric(buckets = 0.5)]
    size_bytes: Histogram,
}

fn main() {}
