use metrics_core::{Counter, Gauge, Metrics};

#[derive(Metrics)]
struct Shop {
    orders_total: Counter,
    ///
    queue_depth: Gauge,
    #[metric(help = " ")]
    waiting: Gauge,
}

fn main() {}
