//! What do the facade's handles do?

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{CounterFn, GaugeFn, HistogramFn};
use metrics_core::{Counter, Gauge, Histogram};

use crate::record::{Scale, Series};

pub(super) struct CounterHandle {
    counter: Counter<f64>,
    scale: Scale,
    /// The highest amount that was set by `absolute`.
    absolute: AtomicU64,
}

impl CounterHandle {
    pub(super) fn make(series: Series, scale: Scale) -> Option<metrics::Counter> {
        let Series::Counter(counter) = series else { return None };
        Some(metrics::Counter::from_arc(Arc::new(Self { counter, scale, absolute: AtomicU64::new(0) })))
    }
}

impl CounterFn for CounterHandle {
    fn increment(&self, value: u64) {
        self.counter.add(self.scale.apply(value as f64));
    }

    fn absolute(&self, value: u64) {
        // Whoever raises the mark adds what it raised it by: the sum of all steps is the highest amount.
        let before = self.absolute.fetch_max(value, Ordering::Relaxed);
        if value > before {
            self.counter.add(self.scale.apply((value - before) as f64));
        }
    }
}

pub(super) struct GaugeHandle {
    gauge: Gauge<f64>,
    scale: Scale,
}

impl GaugeHandle {
    pub(super) fn make(series: Series, scale: Scale) -> Option<metrics::Gauge> {
        let Series::Gauge(gauge) = series else { return None };
        Some(metrics::Gauge::from_arc(Arc::new(Self { gauge, scale })))
    }
}

impl GaugeFn for GaugeHandle {
    fn increment(&self, value: f64) {
        self.gauge.add(self.scale.apply(value));
    }

    fn decrement(&self, value: f64) {
        self.gauge.sub(self.scale.apply(value));
    }

    fn set(&self, value: f64) {
        self.gauge.set(self.scale.apply(value));
    }
}

pub(super) struct HistogramHandle {
    histogram: Histogram,
    scale: Scale,
}

impl HistogramHandle {
    pub(super) fn make(series: Series, scale: Scale) -> Option<metrics::Histogram> {
        let Series::Histogram(histogram) = series else { return None };
        Some(metrics::Histogram::from_arc(Arc::new(Self { histogram, scale })))
    }
}

impl HistogramFn for HistogramHandle {
    fn record(&self, value: f64) {
        self.histogram.observe(self.scale.apply(value));
    }
}
