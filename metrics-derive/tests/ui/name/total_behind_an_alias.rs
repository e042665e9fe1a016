use metrics_core::{Counter, Gauge, Metrics};

type Orders = Counter;
type Depth = Gauge;

#[derive(Metrics)]
struct Shop {
    /// Not there.
    orders: Orders,
    /// Too much.
    #[metric(name = "queue_total")]
    queue: Depth,
}

fn main() {}
