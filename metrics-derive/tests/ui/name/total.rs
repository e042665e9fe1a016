use metrics_core::{Counter, Family, Gauge, Histogram, NoLabels, Metrics, UpDownGauge};

#[derive(Metrics)]
#[metrics(prefix = "shop")]
struct Shop {
    /// Not there.
    orders: Counter,
    /// Not there, in a family.
    requests: Family<NoLabels, Counter<f64>>,
    /// Too much.
    queue_total: Gauge,
    /// Too much.
    #[metric(name = "waiting_total")]
    waiting: UpDownGauge,
    /// Too much.
    sizes_total: Histogram,
}

fn main() {}
