//! What does a library cost that is only there: when a program starts, and in its file?

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Instant;

use crate::lines::{Line, Run};
use crate::many::one;
use crate::peers;

/// The program that uses nothing.
const EMPTY: &str = "size_empty";

/// How long it takes to register a thousand counters with a fresh registry.
pub fn startup(run: &mut Run, rounds: usize) {
    static NAMES: OnceLock<Vec<String>> = OnceLock::new();
    let names = NAMES.get_or_init(|| (0..1000).map(|at| format!("metric_{at}_total")).collect());
    let able: Vec<_> = peers::all().into_iter().filter_map(|library| Some((library.name, library.register?))).collect();
    let mut times = vec![Vec::new(); able.len()];
    for _ in 0..rounds {
        for ((_, register), times) in able.iter().zip(&mut times) {
            let started = Instant::now();
            let registered = register(names);
            times.push(started.elapsed().as_nanos() as f64 / 1000.0);
            drop(registered);
        }
    }
    let all: Vec<_> = able.iter().zip(times).map(|((library, _), times)| ((*library).to_owned(), times)).collect();
    run.in_turn("startup: register 1,000 counters, µs", &all);
}

/// How much larger a program is that registers, records and writes, without symbols; `None` of those that are not built.
pub fn size(run: &mut Run) {
    let Some(empty) = length(EMPTY) else {
        return run.notes.push("Sizes: not built; `cargo build --release` here builds them.".to_owned());
    };
    for library in peers::all() {
        if let Some(length) = length(library.program) {
            let added = (length.saturating_sub(empty)) as f64 / 1024.0;
            run.lines.push(Line::single("size added to a program, KiB", library.name, one(added)));
        }
    }
}

fn length(program: &str) -> Option<u64> {
    let path: PathBuf = std::env::current_exe().ok()?.with_file_name(program);
    Some(std::fs::metadata(path).ok()?.len())
}
