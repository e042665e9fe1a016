//! What does the bridge tell about itself?

use metrics_core::{
    Counter, Declaration, Error, Family, LabelDeclaration, LabelSet, LabelValue, LabelValues, LabelVisitor, MetricType,
    Registry,
};

use crate::line::{AlertType, Reason};

/// Why a record is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The line is malformed.
    Line(Reason),
    /// A count is negative: a total cannot fall.
    NegativeCount,
    /// A sample rate is so small that one observation would stand for too many.
    SampleRateTooSmall,
    /// The registry has a metric of this name with another type, or the name is not allowed.
    Conflict,
    /// There are as many metrics as are allowed.
    TooManyMetrics,
    /// A mapping rule gives the metric no name.
    Nameless,
    /// The `metrics` facade sets a counter's absolute amount, and there are too many counters to know what it had before.
    TooManyHandles,
}

const OTHERS: [(Refusal, &str); 6] = [
    (Refusal::NegativeCount, "negative_count"),
    (Refusal::SampleRateTooSmall, "sample_rate_too_small"),
    (Refusal::Conflict, "conflict"),
    (Refusal::TooManyMetrics, "too_many_metrics"),
    (Refusal::Nameless, "nameless"),
    (Refusal::TooManyHandles, "too_many_handles"),
];

impl Refusal {
    /// The label value under which it is counted.
    pub fn reason(self) -> &'static str {
        self.text()
    }
}

impl LabelValue for Refusal {
    const VALUES: &'static [&'static str] = &{
        let mut values = [""; Reason::ALL.len() + OTHERS.len()];
        let mut at = 0;
        while at < values.len() {
            values[at] = match at.checked_sub(Reason::ALL.len()) {
                None => Reason::ALL[at].text(),
                Some(other) => OTHERS[other].1,
            };
            at += 1;
        }
        values
    };

    fn index(self) -> usize {
        match self {
            Self::Line(reason) => reason as usize,
            other => Reason::ALL.len() + OTHERS.iter().position(|(known, _)| *known == other).unwrap_or(0),
        }
    }
}

pub(crate) struct Refused {
    pub(crate) reason: Refusal,
}

impl LabelSet for Refused {
    type Schema = Self;
    const LABELS: &'static [LabelDeclaration] =
        &[LabelDeclaration::new("reason", LabelValues::Enumerated(Refusal::VALUES))];

    fn index(&self) -> usize {
        self.reason.index()
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        visitor.enumerated(self.reason.index());
    }
}

impl LabelValue for AlertType {
    const VALUES: &'static [&'static str] = &["error", "warning", "info", "success"];

    fn index(self) -> usize {
        self as usize
    }
}

pub(crate) struct Alert {
    pub(crate) alert_type: AlertType,
}

impl LabelSet for Alert {
    type Schema = Self;
    const LABELS: &'static [LabelDeclaration] =
        &[LabelDeclaration::new("alert_type", LabelValues::Enumerated(AlertType::VALUES))];

    fn index(&self) -> usize {
        self.alert_type.index()
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        visitor.enumerated(self.alert_type.index());
    }
}

/// The bridge's own metrics.
pub(crate) struct Stats {
    pub(crate) lines: Counter,
    pub(crate) dropped: Counter,
    pub(crate) refused: Family<Refused, Counter>,
    pub(crate) events: Family<Alert, Counter>,
    pub(crate) labels_left_out: Counter,
}

impl Stats {
    pub(crate) fn register(registry: &Registry) -> Result<Self, Error> {
        let counter = |name, help| Declaration::new(MetricType::Counter, name, help);
        Ok(Self {
            lines: registry
                .register(counter("metrics_bridge_lines_total", "Lines that were taken, refused ones too."))?,
            dropped: registry
                .register(counter("metrics_bridge_dropped_total", "Records that a mapping rule leaves out."))?,
            refused: registry.register(counter(
                "metrics_bridge_refused_total",
                "Records that were refused, by reason: malformed lines, and records that have no place.",
            ))?,
            events: registry.register(counter("metrics_bridge_events_total", "Events that were sent as lines."))?,
            labels_left_out: registry.register(counter(
                "metrics_bridge_labels_left_out_total",
                "Labels that were left out of new series because their metric has too many different ones.",
            ))?,
        })
    }

    pub(crate) fn refuse(&self, refusal: Refusal) {
        self.refused.with(&Refused { reason: refusal }).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_label_value_of_its_own() {
        for reason in Reason::ALL {
            assert_eq!(Refusal::Line(reason).reason(), reason.text());
        }
        for (refusal, text) in OTHERS {
            assert_eq!(refusal.reason(), text);
        }
    }
}
