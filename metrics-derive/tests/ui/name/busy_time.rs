use metrics_core::{BusyTime, Metrics};

#[derive(Metrics)]
struct Shop {
    /// Seconds that are not said.
    tills_busy_total: BusyTime,
    /// Nothing is said.
    workers: BusyTime,
}

fn main() {}
