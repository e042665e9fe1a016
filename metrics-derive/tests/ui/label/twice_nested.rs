use metrics_core::LabelSet;

#[derive(LabelSet)]
struct Route {
    route: String,
    kind: u8,
}

#[derive(LabelSet)]
struct Labels {
    #[label(nested)]
    inner: Route,
    kind: u8,
    #[label(nested)]
    other: Route,
}

fn main() {}
