//! What does the reference page look like?

use super::{Artefact, Plan, head};

pub(super) fn write(plan: &Plan<'_>, files: &mut Vec<Artefact>) {
    let head: Vec<_> = head(plan).iter().map(|line| format!("<!-- {line} -->\n")).collect();
    let title = format!("# Metrics of {}", plan.environment.options.workload);
    let content = format!("{}\n{title}\n\n{}", head.concat(), plan.catalogue.markdown());
    files.push(Artefact { name: "METRICS.md".to_owned(), content });
}
