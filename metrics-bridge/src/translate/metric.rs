//! What is one Datadog metric query in PromQL, by the metric's type?

use super::catalogue::Part;
use super::piece::{Piece, Scene};
use super::syntax::{Modifier, Query};
use super::{TranslateError, duration};
use crate::line::Kind;
use crate::map::{Plan, PlannedMetric};

/// `.as_count()` and `.as_rate()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum As {
    Count,
    Rate,
}

/// What a query's modifiers say.
#[derive(Clone, Debug, Default)]
struct Shape {
    shown: Option<As>,
    rollup: Option<(String, u64, usize)>,
}

/// A query with what is needed to write it down.
struct Target<'q> {
    query: &'q Query,
    shape: Shape,
    matchers: String,
    groups: Vec<String>,
    by: String,
    window: String,
    offset: String,
}

impl Target<'_> {
    fn range(&self, name: &str) -> String {
        format!("{name}{}[{}]{}", self.matchers, self.window, self.offset)
    }

    fn piece(&self, text: String) -> Piece {
        Piece::tight(text, self.groups.clone())
    }

    fn aggregated(&self, operator: &str, inner: &str) -> Piece {
        self.piece(format!("{operator}{} ({inner})", self.by))
    }
}

impl Scene<'_, '_> {
    pub(super) fn query(&mut self, query: &Query) -> Result<Piece, TranslateError> {
        let shape = self.shape(query)?;
        let translator = self.translator;
        let Some((kind, plan, part)) = translator.catalogue.find(&query.metric) else {
            return Err(self.unknown(query));
        };
        let target = self.target(query, shape, plan);
        self.note_shared(query, plan);
        match (kind, part) {
            (Kind::Count, _) => self.counter(&target, &plan.name, plan.scale),
            (Kind::Gauge | Kind::Set, _) => self.gauge(&target, plan),
            (_, Part::Whole) => self.observed(&target, plan),
            (_, part) => self.part_of_observed(&target, plan, part),
        }
    }

    fn unknown(&self, query: &Query) -> TranslateError {
        let advice = "the type of this metric is not known; declare it as c, g, ms, h, d or s, or give a capture of the lines \
                      that the service sends";
        TranslateError::new(query.metric.clone(), query.metric_at, advice)
    }

    /// What several metrics are recorded in cannot be told apart any more.
    fn note_shared(&mut self, query: &Query, plan: &Plan) {
        let names = self.translator.catalogue.recorded_as(plan);
        if names.len() > 1 {
            let (all, name, metric) = (names.join(", "), &plan.name, &query.metric);
            self.note(format!("{all} are all recorded as {name}: what is asked of {metric} is told of all of them"));
        }
    }

