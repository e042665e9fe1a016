//! How is a variant's name spelled as a label value?

/// A rule of `rename_all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

/// What `rename_all` can be, as serde spells it.
const CASES: [(&str, Case); 8] = [
    ("snake_case", Case::Snake),
    ("kebab-case", Case::Kebab),
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("PascalCase", Case::Pascal),
    ("camelCase", Case::Camel),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
];

impl Case {
    pub(super) fn named(name: &str) -> Option<Self> {
        CASES.iter().find(|(known, _)| *known == name).map(|(_, case)| *case)
    }

    pub(super) fn names() -> String {
        CASES.map(|(name, _)| format!("`{name}`")).join(", ")
    }

    /// The name of a variant in this case.
    pub(super) fn apply(self, variant: &str) -> String {
        let words = words(variant);
        let joined = |separator: &str| words.join(separator);
        match self {
            Self::Lower => joined(""),
            Self::Upper => joined("").to_uppercase(),
            Self::Pascal => words.iter().map(|word| capital(word)).collect(),
            Self::Camel => {
                words.iter().enumerate().map(|(at, word)| if at == 0 { word.clone() } else { capital(word) }).collect()
            }
            Self::Snake => joined("_"),
            Self::ScreamingSnake => joined("_").to_uppercase(),
            Self::Kebab => joined("-"),
            Self::ScreamingKebab => joined("-").to_uppercase(),
        }
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The words of a variant's name in lower case: a word starts at a capital after a small letter or a digit, at the last
/// of several capitals, and after `_`.
fn words(variant: &str) -> Vec<String> {
    let letters: Vec<char> = variant.chars().collect();
    let mut words = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let after = at.checked_sub(1).map(|before| letters[before]);
        let before_small = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let starts = letter.is_uppercase()
            && after.is_some_and(|after| {
                after.is_lowercase() || after.is_numeric() || (after.is_uppercase() && before_small)
            });
        if starts || *letter == '_' {
            words.push(String::new());
        }
        if *letter != '_' {
            words.last_mut().expect("there is always a word").extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::Case;

    #[test]
    fn every_case_is_spelled_as_its_name() {
        let cases = [
            ("snake_case", "snake_case"),
            ("kebab-case", "snake-case"),
            ("lowercase", "snakecase"),
            ("UPPERCASE", "SNAKECASE"),
            ("PascalCase", "SnakeCase"),
            ("camelCase", "snakeCase"),
            ("SCREAMING_SNAKE_CASE", "SNAKE_CASE"),
            ("SCREAMING-KEBAB-CASE", "SNAKE-CASE"),
        ];
        for (name, spelled) in cases {
            assert_eq!(Case::named(name).map(|case| case.apply("SnakeCase")).as_deref(), Some(spelled));
        }
        assert_eq!(Case::named("Snake_Case"), None);
    }

    #[test]
    fn acronyms_and_digits_stay_together() {
        let names =
            [("HTTPError", "http_error"), ("Http2", "http2"), ("V2Api", "v2_api"), ("A", "a"), ("IOError", "io_error")];
        for (variant, spelled) in names {
            assert_eq!(Case::Snake.apply(variant), spelled);
        }
    }
}
