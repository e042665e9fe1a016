//! Does some operations of one row and ends: what a counter of instructions runs twice, to take the difference.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use benches::rows::{Row, find, recording};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--list"] => {
            recording().iter().map(|row| row.name).for_each(|name| println!("{name}"));
            ExitCode::SUCCESS
        }
        [name, operations] => match (find(name), operations.parse()) {
            (Some(row), Ok(operations)) => run(&row, operations),
            (None, _) => refuse(&format!("there is no row `{name}`; --list tells which there are")),
            (_, Err(_)) => refuse(&format!("`{operations}`: expected a number of operations")),
        },
        _ => refuse("usage: instructions ROW OPERATIONS, or instructions --list"),
    }
}

/// The first round makes everything that is made once.
fn run(row: &Row, operations: u64) -> ExitCode {
    row.run(4096);
    row.run(operations);
    let wanted = 4096 + operations;
    if row.total() == wanted {
        return ExitCode::SUCCESS;
    }
    refuse(&format!("`{}` has a wrong total: {} of {wanted} operations", row.name, row.total()))
}

fn refuse(message: &str) -> ExitCode {
    eprintln!("instructions: {message}");
    ExitCode::FAILURE
}