    fn target<'q>(&mut self, query: &'q Query, shape: Shape, plan: &Plan) -> Target<'q> {
        let groups: Vec<_> = query.by.iter().map(|tag| self.label(tag)).collect();
        let by = if groups.is_empty() { String::new() } else { format!(" by ({})", groups.join(", ")) };
        let rollup = shape.rollup.as_ref().map(|(_, seconds, _)| *seconds);
        let seconds = rollup.or(self.window).unwrap_or(self.translator.options.window_seconds);
        let offset =
            if self.offset == 0 { String::new() } else { format!(" offset {}", duration::promql(self.offset)) };
        let matchers = self.matchers(plan, &query.scope);
        Target { query, shape, matchers, groups, by, window: duration::promql(seconds), offset }
    }

    fn shape(&mut self, query: &Query) -> Result<Shape, TranslateError> {
        let mut shape = Shape::default();
        for modifier in &query.modifiers {
            match modifier.name.as_str() {
                "as_count" => shape.shown = Some(As::Count),
                "as_rate" => shape.shown = Some(As::Rate),
                "rollup" => shape.rollup = rollup(modifier, query, shape.shown)?,
                "fill" => self.fill(modifier)?,
                name => {
                    let advice =
                        "this modifier is not translated; leave it out, known are as_count, as_rate, rollup and fill";
                    return Err(TranslateError::new(name, modifier.at, advice));
                }
            }
        }
        Ok(shape)
    }

    fn fill(&mut self, modifier: &Modifier) -> Result<(), TranslateError> {
        match modifier.arguments.first().map(text_of).as_deref() {
            Some("null") => Ok(()),
            Some("last") => {
                self.note("fill(last) is dropped: Prometheus itself keeps a scraped value for five minutes");
                Ok(())
            }
            other => {
                let advice = "Prometheus fills no gaps; for zeros use default_zero(), otherwise leave it out";
                Err(TranslateError::new(format!("fill({})", other.unwrap_or("")), modifier.at, advice))
            }
        }
    }

    fn counter(&mut self, target: &Target<'_>, name: &str, scale: f64) -> Result<Piece, TranslateError> {
        let operator = space_aggregator(target.query, "a count")?;
        rolled_up_as(target, if target.shape.shown == Some(As::Count) { "sum" } else { "avg" })?;
        let function = match target.shape.shown {
            Some(As::Count) => {
                self.note_increase(target);
                "increase"
            }
            Some(As::Rate) => "rate",
            None => {
                self.note("a DogStatsD count without .as_count() is shown per second, as Datadog stores it");
                "rate"
            }
        };
        Ok(target.aggregated(operator, &format!("{function}({})", target.range(name))).times(1.0 / scale))
    }

    fn note_increase(&mut self, target: &Target<'_>) {
        self.note("increase() extrapolates to the ends of its window: a count need not be whole");
        if target.shape.rollup.is_none() && self.window.is_none() {
            let window = &target.window;
            self.note(format!(
                "without rollup Datadog counts per point of the graph; here it is counted over {window}"
            ));
        }
    }

    fn gauge(&mut self, target: &Target<'_>, plan: &Plan) -> Result<Piece, TranslateError> {
        let operator = space_aggregator(target.query, "a gauge")?;
        if target.shape.shown.is_some() {
            let advice =
                "this metric is a gauge, of which there is no count and no rate; leave .as_count() or .as_rate() out";
            return Err(TranslateError::new(target.query.metric.clone(), target.query.metric_at, advice));
        }
        let inner = match &target.shape.rollup {
            None => format!("{}{}{}", plan.name, target.matchers, target.offset),
            Some((method, _, at)) => {
                if !matches!(method.as_str(), "avg" | "min" | "max") {
                    let advice =
                        "of a gauge this depends on how often it is sent; use rollup(avg), rollup(min) or rollup(max)";
                    return Err(TranslateError::new(format!("rollup({method})"), *at, advice));
                }
                format!("{method}_over_time({})", target.range(&plan.name))
            }
        };
        Ok(target.aggregated(operator, &inner).times(1.0 / plan.scale))
    }

    fn observed(&mut self, target: &Target<'_>, plan: &Plan) -> Result<Piece, TranslateError> {
        let series = Series::of(plan);
        let aggregator = target.query.aggregator.as_str();
        let piece = match aggregator {
            "avg" => {
                only_averaged(target)?;
                let part = |name: &str| format!("sum{} ({})", target.by, series.rate(target, name));
                target.piece(format!("({} / {})", part("sum"), part("count")))
            }
            "sum" => target.aggregated("sum", &self.counted(target, &series, "sum")?),
            "count" => return Ok(target.aggregated("sum", &self.counted(target, &series, "count")?)),
            "max" | "min" => return Err(no_extreme(target.query)),
            other => {
                let quantile = percentile(other).ok_or_else(|| unknown_aggregator(target.query))?;
                only_averaged(target)?;
                self.note("a quantile is as exact as the histogram's buckets; Datadog's sketch is within 1 %");
                target.piece(series.merged_quantile(target, quantile))
            }
        };
        Ok(piece.times(inverse(plan.scale)))
    }

    /// The sum or the number of observations.
    fn counted(&mut self, target: &Target<'_>, series: &Series<'_>, part: &str) -> Result<String, TranslateError> {
        if target.shape.shown == Some(As::Rate) {
            rolled_up_as(target, "avg")?;
            return Ok(series.rate(target, part));
        }
        rolled_up_as(target, "sum")?;
        self.note_increase(target);
        Ok(series.increase(target, part))
    }

    /// What the agent computes of a histogram per flush, host and tag set.
    fn part_of_observed(&mut self, target: &Target<'_>, plan: &Plan, part: Part) -> Result<Piece, TranslateError> {
        let series = Series::of(plan);
        let inner = match part {
            Part::Count if series.native => {
                let advice =
                    "the count of a native histogram; write `count:` with the metric's own name instead of .count";
                return Err(TranslateError::new(target.query.metric.clone(), target.query.metric_at, advice));
            }
            Part::Count => return self.counter(target, &format!("{}_count", plan.name), 1.0),
            Part::Average => format!("{} / {}", series.rate(target, "sum"), series.rate(target, "count")),
            Part::Quantile(quantile) => {
                self.note("a quantile is as exact as the histogram's buckets; Datadog's sketch is within 1 %");
                format!("histogram_quantile({quantile}, {})", series.rate(target, "bucket"))
            }
            Part::Sum | Part::Whole => {
                let advice = "write `sum:` with the metric's own name instead of .sum";
                return Err(TranslateError::new(target.query.metric.clone(), target.query.metric_at, advice));
            }
            Part::Extreme => return Err(no_extreme(target.query)),
        };
        only_averaged(target)?;
        let operator = space_aggregator(target.query, "an agent's aggregate")?;
        let window = &target.window;
        self.note(format!("the agent computes this per 10 s; here each series' value is over {window}"));
        Ok(target.aggregated(operator, &inner).times(inverse(plan.scale)))
    }
}

