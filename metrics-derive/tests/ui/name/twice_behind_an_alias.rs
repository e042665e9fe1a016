use metrics_core::{Counter, Gauge, Metrics};

type Orders = Counter;

#[derive(Metrics)]
struct Shop {
    /// Orders.
    orders_total: Orders,
    /// The same without its suffix.
    orders: Gauge,
}

fn main() {}
