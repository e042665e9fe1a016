//! What does a reader that shares no code with the encoders see in a text?

use std::collections::BTreeMap;

/// One line that is no comment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    /// What stands behind the labels and before the exemplars.
    pub(super) value: String,
    pub(super) exemplars: Vec<Told>,
}

/// An exemplar as a reader sees it: labels, value, and seconds and nanoseconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) value: f64,
    pub(super) at: (u64, u32),
}

/// The samples of a text, and its metadata lines as keyword, name and rest.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) samples: Vec<Sample>,
    pub(super) metadata: Vec<(String, String, String)>,
}

pub(super) fn parse(text: &str) -> Parsed {
    assert!(text.is_empty() || text.ends_with('\n'), "the last line has an end");
    let mut parsed = Parsed::default();
    for line in text.split_terminator('\n') {
        let mut rest = Rest(line);
        if line == "# EOF" {
            parsed.metadata.push(("EOF".into(), String::new(), String::new()));
        } else if rest.skip("# ") {
            let keyword = rest.until(' ');
            let name = rest.name(' ');
            parsed.metadata.push((keyword, name, rest.0.to_owned()));
        } else {
            parsed.samples.push(rest.sample());
        }
    }
    parsed
}

/// Reads an escaped text back; quotes may stand bare only where `bare_quotes` says so.
pub(super) fn unescape(text: &str, bare_quotes: bool) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => plain.push('\n'),
                Some('\\') => plain.push('\\'),
                Some('"') if !bare_quotes => plain.push('"'),
                other => panic!("{other:?} is escaped in {text:?}"),
            },
            '"' if !bare_quotes => panic!("a quote stands bare in {text:?}"),
            character => plain.push(character),
        }
    }
    plain
}

struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn skip(&mut self, start: &str) -> bool {
        let rest = self.0.strip_prefix(start);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn until(&mut self, end: char) -> String {
        let (taken, rest) = self.0.split_once(end).unwrap_or_else(|| panic!("no {end:?} in {:?}", self.0));
        self.0 = rest;
        taken.to_owned()
    }

    /// A name, in quotes or up to `end`, which is taken too.
    fn name(&mut self, end: char) -> String {
        if !self.0.starts_with('"') {
            return self.until(end);
        }
        let name = self.quoted();
        assert!(self.skip(&end.to_string()), "no {end:?} behind {name:?}");
        name
    }

    fn quoted(&mut self) -> String {
        assert!(self.skip("\""), "no quote at {:?}", self.0);
        let mut escaped = false;
        let end = self.0.find(|character| {
            let ends = character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            ends
        });
        let (text, rest) = self.0.split_at(end.expect("the quote ends"));
        self.0 = &rest[1..];
        unescape(text, false)
    }

    fn sample(mut self) -> Sample {
        let start = self.0.find(['{', ' ']).expect("a name ends");
        let mut name = self.0[..start].to_owned();
        self.0 = &self.0[start..];
        let mut labels = BTreeMap::new();
        if self.skip("{") {
            if name.is_empty() {
                name = self.quoted();
                self.skip(",");
            }
            labels = self.labels();
        }
        assert!(self.skip(" "), "a space stands before the value, not {:?}", self.0);
        let (value, exemplars) = self.0.split_at(self.0.find(" # ").unwrap_or(self.0.len()));
        let mut rest = Rest(exemplars);
        let exemplars = std::iter::from_fn(|| rest.skip(" # {").then(|| rest.told())).collect();
        assert_eq!(rest.0, "", "nothing stands behind the exemplars");
        Sample { name, labels, value: value.to_owned(), exemplars }
    }

    /// Labels up to the brace that ends them.
    fn labels(&mut self) -> BTreeMap<String, String> {
        let mut labels = BTreeMap::new();
        while !self.skip("}") {
            let label = self.name('=');
            let value = self.quoted();
            assert!(labels.insert(label, value).is_none(), "a label comes once");
            assert!(self.skip(",") != self.0.starts_with('}'), "labels are separated by commas");
        }
        labels
    }

    /// An exemplar behind its first brace.
    fn told(&mut self) -> Told {
        let labels = self.labels();
        assert!(self.skip(" "), "a space stands before an exemplar's value, not {:?}", self.0);
        let value = self.until(' ').parse().expect("an exemplar's value is a number");
        let (time, rest) = self.0.split_at(self.0.find(" # {").unwrap_or(self.0.len()));
        self.0 = rest;
        let (seconds, fraction) = time.split_once('.').expect("a timestamp has a fraction");
        let at = (seconds.parse().unwrap(), format!("{fraction:0<9}").parse().unwrap());
        Told { labels, value, at }
    }
}
