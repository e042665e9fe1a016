use metrics_core::LabelSet;

#[derive(LabelSet)]
struct Labels {
    #[label(nested)]
    flag: bool,
}

fn main() {}
