//! How does a value become one in base units without an error in its last digit?

/// What values are multiplied with. By less than one it is divided: 350 / 1000 is 0.35, and 350 × 0.001 is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    times: f64,
    over: f64,
}

impl Scale {
    pub(crate) fn of(factor: f64) -> Self {
        let inverse = (1.0 / factor).round();
        // 1 / 1000 is the same number as 0.001: then the division is meant.
        if factor.abs() < 1.0 && 1.0 / inverse == factor {
            return Self { times: 1.0, over: inverse };
        }
        Self { times: factor, over: 1.0 }
    }

    /// Whether it changes nothing.
    #[cfg(feature = "facade")]
    pub(crate) fn is_one(self) -> bool {
        self.times == 1.0 && self.over == 1.0
    }

    #[inline]
    pub(crate) fn apply(self, value: f64) -> f64 {
        value * self.times / self.over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_values_stay_decimal() {
        for milliseconds in 0..10_000_u32 {
            let written: f64 = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000).parse().unwrap();
            assert_eq!(Scale::of(1e-3).apply(f64::from(milliseconds)), written);
        }
        assert_eq!(Scale::of(2.5).apply(2.0), 5.0);
        assert_eq!(Scale::of(0.3).apply(1.0), 0.3);
        assert_eq!(Scale::of(0.0).apply(1.0), 0.0);
        assert_eq!(Scale::of(-1e-3).apply(350.0), -0.35);
    }
}
