//! Which metrics does a query name, of what type, and what are they called here?

use std::collections::BTreeMap;
use std::fmt;

use crate::line::{Kind, Line, parse};
use crate::map::{Mapper, Mapping, Plan, Source};

/// Datadog's metrics with their types and new names.
///
/// A Datadog histogram (`h`, `ms`) is known by its parts, too: `.avg`, `.count`, `.median`, `.95percentile`.
#[derive(Clone, Debug)]
pub struct Catalogue {
    mapper: Mapper,
    metrics: BTreeMap<String, Declared>,
}

#[derive(Clone, Debug)]
struct Declared {
    /// As the service sends it.
    name: String,
    kind: Kind,
    plan: Plan,
}

/// Why a metric cannot be declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueError {
    message: String,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CatalogueError {}

/// What of an observed metric a Datadog name means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    Whole,
    Count,
    Average,
    Quantile(f64),
    /// A part that a histogram does not keep.
    Extreme,
    Sum,
}

impl Catalogue {
    /// An empty catalogue; names are given by this mapper.
    pub fn new(mapper: Mapper) -> Self {
        Self { mapper, metrics: BTreeMap::new() }
    }

    pub(super) fn mapper(&self) -> &Mapper {
        &self.mapper
    }

    /// The metric `name`, as the service sends it, is of this type.
    ///
    /// # Errors
    ///
    /// If a rule drops it, or it is declared with another type already, or Datadog takes its name for that of another metric
    /// that is recorded elsewhere. What was declared first holds then.
    pub fn declare(&mut self, name: &str, kind: Kind) -> Result<(), CatalogueError> {
        let plan = match self.mapper.map(Source::of_line(name, kind)) {
            Mapping::Recorded(plan) => plan,
            Mapping::Dropped(line) | Mapping::Nameless(line) => {
                let message =
                    format!("{name} is not recorded: the rule of line {line} of the mapping file leaves it out");
                return Err(CatalogueError { message });
            }
        };
        let entry = self.metrics.entry(normal(name));
        let first = entry.or_insert_with(|| Declared { name: name.to_owned(), kind, plan: plan.clone() });
        if first.kind != kind {
            let (old, new) = (first.kind.code(), kind.code());
            let message = format!("{name} is declared as {old} and as {new}; rename one of them by a mapping rule");
            return Err(CatalogueError { message });
        }
        if (&first.plan.name, &first.plan.labels) != (&plan.name, &plan.labels) {
            let message = format!(
                "Datadog takes {} and {name} for one metric, but the mapping records them apart; give both one rule",
                first.name
            );
            return Err(CatalogueError { message });
        }
        Ok(())
    }

    /// Declares what a captured stream of lines contains; returns what could not be declared.
    pub fn learn(&mut self, lines: &[u8]) -> Vec<CatalogueError> {
        let mut errors = Vec::new();
        for line in lines.split(|byte| *byte == b'\n') {
            let Ok(Line::Sample(sample)) = parse(line.trim_ascii()) else { continue };
            if let Err(error) = self.declare(sample.name, sample.kind) {
                if !errors.contains(&error) {
                    errors.push(error);
                }
            }
        }
        errors
    }

    pub(super) fn find(&self, name: &str) -> Option<(Kind, &Plan, Part)> {
        if let Some(Declared { kind, plan, .. }) = self.metrics.get(&normal(name)) {
            return Some((*kind, plan, Part::Whole));
        }
        let (base, part) = name.rsplit_once('.')?;
        let Declared { kind, plan, .. } = self.metrics.get(&normal(base)).filter(|base| base.kind.is_observed())?;
        Some((*kind, plan, part_of(part)?))
    }

    /// The names of all metrics that are recorded under this name with these labels of rules.
    pub(super) fn recorded_as(&self, plan: &Plan) -> Vec<&str> {
        let alike =
            self.metrics.values().filter(|one| (&one.plan.name, &one.plan.labels) == (&plan.name, &plan.labels));
        alike.map(|one| &*one.name).collect()
    }
}

fn part_of(suffix: &str) -> Option<Part> {
    Some(match suffix {
        "count" => Part::Count,
        "avg" => Part::Average,
        "median" => Part::Quantile(0.5),
        "max" | "min" => Part::Extreme,
        "sum" => Part::Sum,
        _ => Part::Quantile(
            suffix.strip_suffix("percentile")?.parse::<u32>().ok().filter(|one| *one < 100)? as f64 / 100.0,
        ),
    })
}

/// Datadog keeps names with letters, digits, `_` and dots only.
fn normal(name: &str) -> String {
    name.chars().map(|one| if one.is_ascii_alphanumeric() || one == '.' { one } else { '_' }).collect()
}
