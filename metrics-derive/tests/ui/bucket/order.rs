use metrics_core::{Histogram, Metrics};

#[derive(Metrics)]
struct Shop {
    /// Not sorted.
    #[metric(buckets = [0.1, 0.5, 0.3, 1, 1.0])]
    wait_seconds: Histogram,
    /// No numbers.
    #[metric(buckets = [0.1, f64::NAN, f64::INFINITY])]
    charge_seconds: Histogram,
    /// None.
    #[metric(buckets = [])]
    size_bytes: Histogram,
    /// Below everything.
    #[metric(buckets = [std::f64::NEG_INFINITY, 0.0])]
    balance: Histogram,
}

fn main() {}
