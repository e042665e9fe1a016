use metrics_core::{Gauge, Histogram, Metrics};

type Wait = Histogram;
const ZERO: f64 = 0.0;

#[derive(Metrics)]
struct Shop {
    /// A quantile.
    #[metric(autoscale(per_pod = 0.5))]
    wait_seconds: Wait,
    /// Nothing.
    #[metric(autoscale(shared = ZERO))]
    first: Gauge,
}

fn main() {}