/// The series of an observed metric.
struct Series<'p> {
    name: &'p str,
    native: bool,
}

impl<'p> Series<'p> {
    fn of(plan: &'p Plan) -> Self {
        let native = matches!(&plan.metric, PlannedMetric::Histogram { classic: false, .. });
        Self { name: &plan.name, native }
    }

    fn over(&self, function: &str, target: &Target<'_>, part: &str) -> String {
        match (self.native, part) {
            (false, part) => format!("{function}({})", target.range(&format!("{}_{part}", self.name))),
            (true, "bucket") => format!("{function}({})", target.range(self.name)),
            (true, part) => format!("histogram_{part}({function}({}))", target.range(self.name)),
        }
    }

    fn rate(&self, target: &Target<'_>, part: &str) -> String {
        self.over("rate", target, part)
    }

    fn increase(&self, target: &Target<'_>, part: &str) -> String {
        self.over("increase", target, part)
    }

    fn merged_quantile(&self, target: &Target<'_>, quantile: f64) -> String {
        let labels =
            if self.native { target.groups.clone() } else { [&["le".to_owned()][..], &target.groups].concat() };
        let by = if labels.is_empty() { String::new() } else { format!(" by ({})", labels.join(", ")) };
        format!("histogram_quantile({quantile}, sum{by} ({}))", self.rate(target, "bucket"))
    }
}

/// Milliseconds recorded as seconds are shown as milliseconds again, so that thresholds keep their meaning.
fn inverse(scale: f64) -> f64 {
    let inverse = 1.0 / scale;
    if (inverse - inverse.round()).abs() < 1e-9 * inverse { inverse.round() } else { inverse }
}

