//! How long is "1h30m"? Durations as Prometheus writes them.

use syn::LitStr;

use crate::errors::Errors;

const UNITS: [(&str, u64); 7] = [
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
    ("y", 31_536_000_000),
];

/// A duration, with the literal it was written as.
pub(crate) struct Duration {
    pub(crate) literal: LitStr,
    milliseconds: u64,
}

impl Duration {
    pub(super) fn read(errors: &Errors, literal: LitStr) -> Option<Self> {
        match milliseconds(&literal.value()) {
            Some(milliseconds) => Some(Self { literal, milliseconds }),
            None => {
                let units = UNITS.map(|(unit, _)| format!("`{unit}`")).join(", ");
                errors.at(&literal, format_args!("write a duration such as \"30s\" or \"1h30m\", with {units}"));
                None
            }
        }
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.milliseconds as f64 / 1000.0
    }

    /// Whole seconds; part of a second is an error.
    pub(crate) fn whole_seconds(&self, errors: &Errors) -> Option<u64> {
        if self.milliseconds % 1000 == 0 {
            return Some(self.milliseconds / 1000);
        }
        errors.at(&self.literal, "write whole seconds, such as \"90s\"");
        None
    }
}

/// A number and a unit, again and again.
fn milliseconds(mut text: &str) -> Option<u64> {
    let mut sum = 0_u64;
    loop {
        let digits = text.find(|character: char| !character.is_ascii_digit())?;
        let (number, rest) = text.split_at(digits);
        let end = rest.find(|character: char| character.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, rest) = rest.split_at(end);
        let (_, length) = UNITS.iter().find(|(known, _)| *known == unit)?;
        sum = number.parse::<u64>().ok()?.checked_mul(*length)?.checked_add(sum)?;
        if rest.is_empty() {
            return Some(sum);
        }
        text = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn durations_are_read_as_prometheus_does() {
        let cases = [
            ("1m", Some(60_000)),
            ("1h30m", Some(5_400_000)),
            ("30d", Some(2_592_000_000)),
            ("250ms", Some(250)),
            ("0s", Some(0)),
            ("", None),
            ("1", None),
            ("m", None),
            ("1.5h", None),
            ("1 m", None),
            ("1fortnight", None),
            ("99999999999999999999s", None),
        ];
        for (text, expected) in cases {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }
}
