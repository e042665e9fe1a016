//! What is a histogram at one moment, and what can be read off it?

use crate::encode::NativeValue;
use crate::metric::native::upper_bound;

/// A histogram at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramSnapshot {
    /// Upper bounds, without `+Inf`.
    pub bounds: Vec<f64>,
    /// How many observations each bucket has, not cumulative; the last is that of `+Inf`.
    pub counts: Vec<u64>,
    /// The sum of the finite observations.
    pub sum: f64,
    /// The native buckets, if it has them.
    pub native: Option<NativeSnapshot>,
}

/// Native buckets at one moment. Bucket `i` of a side ends at (2^(2^-schema))^i, and begins where `i - 1` ends.
#[derive(Clone, Debug, PartialEq)]
pub struct NativeSnapshot {
    /// The resolution, −4 to 8.
    pub schema: i32,
    /// Observations up to this distance from zero are counted in `zero_count`.
    pub zero_threshold: f64,
    /// How many those are.
    pub zero_count: u64,
    /// Index and count of the occupied buckets of positive observations, by index.
    pub positive: Vec<(i32, u64)>,
    /// The same for negative observations.
    pub negative: Vec<(i32, u64)>,
}

impl From<NativeValue<'_>> for NativeSnapshot {
    fn from(value: NativeValue<'_>) -> Self {
        Self {
            schema: value.schema,
            zero_threshold: value.zero_threshold,
            zero_count: value.zero_count,
            positive: value.positive.to_vec(),
            negative: value.negative.to_vec(),
        }
    }
}

impl HistogramSnapshot {
    /// How many observations there are.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

impl NativeSnapshot {
    /// The value below which the share `quantile` of the observations lies, as Prometheus' `histogram_quantile` estimates
    /// it: by exponential interpolation within a bucket. `None` without observations, or if `quantile` is not in \[0, 1\].
    ///
    /// The exact value lies in the same bucket, and so the error is at most [`Self::max_relative_error`]; values within the
    /// zero bucket and infinite ones are excepted. `cargo run -p examples --bin quantiles` prints how large it is for several
    /// distributions.
    ///
    /// ```
    /// use metrics_core::descriptor::NativeDeclaration;
    /// use metrics_core::{Declaration, Histogram, MetricType, Registry};
    ///
    /// let wait = Declaration::new(MetricType::Histogram, "wait_seconds", "Wait.").with_unit("seconds");
    /// let wait: Histogram = Registry::new().register(wait.with_native(NativeDeclaration::DEFAULT, false))?;
    /// (1..=1000).for_each(|millis| wait.observe(f64::from(millis) / 1000.0));
    /// let median = wait.snapshot().native.and_then(|native| native.quantile(0.5)).unwrap();
    /// assert!((0.48..0.52).contains(&median));
    /// # Ok::<(), metrics_core::Error>(())
    /// ```
    pub fn quantile(&self, quantile: f64) -> Option<f64> {
        let sum = |side: &[(i32, u64)]| side.iter().map(|(_, count)| count).sum::<u64>();
        let count = sum(&self.negative) + self.zero_count + sum(&self.positive);
        if count == 0 || !(0.0..=1.0).contains(&quantile) {
            return None;
        }
        let rank = quantile * count as f64;
        let mut below = 0.0;
        for (lower, upper, count) in self.buckets() {
            let count = count as f64;
            if below + count >= rank {
                return Some(interpolate(lower, upper, ((rank - below) / count).clamp(0.0, 1.0)));
            }
            below += count;
        }
        self.buckets().last().map(|(_, upper, _)| upper)
    }

    /// How far a quantile can be from the exact value, as a share of that: by how much a bucket's bounds differ, 2^(2^-schema)
    /// − 1. It is 9 % for the default growth factor of 1.1, as long as the limit of buckets has not lowered the resolution.
    /// With a smaller factor a wide range lowers it, too: a thread keeps 256 buckets in a row, and 16 beside.
    ///
    /// ```
    /// use metrics_core::NativeSnapshot;
    ///
    /// let snapshot = NativeSnapshot { schema: 0, zero_threshold: 0.0, zero_count: 0, positive: vec![(1, 1)], negative: vec![] };
    /// assert_eq!(snapshot.max_relative_error(), 1.0);
    /// ```
    pub fn max_relative_error(&self) -> f64 {
        f64::from(-self.schema).exp2().exp2() - 1.0
    }

    /// Bounds and count of the occupied buckets, from the least value on.
    fn buckets(&self) -> impl Iterator<Item = (f64, f64, u64)> {
        let bound = |index| upper_bound(index, self.schema);
        let negative =
            self.negative.iter().rev().map(move |(index, count)| (-bound(*index), -bound(index - 1), *count));
        // A side without observations cannot have any in the zero bucket either.
        let lower = if self.negative.is_empty() { 0.0 } else { -self.zero_threshold };
        let upper = if self.positive.is_empty() { 0.0 } else { self.zero_threshold };
        let zero = (self.zero_count > 0).then_some((lower, upper, self.zero_count));
        let positive = self.positive.iter().map(move |(index, count)| (bound(index - 1), bound(*index), *count));
        negative.chain(zero).chain(positive)
    }
}

/// Exponentially between bounds of one sign, linearly across zero.
fn interpolate(lower: f64, upper: f64, share: f64) -> f64 {
    if lower > 0.0 && upper.is_finite() {
        lower * (upper / lower).powf(share)
    } else if upper < 0.0 && lower.is_finite() {
        -(-lower * (upper / lower).powf(share))
    } else if lower.is_infinite() || upper.is_infinite() {
        if lower.is_infinite() { upper } else { lower }
    } else {
        lower + (upper - lower) * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_the_bounds_of_their_bucket() {
        let snapshot = NativeSnapshot {
            schema: 0,
            zero_threshold: 0.5,
            zero_count: 2,
            positive: vec![(1, 4), (3, 2)],
            negative: vec![(1, 2)],
        };
        let cases = [(0.0, -2.0), (0.2, -1.0), (0.3, 0.0), (0.4, 0.5), (0.6, 2_f64.sqrt()), (0.8, 2.0), (1.0, 8.0)];
        for (quantile, expected) in cases {
            let found = snapshot.quantile(quantile).unwrap();
            assert!((found - expected).abs() < 1e-9, "{quantile}: {found}, not {expected}");
        }
        assert_eq!(snapshot.quantile(1.5), None);
        assert_eq!(snapshot.quantile(f64::NAN), None);
    }

    #[test]
    fn there_is_no_quantile_of_nothing() {
        let empty =
            NativeSnapshot { schema: 3, zero_threshold: 0.0, zero_count: 0, positive: vec![], negative: vec![] };
        assert_eq!(empty.quantile(0.5), None);
    }
}
