//! What does one rule of a mapping file do to a metric?

use std::time::Duration;

use regex::Regex;

use super::glob::{Glob, fill};
use super::names::rule_name;
use super::{HistogramShape, Mapping, Plan, Source};
use crate::line::Kind;

/// What a rule looks for.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    Glob(Glob),
    Regex(Regex),
}

/// `match_metric_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MatchedType {
    Counter,
    Gauge,
    Observer,
}

impl MatchedType {
    fn matches(self, kind: Kind) -> bool {
        match self {
            Self::Counter => kind == Kind::Count,
            // Sets become gauges.
            Self::Gauge => matches!(kind, Kind::Gauge | Kind::Set),
            Self::Observer => kind.is_observed(),
        }
    }
}

/// One rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// Its line in the file.
    pub(super) line: usize,
    pub(super) pattern: Pattern,
    pub(super) only: Option<MatchedType>,
    pub(super) drop: bool,
    pub(super) name: String,
    pub(super) help: Option<String>,
    pub(super) labels: Vec<(String, String)>,
    pub(super) honor_labels: bool,
    pub(super) histogram: HistogramShape,
    pub(super) scale: f64,
    pub(super) ttl: Option<Duration>,
}

impl Rule {
    pub(super) fn is_glob(&self) -> bool {
        matches!(self.pattern, Pattern::Glob(_))
    }

    /// `None` if the rule does not match.
    pub(super) fn apply(&self, source: Source<'_>) -> Option<Mapping> {
        if self.only.is_some_and(|only| !only.matches(source.kind)) {
            return None;
        }
        let (name, labels) = self.expand(source.name)?;
        if self.drop {
            return Some(Mapping::Dropped(self.line));
        }
        if name.is_empty() {
            return Some(Mapping::Nameless(self.line));
        }
        Some(Mapping::Recorded(Plan {
            name: rule_name(&name, source.kind),
            metric: self.histogram.planned(source.kind),
            distinct: source.kind == Kind::Set,
            scale: source.unit.factor() * self.scale,
            // The rule's name is kept as it stands, whatever unit it tells.
            unit: None,
            help: self.help.clone(),
            labels,
            honor_labels: self.honor_labels,
            ttl: self.ttl,
            rule: Some(self.line),
        }))
    }

    fn expand(&self, name: &str) -> Option<(String, Vec<(String, String)>)> {
        match &self.pattern {
            Pattern::Glob(glob) => {
                let captures = glob.captures(name)?;
                Some(self.filled(|template| fill(template, &captures)))
            }
            Pattern::Regex(regex) => {
                let captures = regex.captures(name)?;
                Some(self.filled(|template| {
                    let mut text = String::new();
                    captures.expand(template, &mut text);
                    text
                }))
            }
        }
    }

    fn filled(&self, fill: impl Fn(&str) -> String) -> (String, Vec<(String, String)>) {
        let labels = self.labels.iter().map(|(name, template)| (name.clone(), fill(template)));
        (fill(&self.name), labels.collect())
    }
}
