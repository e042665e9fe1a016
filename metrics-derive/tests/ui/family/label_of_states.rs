use metrics_core::{Family, LabelSet, LabelValue, Metrics, StateSet};

#[derive(Clone, Copy, LabelValue)]
enum Phase { Begun, Ended }

#[derive(LabelSet)]
struct Labels {
    phase: Phase,
}

#[derive(Metrics)]
struct Shop {
    /// It tells its states in a label that is called as it is.
    phase: Family<Labels, StateSet<Phase>>,
}

fn main() {}
