//! Which tests show that every window of a burn-rate alert has its length, and that each of its two thresholds counts?
//!
//! Each test is a row of samples, one a step of a fifth of the pair's short window, and one moment that lies between two
//! samples: which of them a window holds is then the same for every version of Prometheus, whether its windows are closed
//! or open at their beginning. What a window holds is computed here as Prometheus does, so the alerts of the other pairs are
//! known too.

use super::rule_tests::{self, MARGIN, Moment, Phase};
use super::{Artefact, Plan};
use crate::error::Result;
use crate::kubernetes::rules::Test;
use crate::promql::Span;
use crate::settings::Environment;
use crate::source::{BurnRate, Slo};

/// Samples that a pair's short and long window hold: of long windows all are twelve short ones.
const SHORT: usize = 5;
const LONG: usize = 12 * SHORT;
/// Samples of a test: a quarter more than the long window, so that a longer one finds something.
const SAMPLES: usize = LONG + LONG / 4;
/// Evaluations are this many steps of the shortest window apart: each test ends with one, a fifth of a step after a sample.
const APART: f64 = SAMPLES as f64 + 0.2;
/// How near to a sample, in steps, the beginning of a window may not lie.
const NEAR: f64 = 0.02;

pub(super) fn write(plan: &Plan<'_>, files: &mut Vec<Artefact>) -> Result<()> {
    let (native, classic): (Vec<_>, Vec<_>) = plan.slos.iter().partition(|slo| slo.is_native_only());
    push(plan, "windows", "", &classic, files)?;
    push(plan, "native-windows", "promtool 2.55 or later: ", &native, files)
}

fn push(plan: &Plan<'_>, what: &str, remark: &str, slos: &[&Slo<'_>], files: &mut Vec<Artefact>) -> Result<()> {
    let Some(shortest) = slos.iter().flat_map(|slo| slo.burn_rates()).map(|rate| step(&rate)).min() else {
        return Ok(());
    };
    let every = shortest.scaled(APART);
    let tests = slos.iter().flat_map(|slo| slo_tests(plan.environment, slo, every)).collect();
    rule_tests::push(plan, what, remark, every, tests, files)
}

fn step(rate: &BurnRate) -> Span {
    rate.short.divided_by(SHORT as u64)
}

/// Events of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Events {
    bad: f64,
    good: f64,
}

impl Events {
    fn all(self) -> f64 {
        self.bad + self.good
    }

    fn of(all: f64, share: f64) -> Self {
        Self { bad: all * share, good: all * (1.0 - share) }
    }
}

/// What happens in each step, the last one first: the difference of two samples.
type Steps = Vec<Events>;

fn slo_tests(environment: &Environment, slo: &Slo<'_>, every: Span) -> Vec<Test> {
    let least = f64::from(environment.options.minimum_events);
    let mut tests = Vec::new();
    for rate in slo.burn_rates() {
        let Some(end) = end(slo, &rate, every) else { continue };
        let threshold = slo.threshold(&rate);
        let above = (threshold * (1.0 + MARGIN)).min((threshold + 1.0) / 2.0);
        let below = threshold * (1.0 - MARGIN);
        let scale = least.max(100.0) * 10.0;
        let mut cases = vec![
            ("both windows just hold what is bad", just_held(above, scale)),
            ("only the long window is above", only_long(threshold, below, scale)),
            ("only the short window is above", only_short(threshold, below, scale)),
        ];
        if least > 0.0 {
            cases.push(("the long window just holds enough events", enough_in_long(least)));
            cases.push(("the long window just misses enough events", enough_before_long(least)));
        }
        for (name, steps) in cases {
            let name = format!("{} and {}: {name}", rate.long, rate.short);
            let row = Row::new(steps, step(&rate), end);
            let firing = slo.burn_rates().into_iter().filter(|one| row.fires(environment, slo, one)).collect();
            let spelling = rule_tests::spellings(slo).remove(0);
            tests.push(rule_tests::slo_test(environment, slo, &name, &spelling, &row.moment(), &row.phases(), firing));
        }
    }
    tests
}

/// What is bad came in the first step that each window holds, and before it much that was good: a longer window sees a
/// smaller share, a shorter one none.
fn just_held(share: f64, scale: f64) -> Steps {
    let mut steps = empty();
    let share_of_burst = (share + 1.0) / 2.0;
    // The short window's burst and the good events before it belong to the long window too.
    let burst = share * scale / (share_of_burst - share);
    steps[SHORT - 2] = Events::of(scale, share);
    steps[SHORT - 1] = Events::of(scale, 0.0);
    steps[LONG - 2] = Events::of(burst, share_of_burst);
    for one in &mut steps[LONG - 1..] {
        *one = Events::of(burst + 2.0 * scale, 0.0);
    }
    steps
}

/// Much was bad, and is now just below the threshold.
fn only_long(threshold: f64, below: f64, scale: f64) -> Steps {
    let mut steps = empty();
    let share = (threshold + 1.0) / 2.0;
    for (place, one) in steps.iter_mut().enumerate() {
        *one = if place < SHORT - 1 { Events::of(scale, below) } else { Events::of(scale, share) };
    }
    steps
}

