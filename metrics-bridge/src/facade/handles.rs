//! What do the facade's handles do?

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{CounterFn, GaugeFn, HistogramFn};
use metrics_core::{Counter, Gauge, Histogram};

use crate::record::{Bridge, Refusal, Scale, Series};

/// What a handle does to a value before it is recorded. Most values are in base units: their handles do nothing.
trait Conversion: Send + Sync + 'static {
    fn apply(&self, value: f64) -> f64;
}

struct Unchanged;

impl Conversion for Unchanged {
    fn apply(&self, value: f64) -> f64 {
        value
    }
}

impl Conversion for Scale {
    fn apply(&self, value: f64) -> f64 {
        Scale::apply(*self, value)
    }
}

struct CounterHandle<C> {
    counter: Counter<f64>,
    conversion: C,
    /// The highest amount that was set by `absolute`.
    absolute: AtomicU64,
}

pub(super) fn counter(series: Series, scale: Scale) -> Option<metrics::Counter> {
    fn handle(counter: Counter<f64>, conversion: impl Conversion) -> metrics::Counter {
        metrics::Counter::from_arc(Arc::new(CounterHandle { counter, conversion, absolute: AtomicU64::new(0) }))
    }
    let Series::Counter(counter) = series else { return None };
    Some(if scale.is_one() { handle(counter, Unchanged) } else { handle(counter, scale) })
}

impl<C: Conversion> CounterFn for CounterHandle<C> {
    fn increment(&self, value: u64) {
        self.counter.add(self.conversion.apply(value as f64));
    }

    fn absolute(&self, value: u64) {
        // Whoever raises the mark adds what it raised it by: the sum of all steps is the highest amount.
        let before = self.absolute.fetch_max(value, Ordering::Relaxed);
        if value > before {
            self.increment(value - before);
        }
    }
}

/// A counter that there is no room to keep: the next lookup of its key gets a new one, which would add the whole amount again.
struct UnkeptCounter {
    counter: metrics::Counter,
    bridge: Bridge,
}

pub(super) fn unkept(counter: metrics::Counter, bridge: &Bridge) -> metrics::Counter {
    metrics::Counter::from_arc(Arc::new(UnkeptCounter { counter, bridge: bridge.clone() }))
}

impl CounterFn for UnkeptCounter {
    fn increment(&self, value: u64) {
        self.counter.increment(value);
    }

    fn absolute(&self, _: u64) {
        self.bridge.inner().stats.refuse(Refusal::TooManyHandles);
    }
}

struct GaugeHandle<C> {
    gauge: Gauge<f64>,
    conversion: C,
}

pub(super) fn gauge(series: Series, scale: Scale) -> Option<metrics::Gauge> {
    fn handle(gauge: Gauge<f64>, conversion: impl Conversion) -> metrics::Gauge {
        metrics::Gauge::from_arc(Arc::new(GaugeHandle { gauge, conversion }))
    }
    let Series::Gauge(gauge) = series else { return None };
    Some(if scale.is_one() { handle(gauge, Unchanged) } else { handle(gauge, scale) })
}

impl<C: Conversion> GaugeFn for GaugeHandle<C> {
    fn increment(&self, value: f64) {
        self.gauge.add(self.conversion.apply(value));
    }

    fn decrement(&self, value: f64) {
        self.gauge.sub(self.conversion.apply(value));
    }

    fn set(&self, value: f64) {
        self.gauge.set(self.conversion.apply(value));
    }
}

struct HistogramHandle<C> {
    histogram: Histogram,
    conversion: C,
}

pub(super) fn histogram(series: Series, scale: Scale) -> Option<metrics::Histogram> {
    fn handle(histogram: Histogram, conversion: impl Conversion) -> metrics::Histogram {
        metrics::Histogram::from_arc(Arc::new(HistogramHandle { histogram, conversion }))
    }
    let Series::Histogram(histogram) = series else { return None };
    Some(if scale.is_one() { handle(histogram, Unchanged) } else { handle(histogram, scale) })
}

impl<C: Conversion> HistogramFn for HistogramHandle<C> {
    fn record(&self, value: f64) {
        self.histogram.observe(self.conversion.apply(value));
    }
}
