//! The command `metrics-kube`: see `metrics_kube::run`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    match metrics_kube::run(std::env::args().skip(1)) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("metrics-kube: {error}");
            ExitCode::FAILURE
        }
    }
}
