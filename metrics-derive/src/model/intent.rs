//! What is to be made of a metric: `autoscale(…)` and `objective(…)`?

use proc_macro2::Ident;
use syn::{Expr, ExprArray, ExprLit, Lit, LitInt, LitStr};

use super::Number;
use super::duration::Duration;
use crate::attr::{Entry, Given, Slot, bare};
use crate::errors::Errors;
use crate::rules::Signal;

const AUTOSCALE_KEYS: [&str; 9] =
    ["per_pod", "shared", "per_second", "concurrency", "combine", "over", "min", "max", "scale_down"];
const OBJECTIVE_KEYS: [&str; 5] = ["ratio", "at_most", "label", "bad", "window"];
const AUTOSCALE_EXAMPLE: &str = "`autoscale(per_pod = 10)`, `autoscale(shared = 30)`, `autoscale(per_second = 100)` or \
                                 `autoscale(concurrency = 10)`";
const OBJECTIVE_EXAMPLE: &str = "`objective(ratio = 0.99, at_most = 0.5, window = \"30d\")` on a histogram or \
                                 `objective(ratio = 0.99, label = \"outcome\", bad = [\"failed\"], window = \"30d\")` on a counter";

/// What one replica can bear.
pub(crate) struct Autoscale {
    pub(crate) key: Ident,
    pub(crate) signal: Signal,
    pub(crate) signal_key: Ident,
    pub(crate) target: Number,
    pub(crate) combine: Option<Combine>,
    pub(crate) over: Option<Given<Duration>>,
    pub(crate) min: Option<Given<u32>>,
    pub(crate) max: Option<Given<u32>>,
    /// In seconds.
    pub(crate) scale_down: Option<Given<u32>>,
}

/// How several series become one number.
#[derive(Clone, Copy)]
pub(crate) enum Combine {
    Sum,
    Max,
}

/// A service level objective.
pub(crate) struct Objective {
    pub(crate) key: Ident,
    pub(crate) ratio: Number,
    pub(crate) bound: Bound,
    pub(crate) window: Duration,
    pub(crate) window_seconds: u64,
}

/// What makes an event good or bad.
pub(crate) enum Bound {
    AtMost(Number),
    Bad { label: LitStr, bad: Vec<LitStr> },
}

impl Autoscale {
    pub(super) fn read(errors: &Errors, entry: Entry) -> Option<Self> {
        let key = entry.key.clone();
        let mut keys = AutoscaleKeys::default();
        for entry in entry.list(errors, AUTOSCALE_EXAMPLE)? {
            keys.read(errors, entry);
        }
        if keys.target.is_none() && !keys.average {
            errors.at(&key, format_args!("say what one replica can bear: {AUTOSCALE_EXAMPLE}"));
        }
        let (signal, signal_key, target) = keys.target?;
        Some(Self {
            key,
            signal,
            signal_key,
            target,
            combine: keys.combine.value(),
            over: keys.over.take(),
            min: keys.min.take(),
            max: keys.max.take(),
            scale_down: keys.scale_down.take(),
        })
    }
}

#[derive(Default)]
struct AutoscaleKeys {
    target: Option<(Signal, Ident, Number)>,
    /// Whether it was written as `average`, which has been answered already.
    average: bool,
    combine: Slot<Combine>,
    over: Slot<Duration>,
    min: Slot<u32>,
    max: Slot<u32>,
    scale_down: Slot<u32>,
}

impl AutoscaleKeys {
    fn read(&mut self, errors: &Errors, entry: Entry) {
        let key = entry.key.clone();
        match key.to_string().as_str() {
            "per_pod" => self.target(errors, Signal::PerPod, entry),
            "shared" => self.target(errors, Signal::Shared, entry),
            "per_second" => self.target(errors, Signal::PerSecond, entry),
            "concurrency" => self.target(errors, Signal::Concurrency, entry),
            "combine" => self.combine.set(errors, key, combine(errors, entry)),
            "over" => self.over.set(errors, key, duration(errors, entry)),
            "min" => self.min.set(errors, key, integer(errors, entry)),
            "max" => self.max.set(errors, key, integer(errors, entry)),
            "scale_down" => self.scale_down.set(errors, key, seconds(errors, entry)),
            "average" => self.average(errors, &key),
            _ => entry.unknown(errors, "`autoscale(...)`", &AUTOSCALE_KEYS),
        }
    }

    fn average(&mut self, errors: &Errors, key: &Ident) {
        self.average = true;
        let message = "`average` could mean two things: say `per_pod` for a value of each replica's own, `shared` for \
                       one that every replica reports alike";
        errors.at(key, message);
    }

    fn target(&mut self, errors: &Errors, signal: Signal, entry: Entry) {
        let key = entry.key.clone();
        let example = format!("`{key} = 10`");
        if let Some((_, other, _)) = &self.target {
            errors.at(&key, format_args!("`{other}` is given already: a metric has one target, leave one of them out"));
        } else if let Some(target) = entry.expression(errors, &example) {
            self.target = Some((signal, key, Number::new(target)));
        }
    }
}

