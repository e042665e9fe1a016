//! How are alert rules written as a file of Prometheus?

use super::AlertRule;

/// A rules file with one group, in the order given.
///
/// ```
/// use metrics_bridge::translate::{AlertRule, rules_yaml};
///
/// let rule = AlertRule {
///     alert: "Down".into(),
///     expr: "up == 0".into(),
///     labels: vec![("severity".into(), "critical".into())],
///     annotations: Vec::new(),
/// };
/// assert!(rules_yaml("shop", &[rule]).contains("- alert: \"Down\"\n    expr: \"up == 0\""));
/// ```
pub fn rules_yaml(group: &str, rules: &[AlertRule]) -> String {
    let mut yaml = format!("groups:\n- name: {}\n  rules:\n", quoted(group));
    for rule in rules {
        yaml.push_str(&format!("  - alert: {}\n    expr: {}\n", quoted(&rule.alert), quoted(&rule.expr)));
        for (what, pairs) in [("labels", &rule.labels), ("annotations", &rule.annotations)] {
            if !pairs.is_empty() {
                yaml.push_str(&format!("    {what}:\n"));
                let line = |(name, value): &(String, String)| format!("      {}: {}\n", quoted(name), quoted(value));
                yaml.extend(pairs.iter().map(line));
            }
        }
    }
    yaml
}

/// A JSON string, which is one of YAML, too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
