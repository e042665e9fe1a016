//! Which bucket bounds are there to choose from?

/// The field's default upper bounds, in seconds: what every other client library starts with.
pub const DEFAULT: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// OpenTelemetry's advice for the durations of HTTP requests, in seconds.
pub const HTTP_SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// `N` upper bounds, `width` apart, the first at `start`. `+Inf` is not among them; it is always there.
///
/// ```
/// use metrics_core::buckets;
///
/// const BOUNDS: [f64; 3] = buckets::linear(10.0, 5.0);
/// assert_eq!(BOUNDS, [10.0, 15.0, 20.0]);
/// ```
///
/// # Panics
/// Unless `width` is positive and every bound is finite; at compile time in a constant.
pub const fn linear<const N: usize>(start: f64, width: f64) -> [f64; N] {
    assert!(width > 0.0 && width < f64::INFINITY, "the width of linear buckets must be positive and finite");
    assert!(start > f64::NEG_INFINITY && start < f64::INFINITY, "the start of linear buckets must be finite");
    let mut bounds = [0.0; N];
    let mut at = 0;
    while at < N {
        bounds[at] = start + width * at as f64;
        assert!(
            bounds[at] < f64::INFINITY,
            "linear buckets end beyond the largest number: take fewer or a smaller width"
        );
        at += 1;
    }
    bounds
}

/// `N` upper bounds, each `factor` times the one before, the first at `start`. `+Inf` is not among them.
///
/// ```
/// use metrics_core::buckets;
///
/// const BOUNDS: [f64; 4] = buckets::exponential(0.5, 2.0);
/// assert_eq!(BOUNDS, [0.5, 1.0, 2.0, 4.0]);
/// ```
///
/// # Panics
/// Unless `start` is positive, `factor` above 1 and every bound finite; at compile time in a constant.
pub const fn exponential<const N: usize>(start: f64, factor: f64) -> [f64; N] {
    assert!(start > 0.0 && start < f64::INFINITY, "the start of exponential buckets must be positive and finite");
    assert!(factor > 1.0 && factor < f64::INFINITY, "the factor of exponential buckets must be above 1 and finite");
    let mut bounds = [0.0; N];
    let mut bound = start;
    let mut at = 0;
    while at < N {
        assert!(
            bound < f64::INFINITY,
            "exponential buckets end beyond the largest number: take fewer or a smaller factor"
        );
        bounds[at] = bound;
        bound *= factor;
        at += 1;
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "linear buckets end beyond the largest number: take fewer or a smaller width")]
    fn linear_bounds_are_finite() {
        let _: [f64; 3] = linear(0.0, f64::MAX);
    }

    #[test]
    #[should_panic(expected = "exponential buckets end beyond the largest number: take fewer or a smaller factor")]
    fn exponential_bounds_are_finite() {
        let _: [f64; 400] = exponential(1.0, 10.0);
    }

    #[test]
    fn the_last_bound_may_be_as_large_as_numbers_are() {
        assert!(exponential::<308>(1.0, 10.0)[307] > 9e306);
        assert_eq!(linear::<2>(0.0, f64::MAX), [0.0, f64::MAX]);
    }
}
