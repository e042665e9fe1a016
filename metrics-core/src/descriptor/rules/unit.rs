//! Which units are base units, and does a name end with its unit?

use super::super::MetricType;
use super::label::{contains, same};
use super::name::{ends_with, noun};
use super::{Message, Verdict};

/// What is often written for a base unit, as a whole word.
const SPELLINGS: [(&str, &[&str]); 7] = [
    (
        "seconds",
        &[
            "s", "sec", "secs", "second", "ms", "msec", "msecs", "us", "usec", "usecs", "ns", "nsec", "nsecs", "min",
            "mins", "minute", "minutes", "hr", "hrs", "hour", "hours", "day", "days", "week", "weeks",
        ],
    ),
    (
        "bytes",
        &[
            "b", "byte", "bit", "bits", "kb", "mb", "gb", "tb", "pb", "kib", "mib", "gib", "tib", "pib", "kbit",
            "mbit", "gbit",
        ],
    ),
    ("ratio", &["percent", "percents", "percentage", "pct"]),
    ("celsius", &["fahrenheit", "rankine"]),
    ("meters", &["km", "cm", "mm", "inches", "feet", "yards", "miles"]),
    ("grams", &["kg", "mg", "pounds", "ounces"]),
    ("joules", &["kwh", "wh", "calories", "kcal"]),
];

/// Words of the table that are also something else at the end of a name: an item, a minimum, a step of a rate.
const ONLY_AS_UNIT: [&str; 11] = ["b", "byte", "bit", "second", "min", "mins", "minute", "hour", "day", "week", "feet"];

const PREFIXES: [&str; 18] = [
    "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega", "mebi", "giga", "gibi",
    "tera", "tebi", "peta", "pebi",
];

/// What such a prefix is put to; the plural is the unit's name.
const PREFIXED: [(&str, &str); 19] = [
    ("second", "seconds"),
    ("seconds", "seconds"),
    ("byte", "bytes"),
    ("bytes", "bytes"),
    ("bit", "bytes"),
    ("bits", "bytes"),
    ("meter", "meters"),
    ("meters", "meters"),
    ("metre", "meters"),
    ("metres", "meters"),
    ("gram", "grams"),
    ("grams", "grams"),
    ("joules", "joules"),
    ("amperes", "amperes"),
    ("volts", "volts"),
    ("watts", "watts"),
    ("hertz", "hertz"),
    ("moles", "moles"),
    ("kelvin", "kelvin"),
];

/// The base unit of a unit that is none; `None` for one that is, and for a word that is not known.
const fn base_of(unit: &str) -> Option<&'static str> {
    let mut at = 0;
    while at < SPELLINGS.len() {
        let (base, spellings) = SPELLINGS[at];
        let mut spelling = 0;
        while spelling < spellings.len() {
            if alike(spellings[spelling].as_bytes(), unit.as_bytes()) {
                return Some(base);
            }
            spelling += 1;
        }
        at += 1;
    }
    let mut at = 0;
    while at < PREFIXES.len() {
        let prefix = PREFIXES[at].as_bytes();
        if unit.len() > prefix.len() && unit.as_bytes()[0].eq_ignore_ascii_case(&prefix[0]) {
            let (head, word) = unit.as_bytes().split_at(prefix.len());
            if alike(head, prefix) {
                return prefixed(word);
            }
        }
        at += 1;
    }
    None
}

/// The base unit of a word that follows a prefix; no prefix begins as another.
const fn prefixed(word: &[u8]) -> Option<&'static str> {
    let mut at = 0;
    while at < PREFIXED.len() {
        if alike(word, PREFIXED[at].0.as_bytes()) {
            return Some(PREFIXED[at].1);
        }
        at += 1;
    }
    None
}

/// The same but for capitals, with which units are often written.
const fn alike(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if !a[at].eq_ignore_ascii_case(&b[at]) {
            return false;
        }
        at += 1;
    }
    true
}

