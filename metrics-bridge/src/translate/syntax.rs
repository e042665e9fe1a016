//! What is a Datadog query made of?

use super::scope::Scope;

/// An expression with the byte at which it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expression {
    pub(super) at: usize,
    pub(super) kind: ExpressionKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum ExpressionKind {
    Number(f64),
    /// A quoted argument, or a bare word as in `rollup(sum, 60)`.
    Text(String),
    Negated(Box<Expression>),
    Binary(char, Box<Expression>, Box<Expression>),
    Call(String, Vec<Expression>),
    Query(Query),
}

/// `aggregator:metric{scope} by {tags}.modifier(…)`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    pub(super) aggregator: String,
    pub(super) metric: String,
    pub(super) metric_at: usize,
    pub(super) scope: Scope,
    pub(super) by: Vec<String>,
    pub(super) modifiers: Vec<Modifier>,
}

/// `.name(arguments)`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Modifier {
    pub(super) at: usize,
    pub(super) name: String,
    pub(super) arguments: Vec<Expression>,
}
