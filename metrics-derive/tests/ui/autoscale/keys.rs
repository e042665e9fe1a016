use metrics_core::{Gauge, Metrics};

#[derive(Metrics)]
struct Shop {
    /// Two meanings.
    #[metric(autoscale(average = 30))]
    first: Gauge,
    /// Nothing.
    #[metric(autoscale(min = 2))]
    second: Gauge,
    /// Two targets.
    #[metric(autoscale(per_pod = 30, shared = 10))]
    third: Gauge,
    /// Misspelled.
    #[metric(autoscale(per_pod = 30, combine = avg, over = "1 minute", min = -1, maximum = 3, scale_down = "1500ms"))]
    fourth: Gauge,
}

fn main() {}
