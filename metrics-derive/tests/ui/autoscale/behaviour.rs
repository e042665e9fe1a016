use metrics_core::{Counter, Family, Gauge, LabelSet, Metrics};

#[derive(LabelSet)]
struct Labels {
    flag: bool,
}

#[derive(Metrics)]
struct Shop {
    /// Several series.
    #[metric(autoscale(per_pod = 30))]
    first: Family<Labels, Gauge>,
    /// Not from the start.
    #[metric(autoscale(per_pod = 30, combine = sum), zero_init = false)]
    second: Family<Labels, Gauge>,
    /// Too short.
    #[metric(autoscale(per_pod = 30, over = "5m", scale_down = "300s"))]
    third: Gauge,
    /// Too long.
    #[metric(autoscale(per_pod = 30, scale_down = "2h"))]
    fourth: Gauge,
    /// The wrong way round.
    #[metric(autoscale(per_pod = 30, min = 9, max = 3))]
    fifth: Gauge,
    /// None.
    #[metric(autoscale(per_pod = 30, max = 0))]
    sixth: Gauge,
    /// An average of a rate.
    #[metric(autoscale(per_second = 30, over = "1m"))]
    seventh_total: Counter,
    /// No time.
    #[metric(autoscale(per_pod = 30, over = "0s"))]
    eighth: Gauge,
}

fn main() {}
