use metrics_core::{Counter, Family, LabelSet, LabelValue, Metrics};

#[derive(Clone, Copy, LabelValue)]
enum Ten { A, B, C, D, E, F, G, H, I, J }

#[derive(LabelSet)]
struct Labels {
    first: Ten,
    second: Ten,
    third: Ten,
    fourth: Ten,
}

#[derive(Metrics)]
struct Shop {
    /// Too many.
    orders_total: Family<Labels, Counter>,
}

fn main() {}
