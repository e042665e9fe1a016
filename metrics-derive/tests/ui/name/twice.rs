use metrics_core::{Counter, Gauge, Histogram, Metrics};

#[derive(Metrics)]
struct Shop {
    /// Orders.
    orders_total: Counter,
    /// The same.
    #[metric(name = "orders_total")]
    orders: Counter,
    /// The same without its suffix.
    #[metric(name = "orders")]
    waiting: Gauge,
    /// Sizes.
    size: Histogram,
    /// A sample of the histogram.
    size_count: Gauge,
}

fn main() {}
