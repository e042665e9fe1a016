use metrics_core::{Counter, Gauge, Metrics};

#[derive(Metrics)]
struct Shop {
    /// Dashes are no letters.
    #[metric(name = "shop-orders_total")]
    orders: Counter,
    /// A digit first.
    #[metric(name = "2nd_queue")]
    queue: Gauge,
    /// Nothing at all.
    #[metric(name = "")]
    nothing: Gauge,
    /// Of a recording rule.
    #[metric(name = "job:depth")]
    recorded: Gauge,
    /// Of Prometheus.
    __depth: Gauge,
    /// Not ASCII.
    größe: Gauge,
}

fn main() {}
