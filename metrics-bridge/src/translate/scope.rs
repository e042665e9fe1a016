//! Which series does a scope select? Read as Datadog reads it, kept as conditions that all hold.

use super::TranslateError;

/// Conditions that all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) conditions: Vec<Condition>,
}

/// A tag has one of some values, or none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) at: usize,
    pub(super) key: String,
    pub(super) negated: bool,
    /// Patterns in which `*` stands for anything.
    pub(super) values: Vec<String>,
}

pub(super) fn parse(text: &str, at: usize) -> Result<Scope, TranslateError> {
    let tokens = tokens(text, at)?;
    let mut reader = Reader { tokens: &tokens, next: 0, end: at + text.len() };
    let conditions = if tokens.is_empty() { Vec::new() } else { reader.all()? };
    match reader.peek() {
        None => Ok(Scope { conditions }),
        Some(token) => Err(TranslateError::new(token.text, token.at, "this is not expected here in a scope")),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Token<'a> {
    text: &'a str,
    at: usize,
}

/// Words, and `,` `(` `)` `!` each by itself.
fn tokens(text: &str, start: usize) -> Result<Vec<Token<'_>>, TranslateError> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        let single = trimmed.starts_with([',', '(', ')', '!']);
        let end = trimmed.find(|one: char| one.is_whitespace() || matches!(one, ',' | '(' | ')'));
        let length = if single { 1 } else { end.unwrap_or(trimmed.len()) };
        if length == 0 {
            break;
        }
        let word = &trimmed[..length];
        if word.contains('$') {
            let advice = "a dashboard variable has no value here; replace it by the value, or leave the condition out and add \
                          `label=~\"$variable\"` to the translated query in Grafana";
            return Err(TranslateError::new(word, start + at, advice));
        }
        tokens.push(Token { text: word, at: start + at });
        at += length;
    }
    Ok(tokens)
}

struct Reader<'a> {
    tokens: &'a [Token<'a>],
    next: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.next).copied()
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.text.eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    fn token(&mut self, what: &str) -> Result<Token<'a>, TranslateError> {
        let token = self.peek().ok_or_else(|| TranslateError::new("}", self.end, format!("{what} is missing")))?;
        self.next += 1;
        Ok(token)
    }

    /// Alternatives joined by `AND` or commas; those of several conditions stand in parentheses, so that none is misread.
    fn all(&mut self) -> Result<Vec<Condition>, TranslateError> {
        let (mut conditions, mut bare) = self.any()?;
        let mut joined = false;
        while self.eat(",") || self.eat("AND") {
            let (more, or) = self.any()?;
            conditions.extend(more);
            bare = bare.or(or);
            joined = true;
        }
        match bare.filter(|_| joined) {
            None => Ok(conditions),
            Some(or) => {
                let advice = "OR beside AND or a comma; put parentheses around what belongs together, as in `(a:1 OR a:2) AND b:3`";
                Err(TranslateError::new(or.text, or.at, advice))
            }
        }
    }

    /// Conditions joined by `OR`, which PromQL can say of one tag only, and an `OR`.
    fn any(&mut self) -> Result<(Vec<Condition>, Option<Token<'a>>), TranslateError> {
        let mut conditions = self.one()?;
        let mut or = None;
        while let Some(token) = self.peek().filter(|token| token.text.eq_ignore_ascii_case("OR")) {
            self.next += 1;
            let other = self.one()?;
            let advice = "PromQL has no OR between different tags, or of excluded ones; write one query for each side and \
                          join the translations with `or`";
            match (conditions.as_mut_slice(), other.as_slice()) {
                ([left], [right]) if left.key == right.key && !left.negated && !right.negated => {
                    left.values.extend(right.values.iter().cloned());
                }
                _ => return Err(TranslateError::new(token.text, token.at, advice)),
            }
            or = Some(token);
        }
        Ok((conditions, or))
    }

    fn one(&mut self) -> Result<Vec<Condition>, TranslateError> {
        if let Some(token) = self.peek().filter(|token| token.text == "!" || token.text.eq_ignore_ascii_case("NOT")) {
            self.next += 1;
            let mut conditions = self.one()?;
            let [condition] = conditions.as_mut_slice() else {
                let advice = "NOT before several conditions; put it before each, with OR and AND exchanged";
                return Err(TranslateError::new(token.text, token.at, advice));
            };
            condition.negated = !condition.negated;
            return Ok(conditions);
        }
        if self.eat("(") {
            let conditions = self.all()?;
            return if self.eat(")") {
                Ok(conditions)
            } else {
                Err(TranslateError::new("(", self.end, "the parenthesis is not closed"))
            };
        }
        let token = self.token("a condition")?;
        if token.text == "*" {
            return Ok(Vec::new());
        }
        self.condition(token).map(|condition| vec![condition])
    }

    /// `key:value`, `-key:value`, `key IN (…)`, `key NOT IN (…)` or a tag without value.
    fn condition(&mut self, token: Token<'a>) -> Result<Condition, TranslateError> {
        let (negated, text) = match token.text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, token.text),
        };
        let condition = |negated, key: &str, values| Condition { at: token.at, key: key.to_owned(), negated, values };
        if let Some((key, value)) = text.split_once(':') {
            if key.is_empty() || value.is_empty() {
                return Err(TranslateError::new(token.text, token.at, "a condition is `key:value`"));
            }
            return Ok(condition(negated, key, vec![value.to_owned()]));
        }
        let excluded = self.eat("NOT");
        if self.eat("IN") {
            return Ok(condition(excluded, text, self.list()?));
        }
        if excluded || text.is_empty() {
            return Err(TranslateError::new(token.text, token.at, "a condition is `key:value` or `key NOT IN (a, b)`"));
        }
        Ok(condition(negated, text, vec!["true".to_owned()]))
    }

    fn list(&mut self) -> Result<Vec<String>, TranslateError> {
        let mut values = Vec::new();
        if !self.eat("(") {
            return Err(TranslateError::new("IN", self.end, "`IN` is followed by a list in parentheses"));
        }
        loop {
            values.push(self.token("a value")?.text.to_owned());
            if self.eat(")") {
                return Ok(values);
            }
            if !self.eat(",") {
                return Err(TranslateError::new("IN", self.end, "the list is not closed by `)`"));
            }
        }
    }
}
