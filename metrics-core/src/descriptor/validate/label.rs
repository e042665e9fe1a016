//! Is one label right, by itself?

use super::super::LabelValues;
use super::super::rules::{self, Message, Verdict};

/// The most label values that are compared each with each in a constant, where there is no hashing.
const COMPARED_IN_CONSTANTS: usize = 128;

pub(super) const fn label(name: &str, values: LabelValues) -> Verdict {
    let LabelValues::Enumerated(values) = values else { return rules::label_name(name) };
    if values.is_empty() {
        return Some(Message::new("label ").quoted(name).text(" has no value at all: give it one"));
    }
    let compared = values.len() <= COMPARED_IN_CONSTANTS;
    let mut at = 0;
    while at < values.len() {
        if let Some(message) = rules::label_value(values[at]) {
            return Some(message);
        }
        let mut before = 0;
        while compared && before < at {
            if let Some(message) = rules::values_differ(values[before], values[at]) {
                return Some(message);
            }
            before += 1;
        }
        at += 1;
    }
    rules::label_name(name)
}

/// The values of a label that was looked for: `None` if there is no such label, `Some(None)` if it is dynamic.
pub(super) const fn enumerated(values: Option<LabelValues>) -> Option<Option<&'static [&'static str]>> {
    match values {
        None => None,
        Some(LabelValues::Dynamic) => Some(None),
        Some(LabelValues::Enumerated(values)) => Some(Some(values)),
    }
}
