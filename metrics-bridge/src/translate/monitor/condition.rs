//! What does a monitor's query compare, over which time?

use super::super::TranslateError;
use super::super::catalogue::Part;
use super::super::duration;
use super::super::parse;
use super::super::piece::{Binding, Piece, Scene, number};
use super::super::syntax::{Expression, ExpressionKind, Query};

/// `avg(last_5m):… > 4`
pub(super) struct Condition {
    /// How the points of the window become one value.
    over: String,
    seconds: u64,
    /// Where the window is named, for errors.
    value: Expression,
    operator: String,
    pub(super) threshold: f64,
    /// What the query is grouped by, as Datadog names it.
    pub(super) tags: Vec<String>,
}

impl Condition {
    pub(super) fn parse(query: &str) -> Result<Self, TranslateError> {
        let (head, rest) = query.split_once("):").ok_or_else(|| {
            TranslateError::new(query, 0, "a monitor's query begins with its window, as in `avg(last_5m):`")
        })?;
        let (over, seconds) = window(head)?;
        let body_at = head.len() + 2;
        let (operator_at, operator) = comparison(rest).ok_or_else(|| {
            TranslateError::new(rest, body_at, "a monitor's query ends with a comparison, as in `> 4`")
        })?;
        let threshold_text = rest[operator_at + operator.len()..].trim();
        let threshold = threshold_text.parse().map_err(|_| {
            TranslateError::new(threshold_text, body_at + operator_at, "the threshold must be a number")
        })?;
        // Blanks in the window's place keep the bytes of errors right.
        let padded = format!("{}{}", " ".repeat(body_at), &rest[..operator_at]);
        let value = parse::parse(&padded)?;
        let mut tags: Vec<String> = Vec::new();
        leaves(&value, &mut |query| {
            for tag in &query.by {
                if !tags.contains(tag) {
                    tags.push(tag.clone());
                }
            }
        });
        Ok(Self { over, seconds, value, operator: operator.to_owned(), threshold, tags })
    }

    /// The value that is compared.
    pub(super) fn translate(&self, scene: &mut Scene<'_, '_>) -> Result<Piece, TranslateError> {
        let as_modifier = |name: &str| all_leaves(&self.value, &|query| only_modifier(query, name));
        let single = matches!(self.value.kind, ExpressionKind::Query(_));
        match self.over.as_str() {
            // Datadog adds up the counts of the window before it divides.
            "sum" if as_modifier("as_count") && any_leaf(&self.value, &is_extreme) => Err(self.refused(
                "the sum of what was greatest or least at each point depends on how long a point is; use `sum:` or `avg:` \
                 before the metric, or max(…) or min(…) with .as_rate()",
            )),
            "sum" if as_modifier("as_count") => self.over_window(scene),
            // The mean of sums is the sum of means; that of maxima, below, is not the maximum of means.
            "avg" if single && as_modifier("as_rate") && !any_leaf(&self.value, &is_extreme) => self.over_window(scene),
            "percentile" if all_leaves(&self.value, &is_plain_percentile) => self.over_window(scene),
            "percentile" => {
                Err(self.refused("only percentiles such as `p99:` without a modifier are taken over a window"))
            }
            "sum" => Err(self
                .refused("a sum of points depends on how many there are; only counts with .as_count() can be summed")),
            _ if any_leaf(&self.value, &|query| is_count(scene, query)) => {
                Err(self.refused("the points of a count depend on the agent's flush; use sum(…) or .as_rate()"))
            }
            over => {
                let inner = scene.with_window(60, |scene| scene.expression(&self.value))?;
                if inner.text.contains("[1m]") {
                    scene.note(
                        "rates inside the window are taken over 1m, for which scrapes must be at most 15 s apart",
                    );
                }
                let text = format!("{over}_over_time({}[{}:])", inner.in_parentheses(), duration::promql(self.seconds));
                Ok(Piece { text, binding: Binding::Tight, groups: inner.groups })
            }
        }
    }

