use metrics_core::{Counter, Metrics};

#[derive(Metrics)]
struct Shop {
    #[metric(nested)]
    orders_total: Counter,
}

fn main() {}
