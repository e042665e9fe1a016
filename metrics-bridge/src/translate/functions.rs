//! What are Datadog's functions in PromQL?

use super::piece::{Binding, Piece, Scene};
use super::syntax::{Expression, ExpressionKind};
use super::{TranslateError, duration};

impl Scene<'_, '_> {
    pub(super) fn call(&mut self, at: usize, name: &str, arguments: &[Expression]) -> Result<Piece, TranslateError> {
        if let Some(advice) = refused(name) {
            return Err(TranslateError::new(self.part(at), at, advice));
        }
        match name {
            "default_zero" => self.default_zero(at, arguments),
            "top" => self.top(at, arguments),
            "moving_rollup" => self.moving_rollup(at, arguments),
            "abs" => self.wrapped(at, arguments, "abs"),
            "log2" => self.wrapped(at, arguments, "log2"),
            "log10" => self.wrapped(at, arguments, "log10"),
            "clamp_min" | "clamp_max" => self.clamped(at, name, arguments),
            "cutoff_min" => self.cut(at, arguments, ">="),
            "cutoff_max" => self.cut(at, arguments, "<="),
            "count_nonzero" => {
                let inner = self.only(at, arguments)?;
                Ok(Piece::tight(format!("count({} != 0)", inner.at_least(Binding::Sum)), Vec::new()))
            }
            "count_not_null" => {
                let inner = self.only(at, arguments)?;
                Ok(Piece::tight(format!("count({})", inner.text), Vec::new()))
            }
            "per_second" | "per_minute" | "per_hour" => self.per(at, name, arguments),
            "timeshift" => self.timeshift(at, arguments),
            "hour_before" => self.shifted(at, arguments, 3_600),
            "day_before" => self.shifted(at, arguments, 86_400),
            "week_before" => self.shifted(at, arguments, 604_800),
            "month_before" => self.shifted(at, arguments, 2_419_200),
            _ => {
                let advice = "this function is not known; leave it out or write the PromQL by hand";
                Err(TranslateError::new(self.part(at), at, advice))
            }
        }
    }

    fn only(&mut self, at: usize, arguments: &[Expression]) -> Result<Piece, TranslateError> {
        match arguments {
            [inner] => self.expression(inner),
            _ => Err(TranslateError::new(self.part(at), at, "one argument is expected")),
        }
    }

    fn wrapped(&mut self, at: usize, arguments: &[Expression], function: &str) -> Result<Piece, TranslateError> {
        let inner = self.only(at, arguments)?;
        Ok(Piece { text: format!("{function}({})", inner.text), binding: Binding::Tight, groups: inner.groups })
    }

    fn default_zero(&mut self, at: usize, arguments: &[Expression]) -> Result<Piece, TranslateError> {
        let inner = self.only(at, arguments)?;
        match &inner.groups {
            Some(groups) if !groups.is_empty() => {
                let advice = "PromQL cannot make up groups that have no series; leave default_zero out (counters that are \
                              declared exist at zero from the start) or remove the grouping";
                Err(TranslateError::new(self.part(at), at, advice))
            }
            _ => {
                self.note("default_zero is for dashboards and alerts; nothing that scales may read it");
                let text = format!("{} or vector(0)", inner.at_least(Binding::Sum));
                Ok(Piece::loose(text, inner.groups))
            }
        }
    }

