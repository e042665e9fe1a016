use metrics_core::{BusyTime, Counter, Gauge, Histogram, Metrics};

#[derive(Metrics)]
struct Shop {
    /// A quantile.
    #[metric(autoscale(per_pod = 0.5))]
    wait_seconds: Histogram,
    /// A latency.
    #[metric(autoscale(per_pod = 0.5))]
    charge_seconds: Gauge,
    /// A raw total.
    #[metric(autoscale(per_pod = 10))]
    orders_total: Counter,
    /// A rate of a gauge.
    #[metric(autoscale(per_second = 10))]
    depth: Gauge,
    /// A rate of seconds.
    #[metric(autoscale(per_second = 10))]
    tills_busy_seconds_total: BusyTime,
    /// No seconds.
    #[metric(autoscale(concurrency = 10))]
    scans_total: Counter,
    /// Nothing.
    #[metric(autoscale(shared = 0))]
    first: Gauge,
    /// Negative.
    #[metric(autoscale(shared = -1))]
    second: Gauge,
    /// Infinite.
    #[metric(autoscale(shared = f64::INFINITY))]
    third: Gauge,
}

fn main() {}
