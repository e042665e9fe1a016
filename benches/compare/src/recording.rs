//! What does one operation cost?

use benches::measure::{Plan, measure};
use benches::report::overlap;
use benches::rows::Row;

use crate::lines::{Line, Role, Run};
use crate::peers::{self, OURS};
use crate::targets::{self, Limit};
use crate::{KINDS, floors};

/// Measures all ways of recording, of all libraries, and the floors in turn.
pub fn measure_into(run: &mut Run, plan: &Plan) -> Result<(), String> {
    let mut entries: Vec<(&'static str, &'static str)> = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    for (name, row) in floors::rows() {
        entries.push((name, ""));
        rows.push(row);
    }
    for library in peers::all() {
        for (kind, mut row) in (library.rows)() {
            row.name = library.name;
            entries.push((library.name, kind));
            rows.push(row);
        }
    }
    let times = measure(&rows, plan);
    let mut lost = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let ((library, kind), total, wanted) = (entries[at], row.total(), times.operations(at));
        if total < wanted && peers::loses(library, kind) {
            lost.push(format!("`{library}` has lost {} of {wanted} observations of {kind}.", wanted - total));
        } else if total != wanted {
            return Err(format!("{kind}, `{library}`: a wrong total, {total} of {wanted} operations"));
        }
    }
    let of = |at: usize, kind: &str, role: Role| {
        let ratios = |to_at: usize| {
            let each = (0..plan.threads.len()).map(|threads| times.ratio(at, to_at, threads)).collect();
            (entries[to_at].0.to_owned(), each)
        };
        let is_other = |(name, of): &(&str, &str)| {
            let is_limit = matches!(targets::of(kind), Some(Limit::Times(_, floor)) if floor == *name);
            *name == floors::UNIT || is_limit || (role == Role::Ours && *of == kind && *name != OURS)
        };
        Line {
            row: kind.to_owned(),
            library: entries[at].0.to_owned(),
            role,
            values: (0..plan.threads.len()).map(|threads| times.of(at, threads)).collect(),
            ratios: (0..entries.len()).filter(|other| is_other(&entries[*other])).map(ratios).collect(),
            instead: None,
        }
    };
    for kind in KINDS {
        for floor in floors::under(kind) {
            let at = entries.iter().position(|(name, _)| name == floor).expect("all floors are measured");
            run.lines.push(of(at, kind, Role::Floor));
        }
        for (at, (library, _)) in entries.iter().enumerate().filter(|(_, entry)| entry.1 == kind) {
            let role = match library {
                &OURS => Role::Ours,
                library if peers::instead(library, kind).is_some() => Role::Apart,
                _ => Role::Peer,
            };
            run.lines.push(of(at, kind, role));
        }
    }
    run.notes.push(format!("Recording: {} rounds; {}.", plan.rounds, overlap(plan, &times)));
    let operations: u64 = (0..rows.len()).map(|at| times.operations(at)).sum();
    let right = rows.len() - lost.len();
    run.notes.push(format!("The totals of {right} rows of {} are right: {operations} operations.", rows.len()));
    run.notes.extend(lost);
    Ok(())
}
