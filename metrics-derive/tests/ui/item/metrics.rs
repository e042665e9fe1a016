use metrics_core::{Counter, Metrics};

#[derive(Metrics)]
struct Tuple(Counter);

#[derive(Metrics)]
enum Choice {
    Orders(Counter),
}

#[derive(Metrics)]
struct Generic<N> {
    /// Orders.
    orders_total: Counter<N>,
}

fn main() {}
