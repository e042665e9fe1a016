use metrics_core::LabelValue;

#[derive(LabelValue)]
enum Payment {
    Card,
}

fn main() {}
