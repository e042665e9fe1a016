use metrics_core::{Histogram, Metrics};

#[derive(Metrics)]
struct Shop {
    /// Too much room.
    #[metric(native(max_buckets = 70_000, schema = 3))]
    items: Histogram,
    /// No list.
    #[metric(native = true)]
    wait_seconds: Histogram,
}

fn main() {}
