//! How is a name written for a reader that may not know UTF-8 names?

use std::borrow::Cow;

use super::escape::write_quoted;

/// What becomes of a name that is not `[a-zA-Z_][a-zA-Z0-9_]*` (metric names: also `:`), as negotiated with the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Escaping {
    /// It is written as it is, in quotes.
    AllowUtf8,
    /// Every character that is not allowed becomes `_`. The field's default.
    #[default]
    Underscores,
    /// `.` becomes `_dot_`, `_` becomes `__`, as does whatever else is not allowed.
    Dots,
    /// `U__`, and every character that is not allowed becomes its code point in hexadecimal between underscores.
    Values,
}

impl Escaping {
    /// As it is spelled in content types.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AllowUtf8 => "allow-utf-8",
            Self::Underscores => "underscores",
            Self::Dots => "dots",
            Self::Values => "values",
        }
    }

    /// The scheme of this spelling.
    pub(crate) fn from_str(text: &str) -> Option<Self> {
        [Self::AllowUtf8, Self::Underscores, Self::Dots, Self::Values]
            .into_iter()
            .find(|scheme| scheme.as_str().eq_ignore_ascii_case(text))
    }
}

/// What kind of name it is: metric names may hold colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameKind {
    Metric,
    Label,
}

impl NameKind {
    fn allows(self, character: char, first: bool) -> bool {
        match character {
            'a'..='z' | 'A'..='Z' | '_' => true,
            '0'..='9' => !first,
            ':' => self == Self::Metric,
            _ => false,
        }
    }

    /// Whether every reader understands the name without quotes.
    pub(crate) fn is_legacy(self, name: &str) -> bool {
        !name.is_empty() && name.chars().enumerate().all(|(at, character)| self.allows(character, at == 0))
    }
}

/// The name as a reader with this scheme sees it. Two names may become one: a registry has to look.
pub(crate) fn escape_name(name: &str, kind: NameKind, scheme: Escaping) -> Cow<'_, str> {
    match scheme {
        Escaping::AllowUtf8 => Cow::Borrowed(name),
        Escaping::Dots if name.bytes().any(|byte| byte == b'_') => Cow::Owned(escape_dots(name, kind)),
        _ if kind.is_legacy(name) => Cow::Borrowed(name),
        Escaping::Underscores => Cow::Owned(escape_underscores(name, kind)),
        Escaping::Dots => Cow::Owned(escape_dots(name, kind)),
        Escaping::Values => Cow::Owned(escape_values(name, kind)),
    }
}

fn escape_underscores(name: &str, kind: NameKind) -> String {
    let replace = |(at, character)| if kind.allows(character, at == 0) { character } else { '_' };
    name.chars().enumerate().map(replace).collect()
}

fn escape_dots(name: &str, kind: NameKind) -> String {
    let mut escaped = String::with_capacity(name.len() + 8);
    for (at, character) in name.chars().enumerate() {
        match character {
            '_' => escaped.push_str("__"),
            '.' => escaped.push_str("_dot_"),
            character if kind.allows(character, at == 0) => escaped.push(character),
            _ => escaped.push_str("__"),
        }
    }
    escaped
}

fn escape_values(name: &str, kind: NameKind) -> String {
    let mut escaped = String::from("U__");
    for (at, character) in name.chars().enumerate() {
        match character {
            '_' => escaped.push_str("__"),
            character if kind.allows(character, at == 0) => escaped.push(character),
            character => escaped.push_str(&format!("_{:x}_", u32::from(character))),
        }
    }
    escaped
}

/// Appends a label's name, in quotes where it needs them.
pub(crate) fn write_label_name(out: &mut Vec<u8>, name: &str, scheme: Escaping) {
    write_name(out, &escape_name(name, NameKind::Label, scheme), NameKind::Label);
}

/// Appends a family's name as metadata lines name it; `name` has been escaped.
pub(crate) fn write_family_name(out: &mut Vec<u8>, name: &str) {
    write_name(out, name, NameKind::Metric);
}

fn write_name(out: &mut Vec<u8>, name: &str, kind: NameKind) {
    if kind.is_legacy(name) {
        out.extend_from_slice(name.as_bytes());
    } else {
        out.push(b'"');
        write_quoted(out, name.as_bytes());
        out.push(b'"');
    }
}

/// Appends the start of a sample up to its first label: `name_suffix{`, or `{"name.suffix",`; `name` has been escaped.
pub(crate) fn write_sample_open(out: &mut Vec<u8>, name: &str, suffix: &str) {
    if NameKind::Metric.is_legacy(name) {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(suffix.as_bytes());
        out.push(b'{');
    } else {
        out.extend_from_slice(b"{\"");
        write_quoted(out, name.as_bytes());
        out.extend_from_slice(suffix.as_bytes());
        out.extend_from_slice(b"\",");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMES: [Escaping; 4] = [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Dots, Escaping::Values];

    #[test]
    fn metric_names_are_escaped_as_prometheus_escapes_them() {
        let goldens = [
            ("up", ["up", "up", "up", "up"]),
            (
                "no:escaping_required",
                ["no:escaping_required", "no:escaping_required", "no:escaping__required", "no:escaping_required"],
            ),
            (
                "mysystem.prod.west.cpu.load_total",
                [
                    "mysystem.prod.west.cpu.load_total",
                    "mysystem_prod_west_cpu_load_total",
                    "mysystem_dot_prod_dot_west_dot_cpu_dot_load__total",
                    "U__mysystem_2e_prod_2e_west_2e_cpu_2e_load__total",
                ],
            ),
            ("花火", ["花火", "__", "____", "U___82b1__706b_"]),
            ("5xx", ["5xx", "_xx", "__xx", "U___35_xx"]),
        ];
        for (name, expected) in goldens {
            assert_eq!(SCHEMES.map(|scheme| escape_name(name, NameKind::Metric, scheme)), expected, "{name}");
        }
    }

    #[test]
    fn label_names_are_escaped_and_hold_no_colon() {
        let goldens = [
            ("label with 😱", ["label with 😱", "label_with__", "label__with____", "U__label_20_with_20__1f631_"]),
            ("a:b", ["a:b", "a_b", "a__b", "U__a_3a_b"]),
        ];
        for (name, expected) in goldens {
            assert_eq!(SCHEMES.map(|scheme| escape_name(name, NameKind::Label, scheme)), expected, "{name}");
        }
    }

    #[test]
    fn names_that_need_quotes_stand_inside_the_braces() {
        let open = |name: &str| {
            let mut out = Vec::new();
            write_sample_open(&mut out, name, "_sum");
            String::from_utf8(out).unwrap()
        };
        assert_eq!(open("plain"), "plain_sum{");
        assert_eq!(open("with.dot"), "{\"with.dot_sum\",");
        assert_eq!(open("qu\"ote"), "{\"qu\\\"ote_sum\",");
    }

    #[test]
    fn schemes_read_back_whatever_the_case() {
        for scheme in SCHEMES {
            assert_eq!(Escaping::from_str(scheme.as_str()), Some(scheme));
        }
        assert_eq!(Escaping::from_str("Allow-UTF-8"), Some(Escaping::AllowUtf8));
        assert_eq!(Escaping::from_str("percent"), None);
    }
}