    /// `top(query, count, 'mean', 'desc')`
    fn top(&mut self, at: usize, arguments: &[Expression]) -> Result<Piece, TranslateError> {
        let [query, count, method, direction] = arguments else {
            let advice = "top takes a query, a number, a method and a direction, as in top(query, 10, 'mean', 'desc')";
            return Err(TranslateError::new(self.part(at), at, advice));
        };
        let inner = self.expression(query)?;
        let count = self.number_argument(count)?;
        let operator = match self.text_argument(direction)? {
            "desc" => "topk",
            "asc" => "bottomk",
            _ => {
                return Err(TranslateError::new(
                    self.part(direction.at),
                    direction.at,
                    "the direction is 'desc' or 'asc'",
                ));
            }
        };
        let over = match self.text_argument(method)? {
            "last" => {
                return Ok(Piece {
                    text: format!("{operator}({count}, {})", inner.text),
                    binding: Binding::Tight,
                    ..inner
                });
            }
            "mean" => "avg_over_time",
            "max" => "max_over_time",
            "min" => "min_over_time",
            _ => {
                let advice = "series can be ranked by 'mean', 'max', 'min' and 'last'";
                return Err(TranslateError::new(self.part(method.at), method.at, advice));
            }
        };
        let range = duration::promql(self.translator.options.range_seconds);
        self.note(format!(
            "top() ranks over the graph's time range in Datadog; here over the last {range} at each point"
        ));
        let ranked = format!("{operator}({count}, {over}({}[{range}:]))", inner.in_parentheses());
        Ok(Piece::loose(format!("{} and {ranked}", inner.at_least(Binding::Sum)), inner.groups))
    }

    /// `moving_rollup(query, seconds, 'avg')`
    fn moving_rollup(&mut self, at: usize, arguments: &[Expression]) -> Result<Piece, TranslateError> {
        let [query, seconds, method] = arguments else {
            let advice =
                "moving_rollup takes a query, a length in seconds and a method, as in moving_rollup(query, 300, 'avg')";
            return Err(TranslateError::new(self.part(at), at, advice));
        };
        let seconds = self.seconds_argument(seconds)?;
        let method = self.text_argument(method)?;
        if method == "sum" {
            return self.moving_sum(at, query, seconds);
        }
        let function = match method {
            "avg" | "min" | "max" => format!("{method}_over_time("),
            "median" => "quantile_over_time(0.5, ".to_owned(),
            _ => {
                let advice = "the method of moving_rollup is avg, min, max, median, or sum of a count";
                return Err(TranslateError::new(self.part(at), at, advice));
            }
        };
        let inner = self.expression(query)?;
        let text = format!("{function}{}[{}:])", inner.in_parentheses(), duration::promql(seconds));
        Ok(Piece { text, binding: Binding::Tight, groups: inner.groups })
    }

    /// The sum of counts over a window is the increase over that window; any other sum depends on the points.
    fn moving_sum(&mut self, at: usize, query: &Expression, seconds: u64) -> Result<Piece, TranslateError> {
        let counted = matches!(&query.kind, ExpressionKind::Query(query)
            if query.aggregator == "sum" && matches!(query.modifiers.as_slice(), [only] if only.name == "as_count"));
        if !counted {
            let advice = "a moving sum depends on how many points there are, except of `sum:….as_count()`; use 'avg'";
            return Err(TranslateError::new(self.part(at), at, advice));
        }
        self.with_window(seconds, |scene| scene.expression(query))
    }

    pub(super) fn with_window<T>(&mut self, seconds: u64, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.window.replace(seconds);
        let done = work(self);
        self.window = before;
        done
    }

    fn clamped(&mut self, at: usize, name: &str, arguments: &[Expression]) -> Result<Piece, TranslateError> {
        let [query, bound] = arguments else {
            return Err(TranslateError::new(self.part(at), at, "a query and a number are expected"));
        };
        let (inner, bound) = (self.expression(query)?, self.number_argument(bound)?);
        Ok(Piece { text: format!("{name}({}, {bound})", inner.text), binding: Binding::Tight, groups: inner.groups })
    }

    fn cut(&mut self, at: usize, arguments: &[Expression], operator: &str) -> Result<Piece, TranslateError> {
        let [query, bound] = arguments else {
            return Err(TranslateError::new(self.part(at), at, "a query and a number are expected"));
        };
        let (inner, bound) = (self.expression(query)?, self.number_argument(bound)?);
        Ok(Piece::loose(format!("{} {operator} {bound}", inner.at_least(Binding::Sum)), inner.groups))
    }

