//! Are the files in `deploy/` what the declarations and `deploy/metrics-kube.yaml` make?
//!
//! `METRICS_KUBE_MEND=1 cargo test -p autoscaling --test deploy` makes them anew.

use std::process::Command;

#[test]
fn the_files_are_what_the_declarations_make() {
    metrics_kube::assert_catalogue("deploy/catalogue.json", &autoscaling::catalogue());
    metrics_kube::assert_up_to_date("deploy/");
}

#[test]
fn the_program_prints_its_catalogue_and_starts_nothing() {
    let output = Command::new(env!("CARGO_BIN_EXE_autoscaled")).arg("--catalogue").output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), autoscaling::catalogue().json());
}
