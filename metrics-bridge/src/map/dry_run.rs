//! What would a captured stream of lines be recorded as?

use std::collections::BTreeMap;
use std::fmt;

use super::{Mapper, Mapping, PlannedMetric, Source, clean_labels};
use crate::line::{Kind, Line, LineError, Reason, Tags, parse};

/// Every name of a stream before and after, and the lines that are refused.
///
/// ```
/// use metrics_bridge::map::{DryRun, Mapper};
///
/// let mapper = Mapper::default();
/// let mut run = DryRun::new(&mapper);
/// run.feed(b"shop.orders:1|c|#payment:card\nshop.cart:12|ms\n_sc|db.up|0\nbroken\n");
/// assert_eq!(run.to_string(), "\
/// db.up|_sc -> db_up_status gauge (1 line)
/// shop.cart|ms -> shop_cart_seconds histogram, values x 0.001 (1 line)
/// shop.orders|c -> shop_orders_total counter {payment} (1 line)
/// refused, missing_value: 1 line, first: broken
/// ");
/// ```
#[derive(Clone, Debug)]
pub struct DryRun<'a> {
    mapper: &'a Mapper,
    names: BTreeMap<(String, &'static str), DryRunLine>,
    refused: BTreeMap<Reason, (u64, String)>,
    events: u64,
}

/// One name of the stream.
#[derive(Clone, Debug, PartialEq)]
pub struct DryRunLine {
    /// What becomes of it.
    pub mapping: Mapping,
    /// The label names that its series have.
    pub labels: Vec<String>,
    /// How many lines carried it.
    pub lines: u64,
}

impl<'a> DryRun<'a> {
    /// An empty one.
    pub fn new(mapper: &'a Mapper) -> Self {
        Self { mapper, names: BTreeMap::new(), refused: BTreeMap::new(), events: 0 }
    }

    /// Takes lines, separated by line breaks.
    pub fn feed(&mut self, lines: &[u8]) {
        for line in lines.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
            if line.is_empty() {
                continue;
            }
            match parse(line) {
                Ok(Line::Sample(sample)) => {
                    let source = Source::of_line(sample.name, sample.kind);
                    self.name(sample.name, sample.kind.code(), source, sample.tags);
                }
                Ok(Line::ServiceCheck(check)) => {
                    let metric = check.metric();
                    self.name(check.name, "_sc", Source::of_line(&metric, Kind::Gauge), check.tags);
                }
                Ok(Line::Event(_)) => self.events += 1,
                Err(LineError { reason, .. }) => {
                    let first = || (0, String::from_utf8_lossy(line).into_owned());
                    self.refused.entry(reason).or_insert_with(first).0 += 1;
                }
            }
        }
    }

    /// Each name and type (`_sc` for a service check) with what becomes of it, by name.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &'static str, &DryRunLine)> {
        self.names.iter().map(|((name, code), line)| (name.as_str(), *code, line))
    }

    fn name(&mut self, name: &str, code: &'static str, source: Source<'_>, tags: Tags<'_>) {
        let fresh = || DryRunLine { mapping: self.mapper.map(source), labels: Vec::new(), lines: 0 };
        let line = self.names.entry((name.to_owned(), code)).or_insert_with(fresh);
        line.lines += 1;
        if let Mapping::Recorded(plan) = &line.mapping {
            let tags = tags.iter().map(|tag| (tag.key, tag.value));
            for (name, _) in clean_labels(tags, &plan.labels, plan.honor_labels) {
                if let Err(at) = line.labels.binary_search(&name) {
                    line.labels.insert(at, name);
                }
            }
        }
    }
}

impl fmt::Display for DryRun<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((name, code), line) in &self.names {
            writeln!(f, "{name}|{code} -> {line}")?;
        }
        if self.events > 0 {
            writeln!(f, "events -> metrics_bridge_events_total counter {{alert_type}} ({})", Lines(self.events))?;
        }
        for (reason, (lines, first)) in &self.refused {
            writeln!(f, "refused, {}: {}, first: {first}", reason.text(), Lines(*lines))?;
        }
        Ok(())
    }
}

impl fmt::Display for DryRunLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.mapping {
            Mapping::Dropped(rule) => write!(f, "dropped by the rule of line {rule}")?,
            Mapping::Nameless(rule) => write!(f, "refused: the rule of line {rule} gives it no name")?,
            Mapping::Recorded(plan) => {
                let kind = match plan.metric {
                    PlannedMetric::Counter => "counter",
                    PlannedMetric::Gauge => "gauge",
                    PlannedMetric::Histogram { .. } => "histogram",
                };
                write!(f, "{} {kind}", plan.name)?;
                if !self.labels.is_empty() {
                    write!(f, " {{{}}}", self.labels.join(", "))?;
                }
                if plan.scale != 1.0 {
                    write!(f, ", values x {}", plan.scale)?;
                }
                if let Some(rule) = plan.rule {
                    write!(f, ", by the rule of line {rule}")?;
                }
            }
        }
        write!(f, " ({})", Lines(self.lines))
    }
}

struct Lines(u64);

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { "line" } else { "lines" })
    }
}
