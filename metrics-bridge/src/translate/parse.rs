//! How is a Datadog query read?

use super::TranslateError;
use super::scope::{self, Scope};
use super::syntax::{Expression, ExpressionKind, Modifier, Query};

/// Deeper nesting is refused: nobody writes it, and the reader calls itself.
const MAX_DEPTH: usize = 64;

pub(super) fn parse(text: &str) -> Result<Expression, TranslateError> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let expression = reader.sum()?;
    reader.space();
    match reader.rest() {
        "" => Ok(expression),
        rest => Err(reader.error(rest, "nothing is expected here; a query ends before this")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, token: char) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len_utf8();
        }
        found
    }

    fn expect(&mut self, token: char, why: &str) -> Result<(), TranslateError> {
        if self.eat(token) { Ok(()) } else { Err(self.error(self.rest(), format!("`{token}` is missing {why}"))) }
    }

    fn error(&self, part: &str, advice: impl Into<String>) -> TranslateError {
        let part: String = part.chars().take(40).collect();
        TranslateError::new(part, self.at, advice)
    }

    fn word(&mut self, allowed: fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|one| !allowed(one)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn sum(&mut self) -> Result<Expression, TranslateError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(self.rest(), "the query is nested more than 64 deep; split it"));
        }
        let sum = self.binary(&['+', '-'], |reader| reader.binary(&['*', '/'], Self::factor));
        self.depth -= 1;
        sum
    }

    fn binary(
        &mut self,
        operators: &[char],
        operand: impl Fn(&mut Self) -> Result<Expression, TranslateError>,
    ) -> Result<Expression, TranslateError> {
        let mut left = operand(self)?;
        while let Some(operator) = operators.iter().copied().find(|operator| self.eat(*operator)) {
            let right = operand(self)?;
            let at = left.at;
            left = Expression { at, kind: ExpressionKind::Binary(operator, Box::new(left), Box::new(right)) };
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Expression, TranslateError> {
        self.space();
        let at = self.at;
        if self.eat('-') {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(self.error(self.rest(), "the query is nested more than 64 deep; split it"));
            }
            let inner = self.factor()?;
            self.depth -= 1;
            return Ok(Expression { at, kind: ExpressionKind::Negated(Box::new(inner)) });
        }
        if self.eat('(') {
            let mut inner = self.sum()?;
            self.expect(')', "to close the parenthesis")?;
            if self.rest().starts_with('.') {
                return Err(self.error(self.rest(), "a modifier behind a parenthesis; put it behind each query inside"));
            }
            inner.at = at;
            return Ok(inner);
        }
        match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            Some(first) if first.is_ascii_digit() || first == '.' => self.number(),
            Some(first) if first.is_alphabetic() => self.named(),
            _ => Err(self.error(self.rest(), "a query, a number or a function is expected here")),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Expression, TranslateError> {
        let at = self.at;
        self.at += 1;
        let rest = self.rest();
        let Some(end) = rest.find(quote) else { return Err(self.error(rest, "the quote is not closed")) };
        self.at += end + 1;
        Ok(Expression { at, kind: ExpressionKind::Text(rest[..end].to_owned()) })
    }

    fn number(&mut self) -> Result<Expression, TranslateError> {
        let at = self.at;
        let word = self.word(|one| one.is_ascii_alphanumeric() || one == '.');
        match word.parse::<f64>().ok().filter(|number| number.is_finite()) {
            Some(number) => Ok(Expression { at, kind: ExpressionKind::Number(number) }),
            None => Err(TranslateError::new(word, at, "this is not a number")),
        }
    }

    /// A function, a query or a bare word.
    fn named(&mut self) -> Result<Expression, TranslateError> {
        let at = self.at;
        let word = self.word(|one| one.is_alphanumeric() || matches!(one, '_' | '.'));
        let kind = if self.eat('(') {
            ExpressionKind::Call(word.to_owned(), self.arguments()?)
        } else if self.eat(':') {
            ExpressionKind::Query(self.query(word)?)
        } else if self.rest().starts_with('{') {
            let advice = "there is no aggregator; write for example `avg:` before the metric";
            return Err(TranslateError::new(word, at, advice));
        } else {
            ExpressionKind::Text(word.to_owned())
        };
        Ok(Expression { at, kind })
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, TranslateError> {
        let mut arguments = Vec::new();
        if self.eat(')') {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.sum()?);
            if !self.eat(',') {
                break;
            }
        }
        self.expect(')', "to close the arguments")?;
        Ok(arguments)
    }

    fn query(&mut self, aggregator: &str) -> Result<Query, TranslateError> {
        self.space();
        let metric_at = self.at;
        let metric = self.word(|one| one.is_alphanumeric() || matches!(one, '_' | '.' | '-'));
        if metric.is_empty() {
            return Err(self.error(self.rest(), "a metric's name is expected here"));
        }
        let scope = self.scope()?;
        let by = self.by()?;
        let mut modifiers = Vec::new();
        while self.eat('.') {
            let at = self.at;
            let name = self.word(|one| one.is_alphanumeric() || one == '_').to_owned();
            self.expect('(', "behind the modifier")?;
            modifiers.push(Modifier { at, name, arguments: self.arguments()? });
        }
        let (aggregator, metric) = (aggregator.to_owned(), metric.to_owned());
        Ok(Query { aggregator, metric, metric_at, scope, by, modifiers })
    }

    fn scope(&mut self) -> Result<Scope, TranslateError> {
        self.expect('{', "; a scope follows the metric, `{*}` for everything")?;
        let (at, rest) = (self.at, self.rest());
        let Some(end) = rest.find('}') else { return Err(self.error(rest, "the scope is not closed by `}`")) };
        self.at += end + 1;
        scope::parse(&rest[..end], at)
    }

    fn by(&mut self) -> Result<Vec<String>, TranslateError> {
        self.space();
        let Some(rest) = self.rest().strip_prefix("by").filter(|rest| rest.trim_start().starts_with('{')) else {
            return Ok(Vec::new());
        };
        self.at = self.text.len() - rest.len();
        self.expect('{', "behind `by`")?;
        let rest = self.rest();
        let Some(end) = rest.find('}') else { return Err(self.error(rest, "the tags are not closed by `}`")) };
        let tags: Vec<_> = rest[..end].split(',').map(|tag| tag.trim().to_owned()).collect();
        if tags.iter().any(|tag| tag.is_empty() || tag.starts_with('$')) {
            let advice = "the tags to group by must be plain names; replace dashboard variables by what they stand for";
            return Err(self.error(&rest[..end], advice));
        }
        self.at += end + 1;
        Ok(tags)
    }
}
