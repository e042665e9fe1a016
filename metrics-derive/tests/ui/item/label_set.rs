use metrics_core::LabelSet;

#[derive(LabelSet)]
struct Tuple(bool);

#[derive(LabelSet)]
enum Choice {
    Card,
}

#[derive(LabelSet)]
struct Generic<T, const N: usize> {
    value: T,
}

fn main() {}
