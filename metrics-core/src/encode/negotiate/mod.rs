//! Which format does an `Accept` header ask for?

#[cfg(test)]
mod tests;

use super::format::{ContentType, Format};
use super::name::Escaping;

impl ContentType {
    /// The best format for a request with these `Accept` header lines (none, if it had none): of the clauses that ask
    /// for a format there is, the one with the greatest `q`, and the first of those.
    ///
    /// Never fails: who asks for nothing we know, and who takes anything (`*/*`), gets text 0.0.4. An OpenMetrics clause without a version,
    /// or with the draft version 0.0.1, is answered with 1.0.0. Costs one pass, without allocation.
    ///
    /// ```
    /// use metrics_core::{Format, encode::ContentType};
    ///
    /// let browser = ContentType::negotiate(["text/html,application/xml;q=0.9,*/*;q=0.8"]);
    /// assert_eq!(browser.format, Format::Text);
    /// let scraper = ContentType::negotiate(["application/openmetrics-text;version=1.0.0;q=0.6", "text/plain;q=0.3"]);
    /// assert_eq!(scraper.format, Format::OpenMetrics);
    /// ```
    pub fn negotiate<'a>(accept: impl IntoIterator<Item = &'a str>) -> Self {
        let mut best = (0.0, Self::default());
        for clause in accept.into_iter().flat_map(|line| split(line, b',')) {
            let clause = Clause::parse(clause);
            if clause.quality > best.0 {
                if let Some(format) = clause.format() {
                    best = (clause.quality, format.with_escaping(clause.escaping.unwrap_or_default()));
                }
            }
        }
        best.1
    }
}

/// One clause: `type/subtype;name=value;...`. Of a parameter that stands there twice the last counts.
#[derive(Debug)]
struct Clause<'a> {
    media_type: &'a str,
    version: &'a str,
    proto: &'a str,
    encoding: &'a str,
    escaping: Option<Escaping>,
    quality: f32,
}

impl<'a> Clause<'a> {
    fn parse(clause: &'a str) -> Self {
        let mut parts = split(clause, b';');
        let media_type = parts.next().unwrap_or_default().trim();
        let mut parsed = Self { media_type, version: "", proto: "", encoding: "", escaping: None, quality: 1.0 };
        for (name, value) in parts.filter_map(|parameter| parameter.split_once('=')) {
            parsed.set(name.trim(), value.trim().trim_matches('"'));
        }
        parsed
    }

    fn set(&mut self, name: &str, value: &'a str) {
        if name.eq_ignore_ascii_case("version") {
            self.version = value;
        } else if name.eq_ignore_ascii_case("proto") {
            self.proto = value;
        } else if name.eq_ignore_ascii_case("encoding") {
            self.encoding = value;
        } else if name.eq_ignore_ascii_case("escaping") {
            // A scheme from the future is no reason to refuse the format.
            self.escaping = Escaping::from_str(value).or(self.escaping);
        } else if name.eq_ignore_ascii_case("q") {
            self.quality = quality(value);
        }
    }

    fn is(&self, media_type: &str) -> bool {
        self.media_type.eq_ignore_ascii_case(media_type)
    }

    /// The format that this clause asks for, if there is one.
    fn format(&self) -> Option<Format> {
        if self.is("text/plain") {
            match self.version {
                "" | "0.0.4" => Some(Format::Text),
                "1.0.0" => Some(Format::TextUtf8),
                _ => None,
            }
        } else if self.is("application/openmetrics-text") {
            match self.version {
                "" | "0.0.1" | "1.0.0" => Some(Format::OpenMetrics),
                #[cfg(feature = "openmetrics-2")]
                "2.0.0" => Some(Format::OpenMetrics2),
                _ => None,
            }
        } else if self.is("application/vnd.google.protobuf") {
            let delimited = self.encoding.eq_ignore_ascii_case("delimited");
            (delimited && self.proto == "io.prometheus.client.MetricFamily").then_some(Format::Protobuf)
        } else {
            // Whoever takes anything is a person or a tool that shows it to one: never protobuf.
            (self.is("*/*") || self.is("text/*")).then_some(Format::Text)
        }
    }
}

/// A quality; what cannot be read counts as if it were not there.
fn quality(text: &str) -> f32 {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse::<f32>().ok().filter(|_| plain).map_or(1.0, |quality| quality.min(1.0))
}

/// The parts between separators that do not stand in quotes.
fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut quoted = false;
        let end = text.bytes().position(|byte| {
            quoted ^= byte == b'"';
            byte == separator && !quoted
        });
        rest = end.map(|end| &text[end + 1..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}
