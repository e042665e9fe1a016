//! How do translated parts become a whole: precedence, grouping, notes?

use super::syntax::{Expression, ExpressionKind};
use super::{TranslateError, Translator};

/// How tightly an expression holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Binding {
    /// `or`, comparisons.
    Loose,
    Sum,
    Product,
    /// Calls, selectors, numbers.
    Tight,
}

/// A translated part.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) binding: Binding,
    /// The labels that its series have; `None` for a plain number.
    pub(super) groups: Option<Vec<String>>,
}

impl Piece {
    pub(super) fn tight(text: String, groups: Vec<String>) -> Self {
        Self { text, binding: Binding::Tight, groups: Some(groups) }
    }

    pub(super) fn loose(text: String, groups: Option<Vec<String>>) -> Self {
        Self { text, binding: Binding::Loose, groups }
    }

    /// Its text where something that binds at least like `least` is needed.
    pub(super) fn at_least(&self, least: Binding) -> String {
        if self.binding >= least { self.text.clone() } else { format!("({})", self.text) }
    }

    /// Its text as the argument of a range: `(…)` unless it is one word already.
    pub(super) fn in_parentheses(&self) -> String {
        format!("({})", self.text)
    }

    /// Multiplied with a number.
    pub(super) fn times(self, factor: f64) -> Self {
        if factor == 1.0 {
            return self;
        }
        let text = format!("{} * {}", number(factor), self.at_least(Binding::Product));
        Self { text, binding: Binding::Product, groups: self.groups }
    }
}

/// A number as PromQL reads it.
pub(super) fn number(value: f64) -> String {
    format!("{value}")
}

/// Where a translation happens.
pub(super) struct Scene<'a, 'n> {
    pub(super) translator: &'a Translator,
    /// The query, for errors.
    pub(super) source: &'a str,
    pub(super) notes: &'n mut Vec<String>,
    /// By how many seconds the past is looked at.
    pub(super) offset: u64,
    /// The window that an enclosing function sets, in seconds.
    pub(super) window: Option<u64>,
}

impl<'a, 'n> Scene<'a, 'n> {
    pub(super) fn new(translator: &'a Translator, source: &'a str, notes: &'n mut Vec<String>) -> Self {
        Self { translator, source, notes, offset: 0, window: None }
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(super) fn expression(&mut self, expression: &Expression) -> Result<Piece, TranslateError> {
        match &expression.kind {
            ExpressionKind::Number(value) => Ok(Piece { text: number(*value), binding: Binding::Tight, groups: None }),
            ExpressionKind::Text(text) => {
                Err(TranslateError::new(text, expression.at, "text where a query or a number is expected"))
            }
            ExpressionKind::Negated(inner) => {
                let inner = self.expression(inner)?;
                let text = format!("-{}", inner.at_least(Binding::Tight));
                Ok(Piece { text, binding: Binding::Product, groups: inner.groups })
            }
            ExpressionKind::Binary(operator, left, right) => {
                let (left_piece, right_piece) = (self.expression(left)?, self.expression(right)?);
                self.arithmetic(expression.at, *operator, left_piece, right_piece)
            }
            ExpressionKind::Call(name, arguments) => self.call(expression.at, name, arguments),
            ExpressionKind::Query(query) => self.query(query),
        }
    }

    /// What stands at a byte of the query, for errors.
    pub(super) fn part(&self, at: usize) -> String {
        self.source.get(at..).unwrap_or("").chars().take(80).collect()
    }
}
