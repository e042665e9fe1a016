//! What does one entry under `mappings:` say?

use regex::Regex;

use super::super::glob::Glob;
use super::super::labels::label_name;
use super::super::rule::{MatchedType, Pattern, Rule};
use super::super::yaml::Node;
use super::histogram::ObserverSettings;
use super::{Defaults, MappingError, check, ttl};

/// `match_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MatchType {
    Glob,
    Regex,
}

impl MatchType {
    pub(super) fn read(node: Node<'_>) -> Result<Self, MappingError> {
        match node.text("match_type")? {
            "glob" | "" => Ok(Self::Glob),
            "regex" => Ok(Self::Regex),
            other => Err(node.error(format!("match_type is {other:?}; it must be glob or regex"))),
        }
    }
}

const KEYS: &[&str] = &[
    "match",
    "match_type",
    "match_metric_type",
    "name",
    "labels",
    "honor_labels",
    "help",
    "action",
    "observer_type",
    "histogram_options",
    "ttl",
    "scale",
];

/// The entry as far as it is read.
struct Draft<'a> {
    matched: Option<(&'a str, Node<'a>)>,
    name: Option<(&'a str, Node<'a>)>,
    labels: Option<Node<'a>>,
    match_type: MatchType,
    observer: ObserverSettings<'a>,
    rule: Rule,
}

pub(super) fn read(node: Node<'_>, defaults: &Defaults) -> Result<Rule, MappingError> {
    let mut draft = Draft::new(node, defaults);
    for (key, node) in node.entries("a mapping")? {
        draft.take(key, node)?;
    }
    draft.finish(node)
}

impl<'a> Draft<'a> {
    fn new(node: Node<'a>, defaults: &Defaults) -> Self {
        let rule = Rule {
            line: node.line(),
            // Replaced before the rule is handed out: `match` is mandatory.
            pattern: Pattern::Glob(Glob::default()),
            only: None,
            drop: false,
            name: String::new(),
            help: None,
            labels: Vec::new(),
            honor_labels: false,
            histogram: defaults.histogram.clone(),
            scale: 1.0,
            ttl: defaults.ttl,
        };
        let match_type = defaults.match_type;
        Self { matched: None, name: None, labels: None, match_type, observer: ObserverSettings::default(), rule }
    }

    fn take(&mut self, key: &str, node: Node<'a>) -> Result<(), MappingError> {
        match key {
            "match" => self.matched = Some((node.text("match")?, node)),
            "name" => self.name = Some((node.text("name")?, node)),
            "labels" => self.labels = Some(node),
            "match_type" => self.match_type = MatchType::read(node)?,
            "match_metric_type" => self.rule.only = Some(metric_type(node)?),
            "honor_labels" => self.rule.honor_labels = node.truth("honor_labels")?,
            "help" => self.rule.help = Some(node.text("help")?.to_owned()),
            "action" => self.rule.drop = action(node)?,
            "scale" => self.rule.scale = node.number("scale")?,
            // A rule's own zero means the default, as in statsd_exporter.
            "ttl" => self.rule.ttl = ttl(node)?.or(self.rule.ttl),
            _ if self.observer.take(key, node)? => {}
            _ => return Err(check::unknown_key(&node, key, KEYS)),
        }
        Ok(())
    }

    fn finish(mut self, node: Node<'a>) -> Result<Rule, MappingError> {
        let Some((pattern, at)) = self.matched else {
            return Err(node.error("this mapping has no `match`; say which metrics it is for"));
        };
        let captures = self.set_pattern(pattern, at)?;
        match self.name {
            Some((name, at)) => {
                check::name_template(&at, name)?;
                check::references(&at, name, captures)?;
                self.rule.name = name.to_owned();
            }
            // statsd_exporter asks for a name even where it is dropped; its files have one, ours need not.
            None if self.rule.drop => {}
            None => return Err(node.error("this mapping has no `name`; say under which name it is recorded")),
        }
        for (key, value) in self.labels.map_or(Ok(Vec::new()), |node| node.entries("`labels`"))? {
            check::label_key(&value, key)?;
            let template = value.text("a label's value")?;
            check::references(&value, template, captures)?;
            self.rule.labels.push((label_name(key), template.to_owned()));
        }
        self.rule.histogram = self.observer.shape(&self.rule.histogram)?;
        Ok(self.rule)
    }

    /// How many captures the pattern has.
    fn set_pattern(&mut self, pattern: &str, at: Node<'_>) -> Result<usize, MappingError> {
        match self.match_type {
            MatchType::Glob => {
                let glob = Glob::parse(pattern).ok_or_else(|| {
                    at.error(format!(
                        "match is {pattern:?}; a glob consists of parts between dots, each a * or letters, digits, _ and -, \
                         and does not begin with a digit; for anything else use `match_type: regex`"
                    ))
                })?;
                let stars = glob.stars();
                self.rule.pattern = Pattern::Glob(glob);
                Ok(stars)
            }
            MatchType::Regex => {
                let regex = Regex::new(pattern)
                    .map_err(|error| at.error(format!("match {pattern:?} is no regular expression: {error}")))?;
                let groups = regex.captures_len() - 1;
                self.rule.pattern = Pattern::Regex(regex);
                Ok(groups)
            }
        }
    }
}

fn metric_type(node: Node<'_>) -> Result<MatchedType, MappingError> {
    match node.text("match_metric_type")? {
        "counter" => Ok(MatchedType::Counter),
        "gauge" => Ok(MatchedType::Gauge),
        // Older files call them timers.
        "observer" | "timer" => Ok(MatchedType::Observer),
        other => Err(node.error(format!("match_metric_type is {other:?}; it must be counter, gauge or observer"))),
    }
}

fn action(node: Node<'_>) -> Result<bool, MappingError> {
    match node.text("action")? {
        "map" | "" => Ok(false),
        "drop" => Ok(true),
        other => Err(node.error(format!("action is {other:?}; it must be map or drop"))),
    }
}
