//! Is what is written what is expected? One snapshot a shape, in `tests/expected`, where `tests/expected.rs` compiles it.
//!
//! `BLESS=1 cargo test -p metrics-derive --lib expand` writes the snapshots anew (with rustfmt), to be read in review.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse_quote};

fn snapshot(name: &str, written: &TokenStream) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name).with_extension("rs");
    if std::env::var_os("BLESS").is_some() {
        bless(&path, written);
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let expected: TokenStream = expected.parse().expect("a snapshot is Rust");
    assert_eq!(tokens(written), tokens(&expected), "{} is not what is written now", path.display());
}

/// The tokens without the commas that rustfmt puts and takes away at the ends of lists.
fn tokens(stream: &TokenStream) -> String {
    let text = stream.to_string().replace([' ', '\n'], "");
    [",)", ",}", ",]", ",>"].iter().fold(text, |text, end| text.replace(end, &end[1..]))
}

fn bless(path: &PathBuf, written: &TokenStream) {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--edition", "2024", "--config", "max_width=120"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut rustfmt = rustfmt.spawn().expect("rustfmt");
    let mut input = rustfmt.stdin.take().expect("a pipe");
    input.write_all(written.to_string().as_bytes()).expect("rustfmt to read");
    drop(input);
    let output = rustfmt.wait_with_output().expect("rustfmt to end");
    std::fs::write(path, output.stdout).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn all() -> DeriveInput {
    parse_quote! {
        #[metrics(prefix = "shop")]
        struct Shop {
            /// Orders.
            #[metric(objective(ratio = 0.99, label = "outcome", bad = ["failed"], window = "30d"))]
            orders_total: Family<Labels, Counter>,
            /// Depth.
            #[metric(autoscale(shared = 30, over = "1m", scale_down = "300s"))]
            queue_depth: Gauge,
            /// Time.
            #[metric(unit = "seconds", buckets = [0.1, 1], native)]
            wait_seconds: Histogram,
            /// An alias.
            scans_total: Total,
            #[metric(nested, prefix = "main")]
            db: Db,
        }
    }
}

#[test]
fn a_struct_of_metrics_is_written_as_expected() {
    snapshot("metrics", &super::metrics(&all()));
}

#[test]
fn an_enumerable_set_of_labels_is_written_as_expected() {
    let input: DeriveInput = parse_quote! {
        struct Labels {
            outcome: Outcome,
            retried: Option<bool>,
        }
    };
    snapshot("label_set", &super::label_set(&input));
}

#[test]
fn a_set_that_borrows_and_nests_is_written_as_expected() {
    let input: DeriveInput = parse_quote! {
        struct Borrowed<'a> {
            #[label(nested)]
            labels: Labels,
            #[label(rename = "kind")]
            route: &'a str,
            #[label(skip)]
            note: u8,
        }
    };
    snapshot("label_set_nested", &super::label_set(&input));
}

#[test]
fn label_values_are_written_as_expected() {
    let input: DeriveInput = parse_quote! {
        enum Outcome {
            Paid,
            Failed,
            #[label(other)]
            Other,
        }
    };
    snapshot("label_value", &super::label_value(&input));
}

#[test]
fn what_is_wrong_leaves_an_implementation_that_does_nothing() {
    let input: DeriveInput = parse_quote! {
        struct Wrong {
            orders: Counter,
        }
    };
    snapshot("metrics_wrong", &super::metrics(&input));
}

#[test]
fn another_crate_is_named_everywhere() {
    let mut metrics = all();
    metrics.attrs = vec![parse_quote!(#[metrics(prefix = "shop", crate = other)])];
    let labels: DeriveInput = parse_quote! {
        #[label(crate = other)]
        struct Labels {
            #[label(nested)]
            inner: Inner,
            outcome: bool,
        }
    };
    let values: DeriveInput = parse_quote! {
        #[label(crate = other)]
        enum Outcome {
            Paid,
            #[label(other)]
            Other,
        }
    };
    let wrong: DeriveInput = parse_quote! {
        #[metrics(crate = other)]
        struct Wrong(u8);
    };
    let written =
        [super::metrics(&metrics), super::label_set(&labels), super::label_value(&values), super::metrics(&wrong)];
    for written in written {
        let text = written.to_string();
        assert!(text.contains("other ::") && !text.contains("metrics_core"), "{text}");
    }
}
