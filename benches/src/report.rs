//! How are results told? As a Markdown table, which can be put into a document.

use std::fmt::Write;

use crate::measure::{FEWEST, Plan, Spread, Times, cores};
use crate::rows::Row;

/// A table of what was measured, with each number of threads.
pub fn table(rows: &[Row], unit: usize, plan: &Plan, times: &Times) -> String {
    let mut table = String::from("| row |");
    for threads in &plan.threads {
        let _ = write!(table, " ns, {threads} thread{} | × x |", if *threads == 1 { "" } else { "s" });
    }
    table.push_str(" target | |\n|---|");
    table.push_str(&"---:|---:|".repeat(plan.threads.len()));
    table.push_str("---|---|\n");
    for (at, row) in rows.iter().enumerate() {
        let _ = write!(table, "| {} |", row.name);
        for threads in 0..plan.threads.len() {
            let ratio = times.ratio(at, unit, threads).median;
            let mark = if times.is_doubtful(&[at, unit], threads) { DOUBTFUL } else { "" };
            let _ = write!(table, " {}{mark} | {ratio:.2}{mark} |", nanoseconds(times.of(at, threads)));
        }
        let _ = writeln!(table, " {} |", verdict(rows, row, at, plan, times));
    }
    table
}

/// Marks what is told of all rounds, because too few of them were undisturbed.
pub const DOUBTFUL: &str = "†";

/// How far the threads of one row were at work at the same time, and how often they were disturbed.
pub fn overlap(plan: &Plan, times: &Times) -> String {
    let share = |share: f64| format!("{:.1} %", share * 100.0);
    let of = |at: usize, threads: usize| {
        let (overlap, disturbed) = (times.overlap(at), times.disturbed(at));
        let (median, low) = (share(overlap.median), share(overlap.low));
        let met = match threads {
            1 => "1 thread".to_owned(),
            crowded if crowded > cores() => format!(
                "{threads} threads had {median} of the time of {} processors (lower quartile {low}), and who did least did {} \
                 of its part",
                cores(),
                share(times.least(at).median)
            ),
            _ => format!("{threads} threads were at work together for {median} of their time (lower quartile {low})"),
        };
        let met = if overlap.median.is_nan() { format!("{threads} threads") } else { met };
        let doubtful = (0..times.rows()).filter(|row| times.is_doubtful(&[*row], at)).count();
        let but = match doubtful {
            0 => String::new(),
            rows => format!(", but in {rows} of {} rows fewer than {FEWEST} were not: all do there", times.rows()),
        };
        format!("{met}; {} of the rounds were disturbed and do not count{but}", share(disturbed))
    };
    let each: Vec<String> = plan.threads.iter().enumerate().map(|(at, threads)| of(at, *threads)).collect();
    each.join("; ")
}

/// A median, and the quartiles around it.
pub fn nanoseconds(spread: Spread) -> String {
    format!("{:.2} ({:.2} – {:.2})", spread.median, spread.low, spread.high)
}

/// The target, and whether it is met with every number of threads.
fn verdict(rows: &[Row], row: &Row, at: usize, plan: &Plan, times: &Times) -> String {
    let Some(target) = row.target else { return "|".to_owned() };
    let Some(to) = rows.iter().position(|other| other.name == target.row) else { return "|".to_owned() };
    let ratios: Vec<f64> = (0..plan.threads.len()).map(|threads| times.ratio(at, to, threads).median).collect();
    let told: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    let met = ratios.iter().all(|ratio| *ratio <= target.times);
    let verdict = if met { "met" } else { "**missed**" };
    format!("≤ {} × {} | {verdict}: {}", target.times, target.row, told.join(" / "))
}

/// One number, as `compare --add` takes it.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// What was measured, with its unit.
    pub row: &'a str,
    /// Of whom; `ours` is this library.
    pub library: &'a str,
    /// With how many threads.
    pub threads: usize,
    /// How much it was.
    pub value: Spread,
    /// The same in times what others took, made within the rounds.
    pub ratios: Vec<(&'a str, Spread)>,
}

/// All of them, and what is said beside; nothing may need an escape.
pub fn json(all: &[Told<'_>], notes: &[String]) -> String {
    let line = |told: &Told<'_>| {
        let Told { row, library, threads, value, ratios } = told;
        let ratios: Vec<String> =
            ratios.iter().map(|(to, ratio)| format!(r#"{{"to":"{to}",{}}}"#, quartiles(ratio))).collect();
        format!(
            r#"{{"row":"{row}","library":"{library}","threads":{threads},{},"ratios":[{}]}}"#,
            quartiles(value),
            ratios.join(",")
        )
    };
    let lines: Vec<String> = all.iter().map(line).collect();
    let notes: Vec<String> = notes.iter().map(|note| format!("\"{note}\"")).collect();
    format!("{{\"notes\":[{}],\"lines\":[\n{}\n]}}\n", notes.join(","), lines.join(",\n"))
}

fn quartiles(Spread { low, median, high }: &Spread) -> String {
    format!(r#""low":{low},"median":{median},"high":{high}"#)
}

/// Puts `text` into a file, between the lines `<!-- name -->` and `<!-- end of name -->`.
///
/// # Errors
///
/// If the file cannot be read or written, or does not have these lines.
pub fn replace(file: &str, name: &str, text: &str) -> Result<(), String> {
    let before = std::fs::read_to_string(file).map_err(|error| format!("{file} could not be read: {error}"))?;
    let after = replaced(&before, name, text)
        .ok_or_else(|| format!("{file} has no lines `<!-- {name} -->` and `<!-- end of {name} -->`"))?;
    std::fs::write(file, after).map_err(|error| format!("{file} could not be written: {error}"))
}

fn replaced(document: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (head, rest) = document.split_once(&begin)?;
    let (_, tail) = rest.split_once(&end)?;
    Some(format!("{head}{begin}\n{}\n\n{end}{tail}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn only_what_stands_between_the_lines_is_replaced() {
        let document = "a\n<!-- table -->\nold\n<!-- end of table -->\nb\n";
        let once = replaced(document, "table", "new\n").unwrap();
        assert_eq!(once, "a\n<!-- table -->\n\nnew\n\n<!-- end of table -->\nb\n");
        assert_eq!(replaced(&once, "table", "new").unwrap(), once);
        assert_eq!(replaced(document, "growth", "new"), None);
    }
}