fn rollup(
    modifier: &Modifier,
    query: &Query,
    shown: Option<As>,
) -> Result<Option<(String, u64, usize)>, TranslateError> {
    let arguments: Vec<_> = modifier.arguments.iter().map(text_of).collect();
    // The agent's counts are summed, everything else is averaged where the method is left out.
    let default = if shown == Some(As::Count) || query.modifiers.iter().any(|one| one.name == "as_count") {
        "sum"
    } else {
        "avg"
    };
    let (method, length) = match arguments.as_slice() {
        [length] if length.starts_with(|one: char| one.is_ascii_digit()) => (default, length.as_str()),
        [method, length] => (method.as_str(), length.as_str()),
        _ => {
            let advice =
                "rollup needs its length here, as in rollup(sum, 60): without it Datadog takes it from the graph";
            return Err(TranslateError::new("rollup", modifier.at, advice));
        }
    };
    let seconds = duration::seconds(length).ok_or_else(|| {
        TranslateError::new(
            format!("rollup({method}, {length})"),
            modifier.at,
            "the length must be whole seconds, as in 60",
        )
    })?;
    Ok(Some((method.to_owned(), seconds, modifier.at)))
}

/// Refuses a rollup by another method.
fn rolled_up_as(target: &Target<'_>, method: &str) -> Result<(), TranslateError> {
    let Some((other, _, at)) = target.shape.rollup.as_ref().filter(|(other, ..)| other != method) else {
        return Ok(());
    };
    let instead = if method == "sum" {
        "rollup(sum, seconds)"
    } else {
        "rollup(avg, seconds), or .as_count().rollup(sum, seconds)"
    };
    let advice = format!(
        "this depends on the agent's flush interval of 10 s, which a cumulative counter does not keep; use {instead}"
    );
    Err(TranslateError::new(format!("rollup({other})"), *at, advice))
}

/// Refuses what an average or a percentile over all observations of its window is not.
fn only_averaged(target: &Target<'_>) -> Result<(), TranslateError> {
    if target.shape.shown.is_some() {
        let advice = "an average or a percentile is no count and has no rate; leave .as_count() or .as_rate() out";
        return Err(TranslateError::new(target.query.metric.clone(), target.query.metric_at, advice));
    }
    match &target.shape.rollup {
        Some((method, _, at)) if method != "avg" => {
            let advice = "here it is taken of all observations of the time together; use rollup(avg, seconds)";
            Err(TranslateError::new(format!("rollup({method})"), *at, advice))
        }
        _ => Ok(()),
    }
}

fn text_of(argument: &super::syntax::Expression) -> String {
    use super::syntax::ExpressionKind;
    match &argument.kind {
        ExpressionKind::Number(number) => number.to_string(),
        ExpressionKind::Text(text) => text.clone(),
        _ => String::new(),
    }
}

fn space_aggregator(query: &Query, what: &str) -> Result<&'static str, TranslateError> {
    match query.aggregator.as_str() {
        "avg" => Ok("avg"),
        "sum" => Ok("sum"),
        "min" => Ok("min"),
        "max" => Ok("max"),
        other if percentile(other).is_some() || other == "count" => {
            let advice = format!("{what} has no `{other}:`, only distributions have; use avg, sum, min or max");
            Err(TranslateError::new(format!("{other}:{}", query.metric), query.metric_at, advice))
        }
        _ => Err(unknown_aggregator(query)),
    }
}

fn unknown_aggregator(query: &Query) -> TranslateError {
    let advice = "this aggregator is not known; known are avg, sum, min, max, count and percentiles such as p99";
    TranslateError::new(format!("{}:{}", query.aggregator, query.metric), query.metric_at, advice)
}

fn no_extreme(query: &Query) -> TranslateError {
    let advice =
        "a histogram keeps no greatest and no least value; ask for a high percentile, or record the extreme as a gauge";
    TranslateError::new(format!("{}:{}", query.aggregator, query.metric), query.metric_at, advice)
}

/// `p99` is 0.99, `p99.9` is 0.999.
fn percentile(aggregator: &str) -> Option<f64> {
    let percent: f64 =
        aggregator.strip_prefix('p')?.parse().ok().filter(|percent| *percent > 0.0 && *percent < 100.0)?;
    // Not percent / 100: 99.9 / 100 prints as 0.9990000000000001.
    Some((percent * 1e6).round() / 1e8)
}
