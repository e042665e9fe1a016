//! Is every compile error what it should be, to the letter?
//!
//! Compilers word and draw errors differently, so this compares with one version only, and says so with any other.
//! `TRYBUILD=overwrite cargo test -p metrics-derive --test ui` writes the expected errors anew, to be read in review.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The compiler whose errors are kept beside the cases.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn errors_are_worded_as_expected() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("a compiler to ask for its version");
    let version = String::from_utf8_lossy(&output.stdout).into_owned();
    if !version.starts_with(COMPILER) {
        eprintln!("SKIPPED: the expected errors are those of {COMPILER}x, this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*/*.rs");
}

#[test]
fn every_expected_error_has_a_case() {
    let (mut cases, mut errors) = (BTreeSet::new(), BTreeSet::new());
    for subject in entries(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui").as_path()) {
        for file in entries(&subject) {
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("rs") => cases.insert(file.with_extension("")),
                Some("stderr") => errors.insert(file.with_extension("")),
                _ => panic!("what is {}?", file.display()),
            };
        }
    }
    assert!(!cases.is_empty());
    assert_eq!(cases, errors, "left: cases, right: expected errors");
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}
