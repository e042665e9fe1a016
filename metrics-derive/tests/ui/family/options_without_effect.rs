use metrics_core::{Counter, Family, LabelSet, Metrics};

#[derive(LabelSet)]
struct Known {
    flag: bool,
}

#[derive(LabelSet)]
struct Unknown {
    name: String,
}

#[derive(Metrics)]
struct Alone {
    /// Alone.
    #[metric(zero_init = false)]
    first_total: Counter,
    /// Alone.
    #[metric(max_series = 10, max_value_bytes = 10)]
    second_total: Counter,
    /// Nothing left.
    #[metric(max_series = 0)]
    third_total: Family<Unknown, Counter>,
}

#[derive(Metrics)]
struct Families {
    /// Not known beforehand.
    #[metric(zero_init = false)]
    first_total: Family<Unknown, Counter>,
    /// All known.
    #[metric(max_series = 10, max_value_bytes = 10)]
    second_total: Family<Known, Counter>,
}

fn main() {}
