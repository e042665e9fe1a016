use metrics_core::{Counter, Family, Histogram, LabelSet, LabelValue, Metrics};

#[derive(Clone, Copy, LabelValue)]
enum Outcome {
    Paid,
    Failed,
}

#[derive(LabelSet)]
struct Labels {
    outcome: Outcome,
}

#[derive(Metrics)]
struct Shop {
    /// No bucket.
    #[metric(buckets = [0.1, 1], objective(ratio = 0.99, at_most = 0.5, window = "30d"))]
    first_seconds: Histogram,
    /// No default bucket.
    #[metric(objective(ratio = 0.99, at_most = 0.3, window = "30d"))]
    second_seconds: Histogram,
    /// No label.
    #[metric(objective(ratio = 0.99, label = "status", bad = ["failed"], window = "30d"))]
    first_total: Family<Labels, Counter>,
    /// No value.
    #[metric(objective(ratio = 0.99, label = "outcome", bad = ["lost"], window = "30d"))]
    second_total: Family<Labels, Counter>,
    /// All values.
    #[metric(objective(ratio = 0.99, label = "outcome", bad = ["paid", "failed"], window = "30d"))]
    third_total: Family<Labels, Counter>,
}

fn main() {}
