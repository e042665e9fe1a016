use metrics_core::{Counter, Metrics};

#[derive(Metrics)]
#[metrics(prefix = "shop_")]
struct Shop {
    /// Orders.
    orders_total: Counter,
}

#[derive(Metrics)]
#[metrics(prefix = "my-shop")]
struct Other {
    /// Orders; its own mistake is told too.
    orders: Counter,
}

fn main() {}