impl Objective {
    pub(super) fn read(errors: &Errors, entry: Entry) -> Option<Self> {
        let key = entry.key.clone();
        let mut keys = ObjectiveKeys::default();
        for entry in entry.list(errors, OBJECTIVE_EXAMPLE)? {
            keys.read(errors, entry);
        }
        keys.complete(errors, key)
    }
}

#[derive(Default)]
struct ObjectiveKeys {
    /// Every key that was given, well or not.
    given: Vec<Ident>,
    ratio: Slot<Number>,
    at_most: Slot<Number>,
    label: Slot<LitStr>,
    bad: Slot<Vec<LitStr>>,
    window: Slot<Duration>,
}

impl ObjectiveKeys {
    fn read(&mut self, errors: &Errors, entry: Entry) {
        let key = entry.key.clone();
        self.given.push(key.clone());
        match key.to_string().as_str() {
            "ratio" => self.ratio.set(errors, key, entry.expression(errors, "`ratio = 0.99`").map(Number::new)),
            "at_most" => self.at_most.set(errors, key, entry.expression(errors, "`at_most = 0.5`").map(Number::new)),
            "label" => self.label.set(errors, key, entry.string(errors)),
            "bad" => self.bad.set(errors, key, strings(errors, entry)),
            "window" => self.window.set(errors, key, duration(errors, entry)),
            _ => entry.unknown(errors, "`objective(...)`", &OBJECTIVE_KEYS),
        }
    }

    fn complete(self, errors: &Errors, key: Ident) -> Option<Objective> {
        let given = |key: &str| self.given.iter().any(|given| given == key);
        for what in ["ratio", "window"].into_iter().filter(|what| !given(what)) {
            errors.at(&key, format_args!("`{what}` is missing: write {OBJECTIVE_EXAMPLE}"));
        }
        if !matches!((given("at_most"), given("label"), given("bad")), (true, false, false) | (false, true, true)) {
            errors.at(&key, format_args!("say which events are good: {OBJECTIVE_EXAMPLE}"));
        }
        let bound = match (self.at_most.value(), self.label.value(), self.bad.value()) {
            (Some(at_most), ..) => Bound::AtMost(at_most),
            (None, label, bad) => Bound::Bad { label: label?, bad: bad? },
        };
        let window = self.window.value()?;
        let window_seconds = window.whole_seconds(errors)?;
        Some(Objective { key, ratio: self.ratio.value()?, bound, window, window_seconds })
    }
}

fn duration(errors: &Errors, entry: Entry) -> Option<Duration> {
    Duration::read(errors, entry.string(errors)?)
}

/// Whole seconds; what is more than fits is too long for any rule.
fn seconds(errors: &Errors, entry: Entry) -> Option<u32> {
    let seconds = duration(errors, entry)?.whole_seconds(errors)?;
    Some(u32::try_from(seconds).unwrap_or(u32::MAX))
}

fn combine(errors: &Errors, entry: Entry) -> Option<Combine> {
    const EXAMPLE: &str = "`combine = sum` or `combine = max`";
    let path = entry.path(errors, EXAMPLE)?;
    if path.is_ident("sum") {
        return Some(Combine::Sum);
    }
    if path.is_ident("max") {
        return Some(Combine::Max);
    }
    errors.at(path, format_args!("write {EXAMPLE}"));
    None
}

/// A number that is not negative, written out.
pub(super) fn integer<N: TryFrom<u32>>(errors: &Errors, entry: Entry) -> Option<N> {
    let example = format!("`{} = 10`", entry.key);
    let expression = entry.expression(errors, &example)?;
    let parsed = literal(&expression).and_then(|literal| literal.base10_parse::<u32>().ok());
    let parsed = parsed.and_then(|number| N::try_from(number).ok());
    if parsed.is_none() {
        let bits = 8 * size_of::<N>();
        errors.at(expression, format_args!("write {example}: a whole number of at most {bits} bits"));
    }
    parsed
}

fn literal(expression: &Expr) -> Option<&LitInt> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Int(integer), .. }) => Some(integer),
        _ => None,
    }
}

fn strings(errors: &Errors, entry: Entry) -> Option<Vec<LitStr>> {
    const EXAMPLE: &str = "`bad = [\"failed\"]`";
    let expression = entry.expression(errors, EXAMPLE)?;
    let strings = match &expression {
        Expr::Array(ExprArray { elems, .. }) => elems.iter().cloned().map(string).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    if strings.is_none() {
        errors.at(expression, format_args!("write {EXAMPLE}"));
    }
    strings
}

fn string(expression: Expr) -> Option<LitStr> {
    match bare(expression) {
        Expr::Lit(ExprLit { lit: Lit::Str(string), .. }) => Some(string),
        _ => None,
    }
}
