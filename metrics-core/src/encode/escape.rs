//! How is text made safe inside a line?

/// Appends a label value, a help text of OpenMetrics, or a name that stands in quotes: `\`, `"` and line feed are escaped.
pub(crate) fn write_quoted(out: &mut Vec<u8>, text: &[u8]) {
    // No early exit: this way it is straight code, and what needs an escape is rare.
    if text.iter().fold(false, |found, &byte| found | matches!(byte, b'"' | b'\\' | b'\n')) {
        write_escaped(out, text, true);
    } else {
        out.extend_from_slice(text);
    }
}

/// Appends the text of a `# HELP` line in 0.0.4, where quotes stand for themselves.
pub(crate) fn write_help(out: &mut Vec<u8>, text: &[u8]) {
    write_escaped(out, text, false);
}

fn write_escaped(out: &mut Vec<u8>, text: &[u8], quotes: bool) {
    for &byte in text {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'"' if quotes => out.extend_from_slice(b"\\\""),
            byte => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quoted(text: &str) -> String {
        let mut out = Vec::new();
        write_quoted(&mut out, text.as_bytes());
        String::from_utf8(out).unwrap()
    }

    fn help(text: &str) -> String {
        let mut out = Vec::new();
        write_help(&mut out, text.as_bytes());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn label_values_escape_backslash_quote_and_line_feed() {
        let goldens = [
            ("", ""),
            ("plain", "plain"),
            (r#"C:\dir "x""#, r#"C:\\dir \"x\""#),
            ("two\nlines", r"two\nlines"),
            ("tab\tcr\rnul\0", "tab\tcr\rnul\0"),
            ("花火 😱", "花火 😱"),
        ];
        for (text, expected) in goldens {
            assert_eq!(quoted(text), expected);
        }
    }

    #[test]
    fn help_leaves_quotes_alone() {
        assert_eq!(help("a \"b\" \\ c\nd"), r#"a "b" \\ c\nd"#);
    }

    fn unescape(text: &str) -> String {
        let mut plain = String::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            plain.push(match character {
                '\\' => match characters.next() {
                    Some('n') => '\n',
                    Some(escaped @ ('\\' | '"')) => escaped,
                    other => panic!("{other:?} is escaped in {text:?}"),
                },
                '\n' | '"' => panic!("{character:?} stands bare in {text:?}"),
                character => character,
            });
        }
        plain
    }

    proptest! {
        #[test]
        fn what_is_escaped_reads_back(text in "([a-c\"\\\\\n]|\\PC){0,40}") {
            prop_assert_eq!(unescape(&quoted(&text)), text);
        }
    }
}