    /// A count per unit of time, which is what `.as_rate()` gives.
    fn per(&mut self, at: usize, name: &str, arguments: &[Expression]) -> Result<Piece, TranslateError> {
        let factor = match name {
            "per_second" => 1.0,
            "per_minute" => 60.0,
            _ => 3_600.0,
        };
        let [Expression { kind: ExpressionKind::Query(query), at: query_at }] = arguments else {
            return Err(TranslateError::new(self.part(at), at, "put it directly around one query of a count"));
        };
        let known = self.translator.catalogue.find(&query.metric);
        let counted = known.is_some_and(|(kind, ..)| kind == crate::line::Kind::Count);
        if !counted || !query.modifiers.is_empty() {
            let advice = "this is translated for a count without .as_count() and .as_rate() only; use .as_rate()";
            return Err(TranslateError::new(self.part(*query_at), *query_at, advice));
        }
        Ok(self.query(query)?.times(factor))
    }

    /// `timeshift(query, -3600)`
    fn timeshift(&mut self, at: usize, arguments: &[Expression]) -> Result<Piece, TranslateError> {
        let [query, Expression { kind: ExpressionKind::Negated(length), .. }] = arguments else {
            let advice = "timeshift takes a query and seconds into the past, as in timeshift(query, -3600)";
            return Err(TranslateError::new(self.part(at), at, advice));
        };
        let seconds = self.seconds_argument(length)?;
        self.shifted(at, std::slice::from_ref(query), seconds)
    }

    fn shifted(&mut self, at: usize, arguments: &[Expression], seconds: u64) -> Result<Piece, TranslateError> {
        self.offset += seconds;
        let shifted = self.only(at, arguments);
        self.offset -= seconds;
        shifted
    }

    fn number_argument(&self, argument: &Expression) -> Result<f64, TranslateError> {
        match &argument.kind {
            ExpressionKind::Number(number) => Ok(*number),
            ExpressionKind::Negated(inner) => self.number_argument(inner).map(|number| -number),
            _ => Err(TranslateError::new(self.part(argument.at), argument.at, "a number is expected here")),
        }
    }

    fn seconds_argument(&self, argument: &Expression) -> Result<u64, TranslateError> {
        let seconds = self.number_argument(argument)?;
        if (1.0..=1e9).contains(&seconds) && seconds.fract() == 0.0 {
            return Ok(seconds as u64);
        }
        Err(TranslateError::new(self.part(argument.at), argument.at, "whole seconds are expected here"))
    }

    fn text_argument<'e>(&self, argument: &'e Expression) -> Result<&'e str, TranslateError> {
        match &argument.kind {
            ExpressionKind::Text(text) => Ok(text),
            _ => Err(TranslateError::new(self.part(argument.at), argument.at, "quoted text is expected here")),
        }
    }
}

/// Functions without a counterpart, and what to do instead.
fn refused(name: &str) -> Option<&'static str> {
    Some(match name {
        "anomalies" | "outliers" | "forecast" => {
            "Prometheus has no such model; alert on a ratio to an earlier time (`offset 1w`), on an objective's burn rate, or \
             on predict_linear()"
        }
        "ewma_3" | "ewma_5" | "ewma_7" | "ewma_10" | "ewma_20" | "median_3" | "median_5" | "median_7" | "median_9"
        | "autosmooth" => {
            "smoothing over points depends on the graph's resolution; use moving_rollup(query, seconds, 'avg')"
        }
        "trend_line" | "robust_trend" | "piecewise_constant" => {
            "Prometheus draws no trend; use predict_linear() or deriv() on the translated query"
        }
        "diff" | "monotonic_diff" | "dt" | "derivative" => {
            "this depends on the distance of points; use .as_rate() of a count, or delta() of the translated gauge over a window"
        }
        "cumsum" | "integral" => {
            "a running sum over the graph's range has no counterpart; the counter itself is cumulative, use increase() over the \
             range"
        }
        "exclude_null" => {
            "series without the tag are left out by a matcher; leave it out and add `label!=\"\"` to the translation"
        }
        "fill" | "interpolate" => "Prometheus fills no gaps; leave it out",
        _ => return None,
    })
}
