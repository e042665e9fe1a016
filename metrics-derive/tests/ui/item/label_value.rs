use metrics_core::LabelValue;

#[derive(LabelValue)]
struct Struct {
    value: u8,
}

#[derive(Clone, Copy, LabelValue)]
enum Empty {}

#[derive(Clone, Copy, LabelValue)]
enum Generic<T> {
    Card(T),
}

fn main() {}