    fn over_window(&self, scene: &mut Scene<'_, '_>) -> Result<Piece, TranslateError> {
        scene.with_window(self.seconds, |scene| scene.expression(&self.value))
    }

    fn refused(&self, advice: &str) -> TranslateError {
        TranslateError::new(format!("{}(last_…)", self.over), 0, advice)
    }

    pub(super) fn compared(&self, value: &Piece, threshold: f64) -> String {
        format!("{} {} {}", value.at_least(Binding::Sum), self.operator, number(threshold))
    }
}

/// `avg(last_5m` is `avg` over 300 seconds.
fn window(head: &str) -> Result<(String, u64), TranslateError> {
    let refused = |advice: &str| TranslateError::new(head, 0, advice);
    let (over, length) = head.split_once('(').ok_or_else(|| refused("a window is expected, as in `avg(last_5m):`"))?;
    if matches!(over.trim(), "change" | "pct_change") {
        return Err(refused(
            "changes are not translated; subtract the translated query with `offset` from itself by hand",
        ));
    }
    if !matches!(over.trim(), "avg" | "sum" | "min" | "max" | "percentile") {
        return Err(refused("a window is avg, sum, min, max or percentile, as in `avg(last_5m):`"));
    }
    let seconds = length.trim().strip_prefix("last_").and_then(duration::seconds);
    let seconds = seconds.ok_or_else(|| refused("the window's length is expected, as in `last_5m`"))?;
    Ok((over.trim().to_owned(), seconds))
}

fn comparison(text: &str) -> Option<(usize, &str)> {
    let at = text.rfind(['<', '>', '='])?;
    let two = at
        .checked_sub(1)
        .and_then(|start| text.get(start..=at))
        .filter(|two| matches!(*two, ">=" | "<=" | "==" | "!="));
    match two {
        Some(two) => Some((at - 1, two)),
        None => Some((at, text.get(at..=at)?)).filter(|(_, one)| *one != "="),
    }
}

fn only_modifier(query: &Query, name: &str) -> bool {
    matches!(query.modifiers.as_slice(), [only] if only.name == name)
}

/// Whether it takes one of several series at each point.
fn is_extreme(query: &Query) -> bool {
    matches!(query.aggregator.as_str(), "min" | "max")
}

fn is_plain_percentile(query: &Query) -> bool {
    query.modifiers.is_empty() && query.aggregator.starts_with('p')
}

/// Whether its points are counts of their time.
fn is_count(scene: &Scene<'_, '_>, query: &Query) -> bool {
    let observed = scene.translator.catalogue.find(&query.metric);
    let observed = observed.is_some_and(|(kind, _, part)| kind.is_observed() && part == Part::Whole);
    let counted = observed && matches!(query.aggregator.as_str(), "sum" | "count");
    has_modifier(query, "as_count") || counted && !has_modifier(query, "as_rate")
}

fn has_modifier(query: &Query, name: &str) -> bool {
    query.modifiers.iter().any(|modifier| modifier.name == name)
}

fn leaves(expression: &Expression, visit: &mut impl FnMut(&Query)) {
    match &expression.kind {
        ExpressionKind::Query(query) => visit(query),
        ExpressionKind::Negated(inner) => leaves(inner, visit),
        ExpressionKind::Binary(_, left, right) => {
            leaves(left, visit);
            leaves(right, visit);
        }
        ExpressionKind::Call(_, arguments) => arguments.iter().for_each(|argument| leaves(argument, visit)),
        ExpressionKind::Number(_) | ExpressionKind::Text(_) => {}
    }
}

fn all_leaves(expression: &Expression, holds: &impl Fn(&Query) -> bool) -> bool {
    let mut all = true;
    leaves(expression, &mut |query| all &= holds(query));
    all
}

fn any_leaf(expression: &Expression, holds: &impl Fn(&Query) -> bool) -> bool {
    !all_leaves(expression, &|query| !holds(query))
}
