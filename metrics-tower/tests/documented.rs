//! Is every test that the table in `docs/http.md` names there?

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const TABLE: &str = include_str!("../../docs/http.md");

/// What stands in backticks and has the form `file::test`; a type's method is none.
fn named() -> BTreeSet<(&'static str, &'static str)> {
    let quoted = TABLE.split('`').skip(1).step_by(2);
    let paths = quoted.filter_map(|text| text.split_once("::"));
    paths.filter(|(file, _)| *file != "metrics_tower" && file.starts_with(|first: char| first.is_lowercase())).collect()
}

#[test]
fn every_test_that_the_table_names_is_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let named = named();
    assert!(named.len() > 40, "only {named:?}");
    for (file, test) in named {
        let text = fs::read_to_string(folder.join(file).with_extension("rs")).unwrap_or_default();
        let found = text.split("#[tokio::test").skip(1).any(|part| {
            let signature = part.lines().find(|line| line.contains("fn ")).unwrap_or_default();
            signature.contains(&format!("async fn {test}()"))
        });
        assert!(found, "{file}::{test} is no test");
    }
}
