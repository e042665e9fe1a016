//! What alert rules is a Datadog monitor?

mod condition;
mod message;

use serde_json::Value;

use super::{TranslateError, Translator, duration, piece::Scene};
use crate::map::clean_labels;
use condition::Condition;
use message::{Level, Message};

/// A rule of Prometheus that raises an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRule {
    /// The alert's name.
    pub alert: String,
    /// The condition.
    pub expr: String,
    /// Its labels, by name.
    pub labels: Vec<(String, String)>,
    /// Its annotations.
    pub annotations: Vec<(String, String)>,
}

/// A translated monitor: a rule for each threshold, and one for missing data if it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorTranslation {
    /// The rules.
    pub rules: Vec<AlertRule>,
    /// What differs from the original; each sentence once.
    pub notes: Vec<String>,
}

impl Translator {
    /// One monitor as Datadog's API gives it.
    ///
    /// # Errors
    ///
    /// The field or the part of its query that cannot be translated, and what to do.
    pub fn monitor(&self, monitor: &Value) -> Result<MonitorTranslation, TranslateError> {
        check_type(monitor)?;
        let query = text(monitor, "query")?;
        let condition = Condition::parse(query)?;
        let mut notes = Vec::new();
        let options = &monitor["options"];
        let delay = options["evaluation_delay"].as_u64().unwrap_or(0);
        let mut scene = Scene::new(self, query, &mut notes);
        scene.offset = delay;
        let value = condition.translate(&mut scene)?;
        let message = Message::new(monitor, &condition, &mut scene);
        let mut rules = Vec::new();
        for (level, threshold) in thresholds(options, &condition)? {
            rules.push(rule(monitor, &message, level, condition.compared(&value, threshold), &mut scene)?);
        }
        if options["notify_no_data"].as_bool() == Some(true) {
            rules.push(no_data(monitor, &message, &value, &mut scene)?);
        }
        note_options(options, &mut scene);
        Ok(MonitorTranslation { rules, notes })
    }
}

fn check_type(monitor: &Value) -> Result<(), TranslateError> {
    let advice = match text(monitor, "type")? {
        "metric alert" | "query alert" => return Ok(()),
        "service check" => {
            "a service check is the gauge `<name>_status` here (0 ok, 1 warning, 2 critical, 3 unknown): alert on it by hand, for \
             example `db_up_status == 2` with `for: 1m`"
        }
        "composite" => "combine the expressions of its monitors by hand with `and`, `or` and `unless`",
        "log alert" | "event-v2 alert" | "event alert" => {
            "logs and events are not metrics; count them in the service, or alert in Loki"
        }
        _ => "only metric alerts (types `metric alert` and `query alert`) are translated",
    };
    Err(TranslateError::field("type", advice))
}

fn text<'a>(monitor: &'a Value, field: &str) -> Result<&'a str, TranslateError> {
    monitor[field].as_str().ok_or_else(|| TranslateError::field(field, "it is missing or not a string"))
}

/// Critical from the query, a warning from the options.
fn thresholds(options: &Value, condition: &Condition) -> Result<Vec<(Level, f64)>, TranslateError> {
    let given = &options["thresholds"];
    if let Some(critical) = given["critical"].as_f64().filter(|critical| *critical != condition.threshold) {
        let advice = format!("it is {critical}, but the query says {}; make them equal", condition.threshold);
        return Err(TranslateError::field("options.thresholds.critical", advice));
    }
    let mut levels = vec![(Level::Critical, condition.threshold)];
    levels.extend(given["warning"].as_f64().map(|warning| (Level::Warning, warning)));
    Ok(levels)
}

fn rule(
    monitor: &Value,
    message: &Message,
    level: Level,
    expr: String,
    scene: &mut Scene<'_, '_>,
) -> Result<AlertRule, TranslateError> {
    let tags = monitor["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let tags = tags.iter().filter_map(Value::as_str).map(|tag| match tag.split_once(':') {
        Some((key, value)) => (key, Some(value)),
        None => (tag, None),
    });
    let mut own = vec![("severity".to_owned(), level.severity().to_owned())];
    own.extend(monitor["priority"].as_u64().map(|priority| ("priority".to_owned(), format!("P{priority}"))));
    let annotations = vec![
        ("summary".to_owned(), message.filled(text(monitor, "name")?, level, scene)),
        ("description".to_owned(), message.filled(monitor["message"].as_str().unwrap_or(""), level, scene)),
    ];
    let annotations = annotations.into_iter().filter(|(_, text)| !text.is_empty()).collect();
    Ok(AlertRule { alert: message.alert_name(level), expr, labels: clean_labels(tags, &own, false), annotations })
}

fn no_data(
    monitor: &Value,
    message: &Message,
    value: &super::piece::Piece,
    scene: &mut Scene<'_, '_>,
) -> Result<AlertRule, TranslateError> {
    let minutes = monitor["options"]["no_data_timeframe"].as_u64().unwrap_or(10).max(1);
    if value.groups.as_ref().is_some_and(|groups| !groups.is_empty()) {
        scene.note(
            "notify_no_data: the rule fires when every group is missing; a single missing group has no rule, alert on `up` or on \
             absent() of that group",
        );
    }
    let range = duration::promql(minutes * 60);
    let expr = format!("absent_over_time(({})[{range}:])", value.text);
    rule(monitor, message, Level::NoData, expr, scene)
}

/// Settings that change when people are told, not what is measured.
fn note_options(options: &Value, scene: &mut Scene<'_, '_>) {
    let thresholds = &options["thresholds"];
    if !thresholds["critical_recovery"].is_null() || !thresholds["warning_recovery"].is_null() {
        scene.note("recovery thresholds are dropped: an alert ends when its condition does; use `keep_firing_for` against flapping");
    }
    if options["renotify_interval"].as_u64().is_some_and(|minutes| minutes > 0) {
        scene.note("renotify_interval is Alertmanager's `repeat_interval`");
    }
    if options["require_full_window"].as_bool() == Some(true) {
        scene.note("require_full_window is dropped: Prometheus evaluates a window that is only partly filled");
    }
    if options["new_group_delay"].as_u64().or(options["new_host_delay"].as_u64()).is_some_and(|delay| delay > 0) {
        scene.note("new_group_delay and new_host_delay are dropped; use `for` where young groups alert wrongly");
    }
}
