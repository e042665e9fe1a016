//! Which label names and values are allowed, and how many combinations of them?

use super::name::identifier;
use super::{Message, Verdict};

/// The most combinations that a family keeps as a dense array, every one of them exported from the start.
pub(crate) const LABEL_SPACE_LIMIT: u128 = 4096;

/// The labels that Kubernetes scraping puts on every series: a metric's own would become `exported_…`.
const TARGET_LABELS: [&str; 8] = ["job", "instance", "namespace", "pod", "container", "service", "endpoint", "node"];

/// The labels that the formats need for themselves.
const FORMAT_LABELS: [&str; 2] = ["le", "quantile"];

pub(super) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

pub(super) const fn contains(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < names.len() {
        if same(names[at], name) {
            return true;
        }
        at += 1;
    }
    false
}

/// One label's name.
pub(crate) const fn label_name(name: &str) -> Verdict {
    if contains(&TARGET_LABELS, name) {
        let message = Message::new("label ").quoted(name);
        let message =
            message.text(" is set by the scrape (job, instance, namespace, pod, container, service, endpoint, ");
        return Some(message.text("node): say whose it is, such as `target_").text(name).text("`"));
    }
    if contains(&FORMAT_LABELS, name) {
        let message = Message::new("label ").quoted(name);
        return Some(message.text(" belongs to histograms (`le`) and summaries (`quantile`): use another name"));
    }
    identifier("label name", name)
}

/// One value of an enumerable label.
pub(crate) const fn label_value(value: &str) -> Verdict {
    if value.is_empty() {
        let message = Message::new("a label value is empty, which Prometheus takes for no label at all: ");
        return Some(message.text("give it a text, or leave the label out with `Option`"));
    }
    None
}

/// Two labels of one set.
pub(crate) const fn labels_differ(first: &str, second: &str) -> Verdict {
    if !same(first, second) {
        return None;
    }
    Some(Message::new("label ").quoted(second).text(" is there twice: rename one of the two"))
}

/// A label of a state set, which tells its states in a label that is called like itself.
pub(crate) const fn label_of_states(state_set: &str, label: &str) -> Verdict {
    if !same(state_set, label) {
        return None;
    }
    let message =
        Message::new("label ").quoted(label).text(" is called like its state set, and that is the label in which ");
    Some(message.text("the states are told: rename one of the two"))
}

/// Two values of one label.
pub(crate) const fn values_differ(first: &str, second: &str) -> Verdict {
    if !same(first, second) {
        return None;
    }
    Some(Message::new("label value ").quoted(second).text(" is there twice: rename one of the two"))
}

/// How many combinations the labels of a family have, all of them enumerable.
pub(crate) const fn label_space(product: u128) -> Verdict {
    if product <= LABEL_SPACE_LIMIT {
        return None;
    }
    let message =
        Message::new("the labels have ").number(product).text(" combinations, and each would be exported from ");
    let message =
        message.text("the start; at most ").number(LABEL_SPACE_LIMIT).text(" are allowed: leave a label out, ");
    Some(message.text("split the metric, or make one label a `String`, so that only the series in use exist"))
}

/// `zero_init` where no series could be known beforehand, or where there is only one.
pub(crate) const fn unused_zero_init(name: &str) -> Message {
    let message = Message::new("`zero_init` is about families whose labels can all be enumerated, which ");
    message.quoted(name).text(" is not: leave it out")
}

/// `max_series` or `max_value_bytes` where all series are known anyway.
pub(crate) const fn unused_cap(what: &str, name: &str) -> Message {
    let message = Message::new("").quoted(what).text(" is about families with a string or number label, which ");
    message.quoted(name).text(" is not: leave it out")
}

/// The most series of a dynamic family.
pub(crate) const fn series_cap(name: &str, cap: u32) -> Verdict {
    if cap > 0 {
        return None;
    }
    let message = Message::new("`max_series` of ").quoted(name);
    Some(message.text(" is 0, which would leave nothing but overflow: allow at least one series"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(verdict: Verdict) -> String {
        verdict.map_or_else(String::new, |message| message.as_str().to_owned())
    }

    #[test]
    fn reserved_labels_are_refused() {
        for name in TARGET_LABELS {
            assert_eq!(
                said(label_name(name)),
                format!(
                    "label `{name}` is set by the scrape (job, instance, namespace, pod, container, service, endpoint, \
                     node): say whose it is, such as `target_{name}`"
                )
            );
        }
        let own = "belongs to histograms (`le`) and summaries (`quantile`): use another name";
        assert_eq!(said(label_name("le")), format!("label `le` {own}"));
        assert_eq!(said(label_name("quantile")), format!("label `quantile` {own}"));
        assert_eq!(
            said(label_name("__name__")),
            "label name `__name__` starts with `__`, which Prometheus keeps for itself: start with a letter"
        );
        assert_eq!(said(label_name("jobs")), "");
    }

    #[test]
    fn the_label_space_ends_at_4096() {
        assert_eq!(said(label_space(4096)), "");
        assert_eq!(
            said(label_space(4097)),
            "the labels have 4097 combinations, and each would be exported from the start; at most 4096 are allowed: \
             leave a label out, split the metric, or make one label a `String`, so that only the series in use exist"
        );
    }
}
