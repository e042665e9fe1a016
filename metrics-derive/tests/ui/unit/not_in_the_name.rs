use metrics_core::{Counter, Gauge, Histogram, Metrics};

#[derive(Metrics)]
struct Shop {
    /// Another unit.
    #[metric(unit = "seconds")]
    wait_bytes: Histogram,
    /// No unit.
    #[metric(unit = "bytes")]
    sent_total: Counter,
    /// An old unit.
    #[metric(unit = "seconds")]
    wait_ms: Gauge,
}

fn main() {}
