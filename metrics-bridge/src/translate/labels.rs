//! Which matchers and grouping labels are a scope's tags and a rule's labels?

use super::piece::Scene;
use super::scope::{Condition, Scope};
use crate::map::{Plan, clean_labels, label_name};

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

    /// `{a="b",c=~"d.*"}`, or nothing: the labels that a mapping rule gives the metric, and what the scope asks for.
    pub(super) fn matchers(&mut self, plan: &Plan, scope: &Scope) -> String {
        let given = clean_labels(std::iter::empty(), &plan.labels, plan.honor_labels);
        let mut matchers: Vec<_> = given.iter().map(|(label, value)| format!("{label}={}", quoted(value))).collect();
        if plan.honor_labels && !given.is_empty() {
            self.note(
                "a tag named like a label of the mapping rule wins over it; series with such tags are not found here",
            );
        }
        matchers.extend(scope.conditions.iter().map(|condition| self.matcher(condition)));
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
