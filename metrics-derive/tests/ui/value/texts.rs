use metrics_core::LabelValue;

#[derive(Clone, Copy, LabelValue)]
enum Payment {
    Card,
    #[label(rename = "card")]
    Debit,
    #[label(rename = "")]
    None,
    Transfer { bank: u8 },
    #[label(other)]
    Unknown,
    #[label(other)]
    Other,
}

fn main() {}
