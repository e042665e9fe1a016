//! How is a value exposed that is computed when it is asked for?

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use crate::descriptor::MetricType;
use crate::encode::Number;
use crate::family::{Pass, Progress, Source};

pub(crate) struct Callback<F> {
    kind: MetricType,
    read: F,
}

impl<F: Fn() -> f64 + Send + Sync> Callback<F> {
    pub(crate) fn new(kind: MetricType, read: F) -> Self {
        Self { kind, read }
    }
}

impl<F: Fn() -> f64 + Send + Sync> Source for Callback<F> {
    fn write(&self, _: &mut Progress, pass: &mut Pass<'_>) -> bool {
        // What the callback leaves broken is its owner's: nothing of ours is in its hands.
        let started = Instant::now();
        let read = catch_unwind(AssertUnwindSafe(&self.read));
        pass.elsewhere += started.elapsed();
        let Ok(value) = read else {
            pass.left_out += 1;
            return true;
        };
        pass.encoder.start_row();
        let written = match self.kind {
            // A total that is not one would make the whole scrape invalid in OpenMetrics.
            MetricType::Counter if !(value >= 0.0) => Err(crate::encode::RowError),
            MetricType::Counter => pass.encoder.counter(pass.out, Number::Float(value)),
            _ => pass.encoder.gauge(pass.out, Number::Float(value)),
        };
        pass.left_out += u64::from(written.is_err());
        true
    }

    fn len(&self) -> usize {
        1
    }
}
