//! What is a foreign name in Prometheus' words?

use super::{Source, Unit};
use crate::line::Kind;

/// The name with every character that Prometheus does not know replaced by `_`: dots, dashes, spaces, colons (which
/// belong to recording rules). A run of dashes becomes one `_`, as in statsd_exporter; a leading digit gets a `_` before it.
///
/// ```
/// # use metrics_bridge::map::clean_name;
/// assert_eq!(clean_name("shop.check-out.größe"), "shop_check_out_gr__e");
/// assert_eq!(clean_name("4xx--errors"), "_4xx_errors");
/// ```
pub fn clean_name(name: &str) -> String {
    let mut clean = String::with_capacity(name.len() + 1);
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        clean.push('_');
    }
    // Two underscores at the beginning are Prometheus' own.
    let mut previous = None;
    for character in name.chars() {
        let good = character.is_ascii_alphanumeric();
        if good || (clean != "_" && (character == '_' || (previous, character) != (Some('-'), '-'))) {
            clean.push(if good { character } else { '_' });
        }
        previous = Some(character);
    }
    clean
}

/// A name as it stands, except that a counter ends in `_total`: OpenMetrics has no others.
pub(super) fn rule_name(name: &str, kind: Kind) -> String {
    let mut name = clean_name(name);
    if kind == Kind::Count {
        append(&mut name, "total");
    }
    name
}

/// The conventional name of a metric without a rule, and its unit: base units as suffix, counters end in `_total`.
pub fn default_name(source: Source<'_>) -> (String, Option<&'static str>) {
    let mut name = clean_name(source.name);
    let counted = source.kind == Kind::Count;
    if counted {
        strip(&mut name, "_total");
    }
    let unit = source.unit.base();
    if let Some(unit) = unit {
        strip_unit(&mut name, source.unit);
        append(&mut name, unit);
    }
    if counted {
        append(&mut name, "total");
    }
    (name, unit)
}

fn strip_unit(name: &mut String, unit: Unit) {
    let longest = unit.suffixes().iter().filter(|suffix| name.ends_with(*suffix)).max_by_key(|suffix| suffix.len());
    if let Some(suffix) = longest {
        strip(name, suffix);
    }
}

fn strip(name: &mut String, suffix: &str) {
    // A name that is nothing but the suffix stays.
    if name.len() > suffix.len() && name.ends_with(suffix) {
        name.truncate(name.len() - suffix.len());
    }
}

fn append(name: &mut String, word: &str) {
    let present = name.strip_suffix(word).is_some_and(|start| start.is_empty() || start.ends_with('_'));
    if !present {
        if !name.ends_with('_') {
            name.push('_');
        }
        name.push_str(word);
    }
}
