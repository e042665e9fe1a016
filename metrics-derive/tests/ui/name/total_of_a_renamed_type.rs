use metrics_core::{Gauge as Counter, Metrics};

#[derive(Metrics)]
struct Shop {
    /// Called a counter, but it is none.
    orders_total: Counter,
}

fn main() {}
