//! What rules does a mapping file in statsd_exporter's format hold?

mod check;
mod histogram;
mod rules;

use std::fmt;
use std::time::Duration;

use super::yaml::{self, Node};
use super::{HistogramShape, MapperOptions, duration, rule::Rule};
use histogram::ObserverSettings;
use rules::MatchType;

/// Why a mapping file is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingError {
    /// The file's name.
    pub file: String,
    /// The line, counted from one.
    pub line: usize,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl MappingError {
    pub(super) fn new(file: &str, line: usize, reason: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, reason: reason.into() }
    }
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

impl std::error::Error for MappingError {}

/// What a file says.
pub(super) struct File {
    pub(super) rules: Vec<Rule>,
    /// How observed metrics are kept that no rule matches.
    pub(super) histogram: HistogramShape,
    /// The default ttl.
    pub(super) ttl: Option<Duration>,
}

/// What `defaults:` says.
pub(super) struct Defaults {
    match_type: MatchType,
    histogram: HistogramShape,
    ttl: Option<Duration>,
}

pub(super) fn read(file: &str, text: &str, options: &MapperOptions) -> Result<File, MappingError> {
    let documents = yaml::load(file, text)?;
    let mut defaults = Defaults { match_type: MatchType::Glob, histogram: options.histogram.clone(), ttl: None };
    let mut rules = Vec::new();
    if let [document, more @ ..] = documents.as_slice() {
        if let Some(second) = more.first() {
            return Err(Node::root(file, second).error("a second YAML document; a mapping file has one"));
        }
        if !yaml::is_null(document) {
            let mut mappings = None;
            for (key, node) in Node::root(file, document).entries("the file")? {
                match key {
                    "defaults" => read_defaults(node, &mut defaults)?,
                    "mappings" => mappings = Some(node),
                    _ => return Err(check::unknown_key(&node, key, &["defaults", "mappings"])),
                }
            }
            for node in mappings.map_or(Ok(Vec::new()), |node| node.items("`mappings`"))? {
                rules.push(rules::read(node, &defaults)?);
            }
        }
    }
    Ok(File { rules, histogram: defaults.histogram, ttl: defaults.ttl })
}

const DEFAULT_KEYS: &[&str] =
    &["observer_type", "match_type", "glob_disable_ordering", "ttl", "summary_options", "histogram_options"];

fn read_defaults(node: Node<'_>, defaults: &mut Defaults) -> Result<(), MappingError> {
    let mut observer = ObserverSettings::default();
    for (key, node) in node.entries("`defaults`")? {
        match key {
            "match_type" => defaults.match_type = MatchType::read(node)?,
            "ttl" => defaults.ttl = ttl(node)?,
            "glob_disable_ordering" if node.truth("glob_disable_ordering")? => {
                return Err(node.error(
                    "glob_disable_ordering: true is not supported: here the first glob that matches wins; put the more \
                     specific globs first and remove this line",
                ));
            }
            "glob_disable_ordering" => {}
            _ if observer.take(key, node)? => {}
            _ => return Err(check::unknown_key(&node, key, DEFAULT_KEYS)),
        }
    }
    defaults.histogram = observer.shape(&defaults.histogram)?;
    Ok(())
}

/// Zero means that nothing is forgotten.
pub(super) fn ttl(node: Node<'_>) -> Result<Option<Duration>, MappingError> {
    let text = node.text("ttl")?;
    let ttl = duration::parse(text)
        .ok_or_else(|| node.error(format!("ttl is {text:?}; it must be a duration as in 90s, 10m or 1h30m")))?;
    Ok(Some(ttl).filter(|ttl| !ttl.is_zero()))
}
