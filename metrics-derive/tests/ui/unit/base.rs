use metrics_core::{Counter, Gauge, Histogram, Metrics};

#[derive(Metrics)]
struct Shop {
    /// Milliseconds.
    #[metric(unit = "ms")]
    wait_ms: Histogram,
    /// Kilobytes.
    #[metric(unit = "KB")]
    sent_total: Counter,
    /// Kilobytes.
    #[metric(unit = "kilobytes")]
    cache_kilobytes: Gauge,
    /// Percent.
    #[metric(unit = "percent")]
    load_percent: Gauge,
}

fn main() {}
