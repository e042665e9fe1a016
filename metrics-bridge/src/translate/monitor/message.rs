//! What do a monitor's name and message say in an alert's annotations?

use serde_json::Value;

use super::super::piece::Scene;
use super::condition::Condition;

/// For whom an annotation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Critical,
    Warning,
    NoData,
}

impl Level {
    pub(super) fn severity(self) -> &'static str {
        match self {
            Self::Critical | Self::NoData => "critical",
            Self::Warning => "warning",
        }
    }

    /// Whether `{{#section}}` is shown.
    fn shows(self, section: &str) -> bool {
        match section {
            "is_alert" => self == Self::Critical,
            "is_warning" => self == Self::Warning,
            "is_no_data" => self == Self::NoData,
            _ => false,
        }
    }
}

/// What the texts of a monitor refer to.
pub(super) struct Message {
    name: String,
    /// The labels of the alert, with the tags that they were.
    labels: Vec<(String, String)>,
    threshold: f64,
    warning: Option<f64>,
}

impl Message {
    pub(super) fn new(monitor: &Value, condition: &Condition, scene: &mut Scene<'_, '_>) -> Self {
        let labels = condition.tags.iter().map(|tag| (tag.clone(), scene.label(tag))).collect();
        let warning = monitor["options"]["thresholds"]["warning"].as_f64();
        let name = monitor["name"].as_str().unwrap_or("").to_owned();
        Self { name, labels, threshold: condition.threshold, warning }
    }

    /// `High error rate on {{host.name}}` is `HighErrorRateOn`.
    pub(super) fn alert_name(&self, level: Level) -> String {
        let mut plain = self.name.clone();
        while let (Some(start), Some(end)) = (plain.find("{{"), plain.find("}}")) {
            plain.replace_range(start..(end + 2).max(start + 2), " ");
        }
        let words = plain.split(|one: char| !one.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut name: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            name.insert_str(0, "Alert");
        }
        name + match level {
            Level::Critical => "",
            Level::Warning => "Warning",
            Level::NoData => "NoData",
        }
    }

    /// The text for one level in Prometheus' template language.
    pub(super) fn filled(&self, text: &str, level: Level, scene: &mut Scene<'_, '_>) -> String {
        let text = self.sections(text, level, scene);
        let mut filled = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let (variable, after) = after.split_once("}}").unwrap_or((after, ""));
            filled.push_str(&self.variable(variable.trim(), scene));
            rest = after;
        }
        filled.push_str(rest);
        without_handles(&filled, scene)
    }

    /// Keeps the sections of this level.
    fn sections(&self, text: &str, level: Level, scene: &mut Scene<'_, '_>) -> String {
        let mut kept = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("{{#").or_else(|| rest.find("{{^")) {
            let inverted = rest[start..].starts_with("{{^");
            let Some(end) = rest[start..].find("}}").map(|end| start + end) else { break };
            let section = rest[start + 3..end].split_whitespace().next().unwrap_or("").to_owned();
            let close = format!("{{{{/{section}}}}}");
            let Some(close_at) = rest[end..].find(&close).map(|at| end + at) else { break };
            kept.push_str(&rest[..start]);
            if level.shows(&section) != inverted {
                kept.push_str(&rest[end + 2..close_at]);
            } else if !matches!(section.as_str(), "is_alert" | "is_warning" | "is_no_data") {
                scene.note(format!("the section {{{{#{section}}}}} of the message is dropped"));
            }
            rest = &rest[close_at + close.len()..];
        }
        kept + rest
    }

    fn variable(&self, variable: &str, scene: &mut Scene<'_, '_>) -> String {
        match variable {
            "value" | "eval_value" => return "{{ $value }}".to_owned(),
            "threshold" => return self.threshold.to_string(),
            "warn_threshold" => return self.warning.map_or(String::new(), |warning| warning.to_string()),
            _ => {}
        }
        let tag = variable.strip_suffix(".name").unwrap_or(variable);
        match self.labels.iter().find(|(known, _)| known == tag) {
            Some((_, label)) => format!("{{{{ $labels.{label} }}}}"),
            None => {
                scene.note(format!(
                    "the variable {{{{{variable}}}}} of the message is not known to the alert and is dropped"
                ));
                String::new()
            }
        }
    }
}

/// Who is told is Alertmanager's business.
fn without_handles(text: &str, scene: &mut Scene<'_, '_>) -> String {
    let handle = |word: &&str| word.len() > 1 && word.starts_with('@');
    let handles: Vec<_> = text.split_whitespace().filter(handle).collect();
    if handles.is_empty() {
        return text.trim().to_owned();
    }
    scene.note(format!("{} is notified by a route of Alertmanager", handles.join(", ")));
    let lines = text.lines().map(|line| line.split(' ').filter(|word| !handle(word)).collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
