//! What labels do a foreign metric's tags become?

use std::borrow::Cow;

use super::clean_name;

/// Label names that do not belong to a metric: Kubernetes scraping sets the first eight, Prometheus the rest.
pub const RESERVED_LABELS: [&str; 10] =
    ["job", "instance", "namespace", "pod", "container", "service", "endpoint", "node", "le", "quantile"];

/// The longest label value in bytes that is kept as it is; what is longer is cut at a character.
const MAX_VALUE_BYTES: usize = 512;

/// The label name of a tag key: cleaned as names are, which leaves one `_` of several at its beginning, and reserved ones with
/// `exported_` before them, as Prometheus itself renames labels that collide with a target's.
///
/// ```
/// # use metrics_bridge::map::label_name;
/// assert_eq!(label_name("http.method"), "http_method");
/// assert_eq!(label_name("service"), "exported_service");
/// ```
pub fn label_name(key: &str) -> String {
    let name = clean_name(key);
    if RESERVED_LABELS.contains(&name.as_str()) {
        return format!("exported_{name}");
    }
    name
}

/// The longest tag key in bytes; what is longer is cut.
const MAX_KEY_BYTES: usize = 200;

/// The labels of a series, by name: its tags, cleaned, and a rule's labels.
///
/// - A tag without a colon gets the value `true`; one with an empty value is left out, which in Prometheus is the same.
/// - A key that occurs twice keeps all its values, each once, in the order in which they came, joined by commas.
/// - A rule's label replaces a tag of the same name, unless the rule honours tags.
pub fn clean_labels<'a>(
    tags: impl Iterator<Item = (&'a str, Option<&'a str>)>,
    rule: &[(String, String)],
    honor_tags: bool,
) -> Vec<(String, String)> {
    let mut labels: Vec<(String, String)> = Vec::new();
    for (key, value) in tags {
        let value = clean_value(value.unwrap_or("true"));
        let key = cut(key.trim(), MAX_KEY_BYTES);
        if !key.is_empty() && !value.is_empty() {
            add(&mut labels, label_name(key), &value);
        }
    }
    for (name, value) in rule {
        set(&mut labels, name, value, honor_tags);
    }
    labels.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    labels
}

fn add(labels: &mut Vec<(String, String)>, name: String, value: &str) {
    match labels.iter_mut().find(|(present, _)| *present == name) {
        None => labels.push((name, value.to_owned())),
        Some((_, present)) if present.split(',').any(|one| one == value) => {}
        Some((_, present)) if present.len() + value.len() < MAX_VALUE_BYTES => {
            present.push(',');
            present.push_str(value);
        }
        Some(_) => {}
    }
}

fn set(labels: &mut Vec<(String, String)>, name: &str, value: &str, honor_tags: bool) {
    let present = labels.iter().position(|(present, _)| present == name);
    match (present, value.is_empty()) {
        (Some(_), _) if honor_tags => {}
        (Some(at), true) => drop(labels.swap_remove(at)),
        (Some(at), false) => value.clone_into(&mut labels[at].1),
        (None, true) => {}
        (None, false) => labels.push((name.to_owned(), value.to_owned())),
    }
}

/// Without white space around it and control characters in it, and not longer than is kept.
fn clean_value(value: &str) -> Cow<'_, str> {
    let mut value = Cow::Borrowed(value.trim());
    if value.chars().any(char::is_control) {
        value = Cow::Owned(value.chars().map(|one| if one.is_control() { ' ' } else { one }).collect());
    }
    if value.len() > MAX_VALUE_BYTES {
        value = Cow::Owned(cut(&value, MAX_VALUE_BYTES).to_owned());
    }
    value
}

/// The beginning that is not longer than `longest` bytes.
fn cut(text: &str, longest: usize) -> &str {
    let end = (0..=longest.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}
