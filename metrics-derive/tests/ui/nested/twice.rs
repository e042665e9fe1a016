use metrics_core::{Counter, Gauge, Metrics};

#[derive(Metrics)]
struct Inner {
    /// Orders.
    orders_total: Counter,
}

#[derive(Metrics)]
#[metrics(prefix = "shop")]
struct Shop {
    #[metric(nested)]
    first: Inner,
    #[metric(nested)]
    second: Inner,
    #[metric(nested, prefix = "third")]
    third: Inner,
    /// The same as a third one's.
    third_orders: Gauge,
}

fn main() {}
