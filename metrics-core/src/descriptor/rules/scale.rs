//! What can a fleet be scaled by?

use super::super::MetricType;
use super::name::{ends_with, noun};
use super::{Message, Verdict};

/// What an autoscaling target says about its metric.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// `per_pod`: a gauge of each replica's own.
    PerPod,
    /// `shared`: a gauge that every replica reports alike.
    Shared,
    /// `per_second`: a counter's rate.
    PerSecond,
    /// `concurrency`: the rate of busy seconds.
    Concurrency,
}

impl Signal {
    const fn key(self) -> &'static str {
        match self {
            Self::PerPod => "per_pod",
            Self::Shared => "shared",
            Self::PerSecond => "per_second",
            Self::Concurrency => "concurrency",
        }
    }

    const fn is_gauge(self) -> bool {
        matches!(self, Self::PerPod | Self::Shared)
    }
}

/// The signal fits the metric.
pub(crate) const fn scale_kind(kind: MetricType, name: &str, unit: Option<&str>, signal: Signal) -> Verdict {
    let busy = ends_with(name, "_seconds_total");
    match kind {
        MetricType::Gauge if !signal.is_gauge() => {
            let message = Message::new("`").text(signal.key()).text("` is for counters and ").quoted(name);
            let message = message.text(" is a gauge: use `per_pod` for a value of each replica's own, ");
            Some(message.text("`shared` for one that every replica reports alike"))
        }
        MetricType::Gauge if seconds(name, unit) => Some(latency(name)),
        MetricType::Gauge => None,
        MetricType::Counter if signal.is_gauge() => {
            let message = Message::new("`").text(signal.key()).text("` is for gauges and ").quoted(name);
            let message =
                message.text(" is a counter, which only rises: use `per_second`, or `concurrency` for busy seconds");
            Some(message)
        }
        MetricType::Counter if busy && matches!(signal, Signal::PerSecond) => {
            let message = Message::new("`per_second` of the seconds counter ").quoted(name);
            Some(message.text(" is how many are in progress on average: say `concurrency`"))
        }
        MetricType::Counter if !busy && matches!(signal, Signal::Concurrency) => {
            let message = Message::new("`concurrency` is the rate of a busy-seconds counter and ").quoted(name);
            let message = message.text(" does not end with `_seconds_total`: use `per_second`, or a `BusyTime`");
            Some(message)
        }
        MetricType::Counter => None,
        _ => Some(no_target(kind, name)),
    }
}

const fn seconds(name: &str, unit: Option<&str>) -> bool {
    match unit {
        Some(unit) => ends_with(unit, "seconds"),
        None => ends_with(name, "_seconds"),
    }
}

const fn latency(name: &str) -> Message {
    let message = Message::new("gauge ").quoted(name).text(" is in seconds: a latency does not fall in proportion as ");
    let message = message.text("replicas are added, so the fleet would run to its maximum; scale by work in progress ");
    message.text("(`UpDownGauge` with `per_pod`, `BusyTime` with `concurrency`) and put an `objective` on the latency")
}

const fn no_target(kind: MetricType, name: &str) -> Message {
    let message =
        Message::new("").quoted(name).text(" is a ").text(noun(kind)).text(", which cannot be a scaling target: ");
    let message = match kind {
        MetricType::Histogram => {
            let message =
                message.text("a quantile or mean is NaN when idle and does not fall in proportion as replicas are ");
            message.text("added; put an `objective` on it, and ")
        }
        _ => message,
    };
    message.text("scale by a gauge (`per_pod`, `shared`), a counter (`per_second`) or a `BusyTime` (`concurrency`)")
}

/// The target itself.
pub(crate) const fn scale_target(signal: Signal, target: f64) -> Verdict {
    if target > 0.0 && target.is_finite() {
        return None;
    }
    let message = Message::new("`").text(signal.key()).text("` is what one replica can bear: ");
    Some(message.text("it must be finite and greater than 0"))
}

/// Several series of one replica need a rule that makes one number of them.
pub(crate) const fn scale_combine(name: &str, has_labels: bool, combine: bool) -> Verdict {
    if !has_labels || combine {
        return None;
    }
    let message = Message::new("").quoted(name).text(" has labels, so a replica has several series of it: say ");
    Some(message.text("`combine = sum` or `combine = max`"))
}

/// What is scaled by has to be there.
pub(crate) const fn scale_zero_init(name: &str, zero_init: bool) -> Verdict {
    if zero_init {
        return None;
    }
    let message = Message::new("").quoted(name).text(" scales the fleet, so it must exist from the start: a series ");
    Some(message.text("that is missing stops the autoscaler; leave `zero_init = false` out"))
}

/// The window over which a gauge is averaged.
pub(crate) const fn scale_over(kind: MetricType, over: f64) -> Verdict {
    if !matches!(kind, MetricType::Gauge) {
        let message = Message::new("`over` averages a gauge; the window of a counter's rate follows the scrape ");
        return Some(message.text("interval: leave it out"));
    }
    if over > 0.0 && over.is_finite() {
        return None;
    }
    Some(Message::new("`over` must be longer than nothing, such as \"1m\""))
}

