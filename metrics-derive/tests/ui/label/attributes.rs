use metrics_core::LabelSet;

#[derive(LabelSet)]
#[label(prefix = "a")]
struct Labels {
    #[label(skip, rename = "b")]
    a: u8,
    #[label(nested, rename = "b")]
    b: metrics_core::NoLabels,
    #[label(skip, nested)]
    c: metrics_core::NoLabels,
    #[label(rename = d)]
    d: u8,
    #[label(rename = "e", rename = "f")]
    e: u8,
    #[label(flatten)]
    f: u8,
    #[label]
    g: u8,
}

fn main() {}
