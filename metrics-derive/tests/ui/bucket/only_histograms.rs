use metrics_core::{Counter, Gauge, Histogram, Metrics};

type Depth = Gauge;

#[derive(Metrics)]
struct Shop {
    /// A counter.
    #[metric(buckets = [1, 2])]
    orders_total: Counter,
    /// A gauge.
    #[metric(native, classic = false)]
    depth: Gauge,
    /// No buckets at all.
    #[metric(classic = false)]
    wait_seconds: Histogram,
    /// Buckets that are not kept.
    #[metric(native, buckets = [1, 2], classic = false)]
    charge_seconds: Histogram,
}

#[derive(Metrics)]
struct Hidden {
    /// A gauge.
    #[metric(buckets = [1, 2])]
    first: Depth,
    /// A gauge.
    #[metric(native)]
    second: Depth,
}

fn main() {}
