use metrics_core::LabelSet;

struct Money(u64);

#[derive(LabelSet)]
struct Inner {
    flag: bool,
}

#[derive(LabelSet)]
struct Labels {
    price: f64,
    money: Money,
    inner: Inner,
}

fn main() {}