/// Much is bad, but not so long yet that the long window is above its threshold.
fn only_short(threshold: f64, below: f64, scale: f64) -> Steps {
    let mut steps = empty();
    let share = (threshold + 1.0) / 2.0;
    let bad_steps = (SHORT - 1) as f64;
    let good_steps = (LONG - SHORT) as f64;
    // Of the long window's events this many a step must be good before, so that all of it is just below.
    let before = bad_steps * scale * (share / below - 1.0) / good_steps;
    for (place, one) in steps.iter_mut().enumerate() {
        *one = if place < SHORT - 1 { Events::of(scale, share) } else { Events::of(before, 0.0) };
    }
    steps
}

/// Nothing but bad events, just enough of them, nearly all in the first step that the long window holds.
fn enough_in_long(least: f64) -> Steps {
    let mut steps = empty();
    steps[0] = Events::of(counted(least) * 0.1, 1.0);
    steps[LONG - 2] = Events::of(counted(least) * (0.9 + 2.0 * MARGIN), 1.0);
    steps
}

/// Nothing but bad events, not quite enough of them, and plenty just before the long window.
fn enough_before_long(least: f64) -> Steps {
    let mut steps = empty();
    steps[0] = Events::of(counted(least) * (1.0 - 2.0 * MARGIN), 1.0);
    for one in &mut steps[LONG - 1..] {
        *one = Events::of(least, 1.0);
    }
    steps
}

fn empty() -> Steps {
    vec![Events::default(); SAMPLES]
}

/// `increase` stretches what lies between the samples of a long window to its whole length.
fn counted(events: f64) -> f64 {
    events * (LONG - 1) as f64 / LONG as f64
}

/// When a pair's test ends: at an evaluation that lies between two samples, and so do the beginnings of all windows.
fn end(slo: &Slo<'_>, rate: &BurnRate, every: Span) -> Option<Span> {
    let step = step(rate).as_seconds();
    let first = (SAMPLES as f64 * step / every.as_seconds()).ceil() as u64;
    let apart = |at: f64| (at - at.round()).abs() > NEAR;
    let windows = |at: f64| {
        slo.burn_rates()
            .iter()
            .flat_map(|one| [one.long, one.short])
            .all(|window| apart(at - window.as_seconds() / step))
    };
    (first..first + 100).map(|times| every.times(times)).find(|end| windows(end.as_seconds() / step))
}

/// The steps of one test and the moment at which it asks.
struct Row {
    steps: Steps,
    interval: Span,
    end: Span,
}

impl Row {
    /// As many steps as there are until the end; what came first lasted from the start.
    fn new(mut steps: Steps, interval: Span, end: Span) -> Self {
        let first = steps.last().copied().unwrap_or_default();
        steps.resize((end.as_seconds() / interval.as_seconds()) as usize, first);
        Self { steps, interval, end }
    }

    /// The counters start so high that no window sees them near zero, where `increase` would stretch less.
    fn moment(&self) -> Moment {
        let all: f64 = self.steps.iter().map(|one| one.all()).sum();
        Moment { interval: self.interval, base: (2.0 * all).ceil(), end: self.end }
    }

    fn phases(&self) -> Vec<Phase> {
        let equal = self.steps.chunk_by(|one, other| one == other);
        let phase = |steps: &[Events]| Phase { steps: steps.len() as u64, bad: steps[0].bad, good: steps[0].good };
        equal.map(phase).rev().collect()
    }

    /// Whether a pair, also one that this row was not made for, alerts at its end.
    fn fires(&self, environment: &Environment, slo: &Slo<'_>, rate: &BurnRate) -> bool {
        let above = |window| self.share(window).is_some_and(|share| share > slo.threshold(rate));
        let enough = self.increase(rate.long) >= f64::from(environment.options.minimum_events);
        above(rate.long) && above(rate.short) && enough
    }

    fn share(&self, window: Span) -> Option<f64> {
        let held = self.held(window);
        let all: f64 = held.iter().map(|one| one.all()).sum();
        (all > 0.0).then(|| held.iter().map(|one| one.bad).sum::<f64>() / all)
    }

    /// The differences of the samples that a window holds.
    fn held(&self, window: Span) -> &[Events] {
        let samples = (self.in_steps(window) - self.age()).ceil().max(0.0) as usize;
        &self.steps[..samples.saturating_sub(1).min(self.steps.len())]
    }

    /// What lies between the samples, stretched to the window's ends as `increase` does: wholly where they are near,
    /// else by half a step.
    fn increase(&self, window: Span) -> f64 {
        let held = self.held(window);
        let between = held.len() as f64;
        if held.is_empty() {
            return 0.0;
        }
        let to_start = self.in_steps(window) - self.age() - between;
        let to_start = if to_start < 1.1 { to_start } else { 0.5 };
        held.iter().map(|one| one.all()).sum::<f64>() * (between + to_start + self.age()) / between
    }

    /// How long ago the last sample was, in steps.
    fn age(&self) -> f64 {
        self.in_steps(self.end).fract()
    }

    fn in_steps(&self, span: Span) -> f64 {
        span.as_seconds() / self.interval.as_seconds()
    }
}