/// The unit itself: a base unit, in the plural, in lower case.
pub(crate) const fn base_unit(unit: &str) -> Verdict {
    if let Some(base) = base_of(unit) {
        let message = Message::new("unit ").quoted(unit).text(" is not a base unit: use `").text(base);
        return Some(message.text("` and convert what is recorded"));
    }
    let mut at = 0;
    while at < unit.len() {
        let byte = unit.as_bytes()[at];
        if !(byte.is_ascii_lowercase() || (byte.is_ascii_digit() && at > 0) || (byte == b'_' && at > 0)) {
            let message = Message::new("unit ").quoted(unit);
            let message = message.text(" may have lower case letters, digits and `_` only, and starts with a letter: ");
            return Some(message.text("write it out, in the plural, such as `seconds` or `bytes`"));
        }
        at += 1;
    }
    if unit.is_empty() || same(unit, "total") || same(unit, "info") {
        let message = Message::new("unit ").quoted(unit);
        return Some(message.text(" is none: name one such as `seconds` or `bytes`, or leave `unit` out"));
    }
    None
}

/// Where a name's part before `_total` ends.
const fn stem(kind: MetricType, name: &str) -> usize {
    if matches!(kind, MetricType::Counter) && ends_with(name, "_total") {
        name.len() - "_total".len()
    } else {
        name.len()
    }
}

/// Where the last word of the first `end` bytes starts.
const fn last_word(name: &str, end: usize) -> usize {
    let mut start = end;
    while start > 0 && name.as_bytes()[start - 1] != b'_' {
        start -= 1;
    }
    start
}

/// The base unit that should stand in the place of a name's last word, and where that word starts.
const fn wrong_word(kind: MetricType, name: &str) -> Option<(usize, &'static str)> {
    let end = stem(kind, name);
    let start = last_word(name, end);
    let Ok(word) = core::str::from_utf8(name.as_bytes().split_at(end).0.split_at(start).1) else { return None };
    if start == 0 {
        return None;
    }
    match base_of(word) {
        Some(base) if !contains(&ONLY_AS_UNIT, word) => Some((start, base)),
        _ => None,
    }
}

/// A declared unit is the last word of the name, before `_total`.
pub(crate) const fn unit_suffix(kind: MetricType, name: &str, unit: &str) -> Verdict {
    if matches!(kind, MetricType::Info | MetricType::StateSet) {
        let message =
            Message::new(noun(kind)).text(" ").quoted(name).text(" cannot have a unit: its value is 1 or 0; ");
        return Some(message.text("leave `unit` out"));
    }
    let end = stem(kind, name);
    if ends_with_unit(name, end, unit) {
        return None;
    }
    let keep = match wrong_word(kind, name) {
        Some((start, _)) => start - 1,
        None => end,
    };
    let message =
        Message::new("metric ").quoted(name).text(" has the unit ").quoted(unit).text(", which its name must end with");
    let message = if end < name.len() { message.text(" before `_total`") } else { message };
    let message = message.text(": name it `").part(name, 0, keep).text("_").text(unit);
    Some(message.part(name, end, name.len()).text("`, or correct the unit"))
}

const fn ends_with_unit(name: &str, end: usize, unit: &str) -> bool {
    match core::str::from_utf8(name.as_bytes().split_at(end).0) {
        Ok(stem) if stem.len() > unit.len() => {
            ends_with(stem, unit) && stem.as_bytes()[stem.len() - unit.len() - 1] == b'_'
        }
        _ => false,
    }
}

/// A name without a declared unit does not end with a unit that is not a base unit.
pub(crate) const fn unit_in_name(kind: MetricType, name: &str) -> Verdict {
    let Some((start, base)) = wrong_word(kind, name) else { return None };
    let end = stem(kind, name);
    let message = Message::new("metric ").quoted(name).text(" is named after `").part(name, start, end);
    let message = message.text("`, which is not a base unit: convert what is recorded and name it `");
    Some(message.part(name, 0, start).text(base).part(name, end, name.len()).text("`"))
}

