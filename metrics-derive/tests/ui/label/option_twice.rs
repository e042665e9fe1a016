use metrics_core::LabelSet;

#[derive(LabelSet)]
struct Labels {
    maybe: Option<Option<bool>>,
}

fn main() {
    Labels { maybe: None }.index();
}
