//! Between how many replicas does a workload move, and how slowly down?

use super::Plan;
use crate::error::{Result, error};
use crate::kubernetes::autoscaling::{Behavior, ScaleDown};
use crate::promql::Span;
use crate::settings::Scaler;
use crate::source::{Signal, place};

/// What the HorizontalPodAutoscaler does of its own accord.
const DEFAULT_SCALE_DOWN: Span = Span::seconds(300);

/// The least and the greatest number of replicas.
pub(super) fn limits(plan: &Plan<'_>) -> Result<(u32, u32)> {
    let options = &plan.environment.options;
    let min = options.min_replicas.or(declared(plan, "min", |signal| signal.autoscale.min)?).unwrap_or(1);
    let max = options.max_replicas.or(declared(plan, "max", |signal| signal.autoscale.max)?).ok_or_else(|| {
        error!("no greatest number of replicas; give `max` in autoscale(…) or the option `max_replicas`")
    })?;
    if min > max {
        return Err(error!("the least number of replicas is {min} and the greatest {max}; exchange or change them"));
    }
    if max == 0 {
        return Err(error!("the greatest number of replicas is 0; give at least 1 in `max` or `max_replicas`"));
    }
    if min == 0 {
        check_zero(plan)?;
    }
    Ok((min, max))
}

/// Whether the workload may have no replica at all, and with it nothing that exports the replicas' metrics.
pub(super) fn rests_at_zero(plan: &Plan<'_>) -> bool {
    plan.scales() && limits(plan).is_ok_and(|(min, _)| min == 0)
}

/// The one value that signals declare. Two different ones are not for this program to choose between.
fn declared(plan: &Plan<'_>, what: &str, value: impl Fn(&Signal<'_>) -> Option<u32>) -> Result<Option<u32>> {
    let mut found: Option<(&Signal<'_>, u32)> = None;
    for signal in &plan.signals {
        match (found, value(signal)) {
            (Some((first, known)), Some(one)) if known != one => {
                return Err(error!(
                    "{} declares `{what} = {known}` and {} `{what} = {one}`, and they scale one workload; make them alike, \
                     or give the option `{what}_replicas`",
                    place(first.metric),
                    place(signal.metric)
                ));
            }
            (None, Some(one)) => found = Some((signal, one)),
            _ => {}
        }
    }
    Ok(found.map(|(_, value)| value))
}

/// At no replica nobody exports what a replica exports: the workload would never wake.
fn check_zero(plan: &Plan<'_>) -> Result<()> {
    if plan.environment.options.scaler == Scaler::Adapter {
        return Err(error!(
            "the least number of replicas is 0, which a HorizontalPodAutoscaler does not do; give at least 1, or \
             choose `scaler: keda`"
        ));
    }
    if plan.signals.iter().any(|signal| plan.environment.is_elsewhere(&signal.metric.name)) {
        return Ok(());
    }
    Err(error!(
        "the least number of replicas is 0, and all signals are exported by the replicas themselves: without one \
         there is nothing that wakes the workload; give at least 1, or name the signal that something else exports \
         in `exported_elsewhere`"
    ))
}

/// How long a lower wish must stand: never less than twice what a signal looks back.
pub(super) fn behavior(plan: &Plan<'_>) -> Result<Behavior> {
    let longest = plan
        .signals
        .iter()
        .filter_map(|signal| Some((signal.window()?.times(2), signal)))
        .max_by_key(|(span, _)| *span);
    let least = longest.map_or(Span::seconds(0), |(span, _)| span);
    let window = match (plan.environment.options.scale_down_window, declared_window(plan)?) {
        (Some(window), _) | (None, Some(window)) => window,
        (None, None) => DEFAULT_SCALE_DOWN.max(least),
    };
    if let Some((least, signal)) = longest.filter(|(least, _)| window < *least) {
        return Err(error!(
            "the scale-down window is {window}, less than twice what {} looks back; give {least} or more in \
             `scale_down` or `scale_down_window`",
            place(signal.metric)
        ));
    }
    Ok(Behavior { scale_down: ScaleDown { stabilization_window_seconds: window.whole_seconds() } })
}

fn declared_window(plan: &Plan<'_>) -> Result<Option<Span>> {
    let seconds = declared(plan, "scale_down", |signal| signal.autoscale.scale_down_seconds)?;
    Ok(seconds.map(|seconds| Span::seconds(u64::from(seconds))))
}
