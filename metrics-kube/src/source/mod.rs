//! What is declared, as far as something is made of it: signals that scale, and objectives.

mod objective;
mod read;
mod signal;

use metrics_core::catalogue::{Catalogue, Metric};

pub(crate) use objective::{BurnRate, Slo, burn_rates};
pub use read::read_catalogue;
pub(crate) use signal::{Signal, Unit, default_rule_name};

use crate::error::{Result, error};

/// A catalogue and the name of the file that it came from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) catalogue: Catalogue,
}

/// Where a metric is declared, for errors.
pub(crate) fn place(metric: &Metric) -> String {
    format!("`{}` ({}:{})", metric.name, metric.file, metric.line)
}

/// The catalogues of one workload as one. A metric that several declare alike stands once.
///
/// # Errors
///
/// If one name is declared in two ways.
pub(crate) fn merge(sources: &[Source]) -> Result<Catalogue> {
    let mut groups = Vec::new();
    let mut seen: Vec<(&Metric, &str)> = Vec::new();
    for source in sources {
        for group in source.catalogue.groups() {
            let mut group = group.clone();
            group.metrics.retain(|metric| !seen.iter().any(|(known, _)| same(known, metric)));
            groups.push(group);
        }
        for metric in source.catalogue.metrics() {
            let other = seen.iter().find(|(known, _)| known.name == metric.name && !same(known, metric));
            if let Some((known, file)) = other {
                return Err(error!(
                    "{} in {} and {} in {file} have one name and are declared differently; rename one or make them alike",
                    place(metric),
                    source.name,
                    place(known)
                ));
            }
            seen.push((metric, &source.name));
        }
    }
    groups.retain(|group| !group.metrics.is_empty());
    Ok(Catalogue::from_groups(groups))
}

/// Whether two declarations differ in nothing but their place.
fn same(one: &Metric, other: &Metric) -> bool {
    let mut moved = other.clone();
    moved.file.clone_from(&one.file);
    moved.line = one.line;
    *one == moved
}
