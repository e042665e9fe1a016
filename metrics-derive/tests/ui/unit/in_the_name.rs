use metrics_core::{Counter, Gauge, Histogram, Metrics};

#[derive(Metrics)]
struct Shop {
    /// Milliseconds.
    wait_ms: Histogram,
    /// Kilobytes.
    sent_kb_total: Counter,
    /// Days.
    certificate_valid_days: Gauge,
}

fn main() {}