/// The bounds of the number of replicas.
pub(crate) const fn scale_replicas(min: Option<u32>, max: Option<u32>) -> Verdict {
    match (min, max) {
        (_, Some(0)) => Some(Message::new("`max = 0` would end the service: at least 1 replica")),
        (Some(min), Some(max)) if min > max => {
            let message =
                Message::new("`min = ").number(min as u128).text("` is more than `max = ").number(max as u128);
            Some(message.text("`: the other way round?"))
        }
        _ => None,
    }
}

/// How long the fleet waits before it shrinks.
pub(crate) const fn scale_down(over: Option<f64>, scale_down: u32) -> Verdict {
    if scale_down > 3600 {
        return Some(Message::new(
            "`scale_down` may be an hour at most, which is Kubernetes' own limit: \"300s\" is usual",
        ));
    }
    match over {
        Some(over) if (scale_down as f64) < 2.0 * over => {
            let message =
                Message::new("`scale_down` must be at least twice `over`, or the fleet would shrink on the same ");
            Some(message.text("dip twice: lengthen it, or shorten `over`"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use MetricType::{Counter, Gauge, Histogram, StateSet};

    fn said(verdict: Verdict) -> String {
        verdict.map_or_else(String::new, |message| message.as_str().to_owned())
    }

    #[test]
    fn the_signal_fits_the_metric() {
        let good = [
            (Gauge, "queue", Signal::PerPod),
            (Gauge, "queue", Signal::Shared),
            (Counter, "orders_total", Signal::PerSecond),
            (Counter, "busy_seconds_total", Signal::Concurrency),
        ];
        for (kind, name, signal) in good {
            assert_eq!(said(scale_kind(kind, name, None, signal)), "");
        }
        let bad = [
            (
                Gauge,
                "queue",
                Signal::PerSecond,
                "`per_second` is for counters and `queue` is a gauge: use `per_pod` for",
            ),
            (Counter, "orders_total", Signal::PerPod, "`per_pod` is for gauges and `orders_total` is a counter, which"),
            (Counter, "orders_total", Signal::Concurrency, "`concurrency` is the rate of a busy-seconds counter and"),
            (Counter, "busy_seconds_total", Signal::PerSecond, "`per_second` of the seconds counter"),
            (
                Histogram,
                "wait_seconds",
                Signal::PerPod,
                "`wait_seconds` is a histogram, which cannot be a scaling target: a quantile",
            ),
            (StateSet, "phase", Signal::PerPod, "`phase` is a state set, which cannot be a scaling target: scale by"),
            (Gauge, "wait_seconds", Signal::PerPod, "gauge `wait_seconds` is in seconds: a latency does not fall in"),
        ];
        for (kind, name, signal, text) in bad {
            let said = said(scale_kind(kind, name, None, signal));
            assert!(said.starts_with(text), "{said}");
        }
        assert!(scale_kind(Gauge, "wait", Some("seconds"), Signal::PerPod).is_some());
    }

    #[test]
    fn a_target_is_positive_and_finite() {
        assert_eq!(said(scale_target(Signal::PerPod, 0.5)), "");
        for target in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(
                said(scale_target(Signal::Shared, target)),
                "`shared` is what one replica can bear: it must be finite and greater than 0"
            );
        }
    }

    #[test]
    fn labels_need_combine_and_series_have_to_exist() {
        assert_eq!(said(scale_combine("q", true, true)), "");
        assert_eq!(said(scale_combine("q", false, false)), "");
        assert_eq!(
            said(scale_combine("q", true, false)),
            "`q` has labels, so a replica has several series of it: say `combine = sum` or `combine = max`"
        );
        assert_eq!(said(scale_zero_init("q", true)), "");
        assert_eq!(
            said(scale_zero_init("q", false)),
            "`q` scales the fleet, so it must exist from the start: a series that is missing stops the autoscaler; leave \
             `zero_init = false` out"
        );
    }

    #[test]
    fn windows_and_bounds_make_sense() {
        assert_eq!(said(scale_replicas(Some(1), Some(9))), "");
        assert_eq!(said(scale_replicas(Some(9), Some(1))), "`min = 9` is more than `max = 1`: the other way round?");
        assert_eq!(said(scale_replicas(None, Some(0))), "`max = 0` would end the service: at least 1 replica");
        assert_eq!(said(scale_down(Some(60.0), 120)), "");
        assert!(said(scale_down(Some(60.0), 119)).starts_with("`scale_down` must be at least twice `over`"));
        assert!(said(scale_down(None, 3601)).starts_with("`scale_down` may be an hour at most"));
        assert_eq!(said(scale_over(Gauge, 60.0)), "");
        assert!(said(scale_over(Gauge, 0.0)).starts_with("`over` must be longer than nothing"));
        assert!(said(scale_over(Counter, 60.0)).starts_with("`over` averages a gauge;"));
    }
}
