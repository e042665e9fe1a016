//! Is the README's code the code of programs that run, and do they do what it says?

mod support;

use std::path::Path;
use support::{Program, address, get, output, value};

const README: &str = include_str!("../../README.md");

/// The text of the README's Rust blocks.
fn rust_blocks() -> Vec<&'static str> {
    README.split("```rust\n").skip(1).map(|rest| rest.split("```").next().expect("split gives one part")).collect()
}

#[test]
fn every_rust_block_is_a_program_of_the_examples() {
    let programs = [include_str!("../src/readme/quick_start.rs"), include_str!("../src/readme/typed.rs")];
    assert_eq!(rust_blocks(), programs.map(|program| program.split_once("\n\n").expect("a question comes first").1));
}

#[test]
fn five_lines_bring_the_first_metric_to_prometheus() {
    let marks: Vec<_> = rust_blocks()[0].lines().filter_map(|line| line.rsplit_once(" // ")).collect();
    assert_eq!(marks.iter().map(|(_, mark)| *mark).collect::<Vec<_>>(), ["1", "2", "3", "4", "5"]);

    let mut program = Program::start(env!("CARGO_BIN_EXE_quick_start"), &[]);
    let address = address(&program.line());
    assert_eq!(get(&address, "/hello").body, "Hello!\n");
    let metrics = get(&address, "/metrics");
    assert_eq!(value(&metrics.body, "hellos_total"), Some(1.0), "{}", metrics.body);
    assert!(metrics.body.contains("# TYPE http_server_request_duration_seconds histogram\n"), "{}", metrics.body);
    assert!(metrics.head.to_lowercase().contains("content-type: text/plain; version=0.0.4"), "{}", metrics.head);
}

#[test]
fn the_typed_example_prints_what_the_readme_shows() {
    let output = output(env!("CARGO_BIN_EXE_typed"), &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8_lossy(&output.stdout);
    let shown =
        README.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("it shows the output");
    assert!(printed.contains(shown), "the README shows\n{shown}\nbut the program prints\n{printed}");
}

#[test]
fn every_place_that_the_documents_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let places = include_str!("../../ARCHITECTURE.md").split('`').skip(1).step_by(2);
    let places: Vec<_> = places.filter(|place| place.contains("/src") || place.starts_with('.')).collect();
    assert!(places.len() > 10, "{places:?}");
    let missing: Vec<_> = places.into_iter().filter(|place| !root.join(place).exists()).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names places that do not exist: {missing:?}");
}
