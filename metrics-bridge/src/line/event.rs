//! What do event and service check lines say?

use super::{LineError, MAX_NAME_BYTES, Reason, Tags, fields::tags, offset};

/// How bad an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum AlertType {
    Error,
    Warning,
    #[default]
    Info,
    Success,
}

impl AlertType {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Error, Self::Warning, Self::Info, Self::Success];

    /// As it stands on a line.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Success => "success",
        }
    }
}

/// How urgent an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Priority {
    #[default]
    Normal,
    Low,
}

/// An event line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its text, line breaks still written as `\n`.
    pub text: &'a str,
    /// How bad it is.
    pub alert_type: AlertType,
    /// How urgent it is.
    pub priority: Priority,
    /// Its tags.
    pub tags: Tags<'a>,
}

/// The state that a service check reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ServiceStatus {
    Ok = 0,
    Warning = 1,
    Critical = 2,
    Unknown = 3,
}

/// A service check line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceCheck<'a> {
    /// The check's name.
    pub name: &'a str,
    /// What it found.
    pub status: ServiceStatus,
    /// Its tags.
    pub tags: Tags<'a>,
    /// Why.
    pub message: Option<&'a str>,
}

impl ServiceCheck<'_> {
    /// The name of the gauge that shows its status, before it is mapped.
    pub fn metric(&self) -> String {
        format!("{}.status", self.name)
    }
}

pub(super) fn parse_event<'a>(line: &'a str, rest: &'a str) -> Result<Event<'a>, LineError> {
    let (title, text, fields) =
        title_and_text(rest).ok_or_else(|| LineError::new(Reason::BadEvent, offset(line, rest)))?;
    let mut event =
        Event { title, text, alert_type: AlertType::Info, priority: Priority::Normal, tags: Tags::default() };
    for field in fields.split('|') {
        if let Some(raw) = field.strip_prefix('#') {
            event.tags = tags(line, raw)?;
        } else if let Some(name) = field.strip_prefix("t:") {
            let known = AlertType::ALL.into_iter().find(|alert| alert.text() == name);
            event.alert_type = known.unwrap_or_default();
        } else if field == "p:low" {
            event.priority = Priority::Low;
        }
    }
    Ok(event)
}

/// `5,4}:title|text|fields` by the lengths that it names.
fn title_and_text(rest: &str) -> Option<(&str, &str, &str)> {
    let (lengths, body) = rest.split_once("}:")?;
    let (title, text) = lengths.split_once(',')?;
    let (title, text): (usize, usize) = (title.parse().ok()?, text.parse().ok()?);
    let text_start = title.checked_add(1)?;
    let text_end = text_start.checked_add(text)?;
    let (title_text, body_text) = (body.get(..title)?, body.get(text_start..text_end)?);
    if title == 0 || body.get(title..text_start)? != "|" {
        return None;
    }
    match body.get(text_end..)? {
        "" => Some((title_text, body_text, "")),
        fields => Some((title_text, body_text, fields.strip_prefix('|')?)),
    }
}

pub(super) fn parse_service_check<'a>(line: &'a str, rest: &'a str) -> Result<ServiceCheck<'a>, LineError> {
    let bad = || LineError::new(Reason::BadServiceCheck, offset(line, rest));
    let (name, rest) = rest.split_once('|').ok_or_else(bad)?;
    let (status, mut fields) = rest.split_once('|').unwrap_or((rest, ""));
    let status = match status {
        "0" => ServiceStatus::Ok,
        "1" => ServiceStatus::Warning,
        "2" => ServiceStatus::Critical,
        "3" => ServiceStatus::Unknown,
        _ => return Err(bad()),
    };
    if name.is_empty() {
        return Err(bad());
    }
    if name.len() > MAX_NAME_BYTES {
        return Err(LineError::new(Reason::NameTooLong, offset(line, name)));
    }
    let mut check = ServiceCheck { name, status, tags: Tags::default(), message: None };
    while !fields.is_empty() {
        // The message is the last field and may hold anything.
        if let Some(message) = fields.strip_prefix("m:") {
            check.message = Some(message);
            break;
        }
        let (field, rest) = fields.split_once('|').unwrap_or((fields, ""));
        if let Some(raw) = field.strip_prefix('#') {
            check.tags = tags(line, raw)?;
        }
        fields = rest;
    }
    Ok(check)
}
