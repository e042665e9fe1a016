//! Which matchers and grouping labels are a scope's tags?

use super::piece::Scene;
use super::scope::{Condition, Scope};
use crate::map::label_name;

impl Scene<'_, '_> {
    /// The label of a tag; the agent's own tags are labels of the target here.
    pub(super) fn label(&mut self, tag: &str) -> String {
        let target = self.translator.options.target_labels.iter().find(|(agent, _)| agent == tag);
        match target {
            Some((_, label)) => {
                let label = label.clone();
                self.note(format!("the tag `{tag}` is added by the agent; here it is the target's label `{label}`"));
                label
            }
            None => label_name(tag),
        }
    }

    /// `{a="b",c=~"d.*"}`, or nothing.
    pub(super) fn matchers(&mut self, scope: &Scope) -> String {
        let matchers: Vec<_> = scope.conditions.iter().map(|condition| self.matcher(condition)).collect();
        if matchers.is_empty() { String::new() } else { format!("{{{}}}", matchers.join(",")) }
    }

    fn matcher(&mut self, condition: &Condition) -> String {
        let label = self.label(&condition.key);
        let plain = |value: &str| !value.contains('*');
        match (condition.values.as_slice(), condition.negated) {
            ([value], false) if plain(value) => format!("{label}={}", quoted(value)),
            ([value], true) if plain(value) => format!("{label}!={}", quoted(value)),
            (values, negated) => {
                let pattern: Vec<_> = values.iter().map(|value| pattern(value)).collect();
                let operator = if negated { "!~" } else { "=~" };
                format!("{label}{operator}{}", quoted(&pattern.join("|")))
            }
        }
    }
}

fn pattern(value: &str) -> String {
    // Any value, but one: a label that is missing is empty.
    if value == "*" {
        return ".+".to_owned();
    }
    value.split('*').map(regex::escape).collect::<Vec<_>>().join(".*")
}

/// A PromQL string.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
