use metrics_core::Metrics;

#[derive(Metrics)]
struct Shop {
    /// A number.
    orders: u64,
}

fn main() {}
