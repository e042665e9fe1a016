use metrics_core::{Counter, Metrics};

type Bytes = Counter;

#[derive(Metrics)]
struct Shop {
    /// No unit.
    #[metric(unit = "bytes")]
    sent_total: Bytes,
    /// Another unit.
    received_kb_total: Bytes,
}

fn main() {}
