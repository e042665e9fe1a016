use metrics_core::{Counter, Gauge, Histogram, Metrics};

#[derive(Metrics)]
struct Shop {
    /// Nothing.
    #[metric(objective())]
    first_seconds: Histogram,
    /// Both.
    #[metric(objective(ratio = 0.99, at_most = 0.5, label = "outcome", bad = ["x"], window = "30d"))]
    second_seconds: Histogram,
    /// Half.
    #[metric(objective(ratio = 0.99, label = "outcome", window = "30d"))]
    third_total: Counter,
    /// Another metric's.
    #[metric(objective(ratio = 0.99, at_most = 0.5, window = "30d"))]
    fourth_total: Counter,
    /// Another metric's.
    #[metric(objective(ratio = 0.99, label = "outcome", bad = ["x"], window = "30d"))]
    fifth_seconds: Histogram,
    /// No events.
    #[metric(objective(ratio = 0.99, at_most = 0.5, window = "30d"))]
    sixth: Gauge,
    /// Percent, no window.
    #[metric(objective(ratio = 99, at_most = 0.5, window = "0d"))]
    seventh_seconds: Histogram,
    /// Wrong values.
    #[metric(objective(ratio = 0.9, label = "outcome", bad = ["x", "x"], window = "1d"))]
    eighth_total: Counter,
    /// No values.
    #[metric(objective(ratio = 0.9, label = "outcome", bad = [], window = "1d"))]
    ninth_total: Counter,
    /// No list.
    #[metric(objective(ratio = 0.9, label = "outcome", bad = "x", window = "1d", budget = 3))]
    tenth_total: Counter,
}

fn main() {}
