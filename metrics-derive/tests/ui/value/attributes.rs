use metrics_core::LabelValue;

#[derive(Clone, Copy, LabelValue)]
#[label(rename_all = "Snake_Case")]
enum Payment {
    #[label(alias = "c")]
    Card,
    #[label(other = "x")]
    Debit,
}

fn main() {}
