use metrics_core::LabelSet;

#[derive(LabelSet)]
struct Labels {
    kind: u8,
    #[label(rename = "kind")]
    r#type: u8,
}

fn main() {}
