//! How are the parts of a query written: durations, numbers, selectors, bucket bounds?

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A span of time in Prometheus' notation: `15s`, `1m30s`, `500ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    milliseconds: u64,
}

/// Prometheus' units from the greatest down. Weeks and years read worse than days and are only understood.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl Span {
    /// This many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self { milliseconds: seconds * 1_000 }
    }

    /// This many seconds, to the millisecond.
    pub(crate) fn seconds_f64(seconds: f64) -> Self {
        Self { milliseconds: (seconds * 1_000.0).round() as u64 }
    }

    pub(crate) const fn divided_by(self, divisor: u64) -> Self {
        Self { milliseconds: self.milliseconds / divisor }
    }

    pub(crate) const fn times(self, factor: u64) -> Self {
        Self { milliseconds: self.milliseconds * factor }
    }

    /// This many times as long, to the millisecond.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self { milliseconds: (self.milliseconds as f64 * factor).round() as u64 }
    }

    pub(crate) fn as_seconds(self) -> f64 {
        self.milliseconds as f64 / 1_000.0
    }

    /// In seconds, rounded up.
    pub(crate) const fn whole_seconds(self) -> u64 {
        self.milliseconds.div_ceil(1_000)
    }

    /// Reads `1m30s`; the units stand from the greatest down, each at most once.
    fn parse(text: &str) -> Option<Self> {
        let (mut rest, mut total, mut units) = (text, 0_u64, UNITS.iter());
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (amount, after) = rest.split_at(digits);
            let letters = after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
            let (unit, after) = after.split_at(letters);
            let (_, size) = units.find(|(name, _)| *name == unit)?;
            total = total.checked_add(amount.parse::<u64>().ok()?.checked_mul(*size)?)?;
            rest = after;
        }
        (total > 0).then_some(Self { milliseconds: total })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.milliseconds;
        if left == 0 {
            return f.write_str("0s");
        }
        for (unit, size) in UNITS {
            if left / size > 0 {
                write!(f, "{}{unit}", left / size)?;
                left %= size;
            }
        }
        Ok(())
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is no duration; write it as `15s`, `1m30s` or `500ms`"))
        })
    }
}

/// Label matchers, in the order in which they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selector {
    matchers: Vec<String>,
    equal: Vec<(String, String)>,
}

impl Selector {
    pub(crate) fn equal<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        pairs.into_iter().fold(Self::default(), |selector, (name, value)| selector.and_equal(name, value))
    }

    pub(crate) fn and_equal(mut self, name: &str, value: &str) -> Self {
        self.matchers.push(format!("{name}={}", quoted(value)));
        self.equal.push((name.to_owned(), value.to_owned()));
        self
    }

    /// One of several values, each taken literally.
    pub(crate) fn and_one_of(mut self, name: &str, values: &[String]) -> Self {
        if let [value] = values {
            return self.and_equal(name, value);
        }
        let pattern: Vec<_> = values.iter().map(|value| literal(value)).collect();
        self.matchers.push(format!("{name}=~{}", quoted(&pattern.join("|"))));
        self
    }

    pub(crate) fn and(mut self, matcher: &str) -> Self {
        self.matchers.push(matcher.to_owned());
        self
    }

    /// The labels that have one value, which is also what a test's series must carry.
    pub(crate) fn labels(&self) -> &[(String, String)] {
        &self.equal
    }

    /// `name{matchers}`.
    pub(crate) fn of(&self, name: &str) -> String {
        format!("{name}{{{self}}}")
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.matchers.join(","))
    }
}

/// Text as a PromQL string.
pub(crate) fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// A regular expression that matches just this text; brackets where they do, since a backslash would have to be
/// doubled in PromQL and again in some YAML.
fn literal(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '.' | '+' | '*' | '?' | '(' | ')' | '|' | '{' | '}' | '$' => out.extend(['[', c, ']']),
            '[' | ']' | '^' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// A number without the digits that binary fractions add: 14.4 × (1 − 0.999) is `0.0144`.
pub(crate) fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// The texts that a bucket's bound can have as the label `le`: as the text format writes it (`1`, `1e+06`), as
/// Prometheus 3 and OpenMetrics write it (`1.0`), and in plain digits.
pub(crate) fn bound_texts(bound: f64) -> Vec<String> {
    let plain = bound.to_string();
    let short = go_shortest(bound);
    let mut texts = vec![short.clone()];
    for text in [plain.clone(), with_point(plain), with_point(short)] {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// Go's `FormatFloat(value, 'g', -1, 64)`, which Prometheus' own libraries use.
fn go_shortest(value: f64) -> String {
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn with_point(text: String) -> String {
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}

#[cfg(test)]
mod tests {
    use super::{Selector, Span, bound_texts, rounded};

    #[test]
    fn a_span_is_read_and_written_alike() {
        for text in ["15s", "1m30s", "500ms", "3d", "1d12h", "1h1ms"] {
            assert_eq!(Span::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Span::parse("90s").unwrap().to_string(), "1m30s");
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in ["", "0s", "15", "s", "1s1m", "1s1s", "1.5s", "-1s", "15 s", "99999999999999999999s"] {
            assert_eq!(Span::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_bound_matches_in_every_spelling() {
        assert_eq!(bound_texts(0.5), ["0.5"]);
        assert_eq!(bound_texts(1.0), ["1", "1.0"]);
        assert_eq!(bound_texts(250.0), ["250", "250.0"]);
        assert_eq!(bound_texts(1e6), ["1e+06", "1000000", "1000000.0"]);
        assert_eq!(bound_texts(2.5e-5), ["2.5e-05", "0.000025"]);
    }

    #[test]
    fn several_values_are_taken_literally() {
        let one = Selector::equal([("job", "a\"b")]).and_one_of("le", &["1".into(), "1.0".into()]);
        assert_eq!(one.of("x"), r#"x{job="a\"b",le=~"1|1[.]0"}"#);
        assert_eq!(one.labels(), [("job".to_owned(), "a\"b".to_owned())]);
    }

    #[test]
    fn a_threshold_has_no_binary_dust() {
        assert_eq!(rounded(14.4 * (1.0 - 0.999)), 0.0144);
        assert_eq!(rounded(0.0), 0.0);
    }
}
