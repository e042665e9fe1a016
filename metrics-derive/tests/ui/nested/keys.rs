use metrics_core::{Counter, Metrics};

#[derive(Metrics)]
struct Inner {
    /// Orders.
    orders_total: Counter,
}

#[derive(Metrics)]
struct Shop {
    #[metric(nested, help = "Inner.", unit = "bytes")]
    inner: Inner,
    #[metric(nested, prefix = "a_")]
    other: Inner,
}

fn main() {}
