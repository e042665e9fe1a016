//! What can a service level objective be about?

use super::super::MetricType;
use super::label::contains;
use super::name::noun;
use super::{Message, Verdict};

/// The form of the objective fits the metric: `at_most` for histograms, `label` and `bad` for counters.
pub(crate) const fn objective_kind(kind: MetricType, name: &str, at_most: bool) -> Verdict {
    let message = Message::new("");
    match kind {
        MetricType::Histogram if !at_most => {
            let message =
                message.quoted(name).text(" is a histogram: its objective is `ratio` of observations `at_most` ");
            Some(message.text("one of its bucket bounds, not a label with bad values"))
        }
        MetricType::Counter if at_most => {
            let message = message.quoted(name).text(" is a counter, which has no bound: tell good from bad with ");
            Some(message.text("`label = \"...\", bad = [\"...\"]`"))
        }
        MetricType::Histogram | MetricType::Counter => None,
        _ => {
            let message =
                message.quoted(name).text(" is a ").text(noun(kind)).text(", and an objective counts events: ");
            Some(message.text("put it on a histogram or a counter"))
        }
    }
}

/// The share of good events.
pub(crate) const fn objective_ratio(ratio: f64) -> Verdict {
    if ratio > 0.0 && ratio < 1.0 {
        return None;
    }
    let message = Message::new("`ratio` is the share of events that must be good: ");
    Some(message.text("greater than 0 and less than 1, such as 0.99"))
}

/// The time over which the share is owed.
pub(crate) const fn objective_window(seconds: u64) -> Verdict {
    if seconds > 0 {
        return None;
    }
    Some(Message::new("`window` must be longer than nothing, such as \"30d\""))
}

/// A histogram can only tell how many were at most one of its bounds.
pub(crate) const fn objective_bound_listed(bounds: &[f64], at_most: f64) -> Verdict {
    let mut at = 0;
    while at < bounds.len() {
        if bounds[at] == at_most {
            return None;
        }
        at += 1;
    }
    let message =
        Message::new("`at_most` is none of the histogram's bucket bounds, so nobody could count what is below it: ");
    Some(message.text("use one of them, or add this one to `buckets`"))
}

/// The bad values are values of a label of the metric, and leave some that are good. `values` is `None` if there is no
/// such label, `Some(None)` if its values are not known beforehand.
pub(crate) const fn objective_values(
    name: &str,
    label: &str,
    values: Option<Option<&[&str]>>,
    bad: &[&str],
) -> Verdict {
    if let Some(message) = bad_values(bad) {
        return Some(message);
    }
    let Some(values) = values else {
        let message = Message::new("").quoted(name).text(" has no label ").quoted(label);
        return Some(message.text(": `label` is the one that tells good events from bad ones"));
    };
    let Some(values) = values else { return None };
    let mut at = 0;
    while at < bad.len() {
        if !contains(values, bad[at]) {
            let message = listed(Message::new("label ").quoted(label).text(" has no value ").quoted(bad[at]), values);
            return Some(message);
        }
        at += 1;
    }
    if bad.len() >= values.len() {
        let message =
            Message::new("every value of ").quoted(label).text(" is bad: leave out of `bad` those of good events");
        return Some(message);
    }
    None
}

/// The bad values by themselves.
pub(crate) const fn bad_values(bad: &[&str]) -> Verdict {
    if bad.is_empty() {
        return Some(Message::new("`bad` names no value: list the label's values that make an event a bad one"));
    }
    let mut at = 0;
    while at < bad.len() {
        if contains(bad.split_at(at).0, bad[at]) {
            let message = Message::new("`bad` has ").quoted(bad[at]).text(" twice: leave one of them out");
            return Some(message);
        }
        at += 1;
    }
    None
}

/// Names the values that there are.
const fn listed(message: Message, values: &[&str]) -> Message {
    let mut message = message.text("; it has ");
    let mut at = 0;
    while at < values.len() {
        message = if at == 0 { message } else { message.text(", ") };
        message = message.quoted(values[at]);
        at += 1;
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(verdict: Verdict) -> String {
        verdict.map_or_else(String::new, |message| message.as_str().to_owned())
    }

    #[test]
    fn an_objective_counts_events() {
        assert_eq!(said(objective_kind(MetricType::Histogram, "h", true)), "");
        assert_eq!(said(objective_kind(MetricType::Counter, "c", false)), "");
        assert_eq!(
            said(objective_kind(MetricType::Gauge, "g", true)),
            "`g` is a gauge, and an objective counts events: put it on a histogram or a counter"
        );
        assert_eq!(
            said(objective_kind(MetricType::Counter, "c", true)),
            "`c` is a counter, which has no bound: tell good from bad with `label = \"...\", bad = [\"...\"]`"
        );
        assert_eq!(
            said(objective_kind(MetricType::Histogram, "h", false)),
            "`h` is a histogram: its objective is `ratio` of observations `at_most` one of its bucket bounds, not a label \
             with bad values"
        );
    }

    #[test]
    fn ratio_window_and_bound_are_possible() {
        assert_eq!(said(objective_ratio(0.99)), "");
        for ratio in [0.0, 1.0, 99.0, f64::NAN] {
            assert!(said(objective_ratio(ratio)).starts_with("`ratio` is the share"));
        }
        assert!(objective_window(1).is_none());
        assert!(said(objective_window(0)).starts_with("`window` must be longer"));
        assert!(objective_bound_listed(&[0.1, 0.5], 0.5).is_none());
        assert!(said(objective_bound_listed(&[0.1, 0.5], 0.2)).starts_with("`at_most` is none of the histogram's"));
    }
}