/// A busy-time counter counts seconds.
pub(crate) const fn busy_name(name: &str) -> Verdict {
    if ends_with(name, "_seconds_total") {
        return None;
    }
    let end = stem(MetricType::Counter, name);
    let message = Message::new("busy time ").quoted(name).text(" counts seconds: name it `").part(name, 0, end);
    Some(message.text("_seconds_total`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use MetricType::{Counter, Gauge, Histogram};

    fn said(verdict: Verdict) -> String {
        verdict.map_or_else(String::new, |message| message.as_str().to_owned())
    }

    #[test]
    fn only_base_units_are_units() {
        let bases = [
            ("ms", "seconds"),
            ("s", "seconds"),
            ("hours", "seconds"),
            ("milliseconds", "seconds"),
            ("KB", "bytes"),
            ("MiB", "bytes"),
            ("mebibytes", "bytes"),
            ("kilobits", "bytes"),
            ("percent", "ratio"),
            ("kilometres", "meters"),
            ("fahrenheit", "celsius"),
        ];
        for (unit, base) in bases {
            let text = format!("unit `{unit}` is not a base unit: use `{base}` and convert what is recorded");
            assert_eq!(said(base_unit(unit)), text);
        }
        for unit in ["seconds", "bytes", "ratio", "celsius", "joules", "requests", "euros"] {
            assert_eq!(said(base_unit(unit)), "");
        }
        assert_eq!(
            said(base_unit("Requests")),
            "unit `Requests` may have lower case letters, digits and `_` only, and starts with a letter: write it out, in the \
             plural, such as `seconds` or `bytes`"
        );
        let none = "is none: name one such as `seconds` or `bytes`, or leave `unit` out";
        assert_eq!(said(base_unit("")), format!("unit `` {none}"));
        assert_eq!(said(base_unit("total")), format!("unit `total` {none}"));
    }

    #[test]
    fn a_name_ends_with_its_unit() {
        assert_eq!(said(unit_suffix(Gauge, "cache_bytes", "bytes")), "");
        assert_eq!(said(unit_suffix(Counter, "sent_bytes_total", "bytes")), "");
        assert_eq!(
            said(unit_suffix(Histogram, "wait_ms", "seconds")),
            "metric `wait_ms` has the unit `seconds`, which its name must end with: name it `wait_seconds`, or correct \
             the unit"
        );
        assert_eq!(
            said(unit_suffix(Counter, "sent_total", "bytes")),
            "metric `sent_total` has the unit `bytes`, which its name must end with before `_total`: name it \
             `sent_bytes_total`, or correct the unit"
        );
        assert!(unit_suffix(Gauge, "megabytes", "bytes").is_some());
        assert!(unit_suffix(Gauge, "bytes", "bytes").is_some());
        assert_eq!(
            said(unit_suffix(MetricType::Info, "build_info", "bytes")),
            "info metric `build_info` cannot have a unit: its value is 1 or 0; leave `unit` out"
        );
    }

    #[test]
    fn a_name_does_not_end_with_another_unit() {
        assert_eq!(
            said(unit_in_name(Counter, "sent_kb_total")),
            "metric `sent_kb_total` is named after `kb`, which is not a base unit: convert what is recorded and name it \
             `sent_bytes_total`"
        );
        assert_eq!(
            said(unit_in_name(Gauge, "wait_milliseconds")),
            "metric `wait_milliseconds` is named after `milliseconds`, which is not a base unit: convert what is recorded and name \
             it `wait_seconds`"
        );
        for name in ["items_per_minute", "plan_b", "ms", "temperature_min", "cache_bytes", "items"] {
            assert_eq!(said(unit_in_name(Gauge, name)), "", "{name}");
        }
    }

    #[test]
    fn busy_time_counts_seconds() {
        assert_eq!(said(busy_name("pool_busy_seconds_total")), "");
        assert_eq!(
            said(busy_name("pool_busy_total")),
            "busy time `pool_busy_total` counts seconds: name it `pool_busy_seconds_total`"
        );
    }
}
