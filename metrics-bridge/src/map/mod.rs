//! Under which name and with which labels is a foreign metric recorded? One answer for every source.
//!
//! A [`Mapper`] takes a name as it was sent and gives a [`Plan`]: by the first rule of a mapping file that matches, else by
//! the default names. A rule's name is taken as it stands; the default names follow Prometheus' conventions
//! (`_total`, base units).

mod dry_run;
mod duration;
mod file;
mod glob;
mod labels;
mod names;
mod options;
mod rule;
#[cfg(test)]
mod tests;
mod unit;
mod yaml;

use std::sync::Arc;
use std::time::Duration;

use metrics_core::descriptor::NativeDeclaration;

pub use dry_run::{DryRun, DryRunLine};
pub use file::MappingError;
pub use labels::{RESERVED_LABELS, clean_labels, label_name};
pub use names::{clean_name, default_name};
pub use options::{HistogramShape, MapperOptions, Naming, NegativeGauges};
pub use unit::Unit;

use crate::line::Kind;
use rule::Rule;

/// What the new metric is.
#[derive(Clone, Debug, PartialEq)]
pub enum PlannedMetric {
    /// A total.
    Counter,
    /// A value.
    Gauge,
    /// Observations.
    Histogram {
        /// The upper bounds without `+Inf`.
        buckets: Arc<[f64]>,
        /// Whether the classic buckets are kept.
        classic: bool,
        /// Whether it is native, and how.
        native: Option<NativeDeclaration>,
    },
}

/// How one foreign metric is recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The new name.
    pub name: String,
    /// What it is.
    pub metric: PlannedMetric,
    /// Whether a gauge shows how many different values a set has.
    pub distinct: bool,
    /// What its values are multiplied with, for base units.
    pub scale: f64,
    /// Its unit, where that is known.
    pub unit: Option<&'static str>,
    /// Its help text, where a rule gives one.
    pub help: Option<String>,
    /// Labels that the rule gives.
    pub labels: Vec<(String, String)>,
    /// Whether a tag wins over a rule's label of the same name.
    pub honor_labels: bool,
    /// After how long without a record a series is forgotten.
    pub ttl: Option<Duration>,
    /// The line of the rule in its file.
    pub rule: Option<usize>,
}

/// What becomes of a foreign metric.
#[derive(Clone, Debug, PartialEq)]
pub enum Mapping {
    /// A rule says that it is not recorded; the rule's line.
    Dropped(usize),
    /// It is recorded so.
    Recorded(Plan),
    /// The rule of this line gives an empty name for it.
    Nameless(usize),
}

/// A foreign metric without its labels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Source<'a> {
    /// The name as it was sent.
    pub name: &'a str,
    /// The type.
    pub kind: Kind,
    /// The unit of its values.
    pub unit: Unit,
}

impl<'a> Source<'a> {
    /// A metric of a line: timers are in milliseconds, the rest is without unit.
    pub fn of_line(name: &'a str, kind: Kind) -> Self {
        let unit = if kind == Kind::Timer { Unit::Milliseconds } else { Unit::None };
        Self { name, kind, unit }
    }
}

/// Maps foreign metrics to new ones.
///
/// ```
/// use metrics_bridge::line::Kind;
/// use metrics_bridge::map::{Mapper, MapperOptions, Mapping, Source};
///
/// let mapper = Mapper::from_yaml("mapping.yaml", r#"
/// mappings:
/// - match: "shop.*.latency"
///   name: shop_latency_seconds
///   labels: {step: "$1"}
/// "#, MapperOptions::default())?;
/// let Mapping::Recorded(plan) = mapper.map(Source::of_line("shop.cart.latency", Kind::Timer)) else { unreachable!() };
/// assert_eq!(plan.name, "shop_latency_seconds");
/// assert_eq!(plan.labels, [("step".to_owned(), "cart".to_owned())]);
/// let Mapping::Recorded(plan) = mapper.map(Source::of_line("orders.placed", Kind::Count)) else { unreachable!() };
/// assert_eq!(plan.name, "orders_placed_total");
/// # Ok::<(), metrics_bridge::map::MappingError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Mapper {
    options: MapperOptions,
    globs: Vec<Rule>,
    regexes: Vec<Rule>,
    default_ttl: Option<Duration>,
}

impl Mapper {
    /// A mapper with the default names only.
    pub fn new(options: MapperOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// A mapper with the rules of a mapping file in statsd_exporter's format; `file` is its name for error messages.
    ///
    /// # Errors
    ///
    /// What is wrong or not supported, with file and line.
    pub fn from_yaml(file: &str, text: &str, options: MapperOptions) -> Result<Self, MappingError> {
        let read = file::read(file, text, &options)?;
        let (globs, regexes) = read.rules.into_iter().partition(Rule::is_glob);
        let options = MapperOptions { histogram: read.histogram, ..options };
        Ok(Self { options, globs, regexes, default_ttl: read.ttl })
    }

    /// The options, with the mapping file's defaults.
    pub fn options(&self) -> &MapperOptions {
        &self.options
    }

    /// Where a metric goes. Takes as long as there are rules: the callers keep the answer.
    pub fn map(&self, source: Source<'_>) -> Mapping {
        // Globs win over regular expressions wherever they stand, as in statsd_exporter.
        let rules = self.globs.iter().chain(&self.regexes);
        match rules.filter_map(|rule| rule.apply(source)).next() {
            Some(mapping) => mapping,
            None => self.default_plan(source),
        }
    }

    fn default_plan(&self, source: Source<'_>) -> Mapping {
        let (name, unit) = match self.options.naming {
            Naming::Prometheus => default_name(source),
            Naming::Plain => (names::rule_name(source.name, source.kind), source.unit.base()),
        };
        Mapping::Recorded(Plan {
            name: format!("{}{name}", self.options.prefix),
            metric: self.options.histogram.planned(source.kind),
            distinct: source.kind == Kind::Set,
            scale: source.unit.factor(),
            unit: unit.filter(|_| self.options.naming == Naming::Prometheus),
            help: None,
            labels: Vec::new(),
            honor_labels: false,
            ttl: self.default_ttl,
            rule: None,
        })
    }
}
