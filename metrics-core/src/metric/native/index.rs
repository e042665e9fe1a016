//! Which native bucket holds a value?

use super::bounds::BOUNDS;
pub(crate) use crate::cell::native::downscale;

/// The finest resolution there is.
pub(crate) const FINEST_SCHEMA: i32 = 8;
/// The index of the greatest float at the finest resolution.
pub(crate) const LAST_FINITE: i32 = 1024 << FINEST_SCHEMA;
/// The index of the infinite at the finest resolution.
pub(crate) const INFINITE: i32 = LAST_FINITE + 1;

const MANTISSA_BITS: u32 = 52;
const MANTISSA: u64 = (1 << MANTISSA_BITS) - 1;

/// The mantissas of the bounds, and two that no mantissa is above: comparing them costs no float.
const MANTISSAS: [u64; 258] = {
    let mut mantissas = [u64::MAX; 258];
    let mut at = 0;
    while at < 256 {
        mantissas[at] = BOUNDS[at].to_bits() & MANTISSA;
        at += 1;
    }
    mantissas
};

/// For the leading eight bits of a mantissa: the first bound that is not below the least mantissa with these bits.
const GUESSES: [u16; 256] = {
    let mut guesses = [0; 256];
    let mut leading = 0;
    let mut bound = 0;
    while leading < 256 {
        while MANTISSAS[bound] < (leading as u64) << (MANTISSA_BITS - 8) {
            bound += 1;
        }
        guesses[leading] = bound as u16;
        leading += 1;
    }
    guesses
};

/// The bucket of a value's magnitude: its bound is the first that is not below. Nothing for NaN; zero has no bucket
/// either, but whoever calls has a zero bucket for it. The infinite has the bucket behind the last finite one.
///
/// The bounds of a coarser resolution are some of those of a finer one, so the finest index, shifted, is every other one.
#[inline]
pub(crate) fn bucket_index(value: f64, schema: i32) -> Option<i32> {
    let magnitude = value.abs();
    if (f64::MIN_POSITIVE..f64::INFINITY).contains(&magnitude) {
        Some(downscale(finest_index(magnitude.to_bits(), 0), (FINEST_SCHEMA - schema) as u32))
    } else {
        unusual_index(magnitude).map(|index| downscale(index, (FINEST_SCHEMA - schema) as u32))
    }
}

#[cold]
fn unusual_index(magnitude: f64) -> Option<i32> {
    if magnitude.is_nan() || magnitude == 0.0 {
        None
    } else if magnitude.is_infinite() {
        Some(INFINITE)
    } else {
        // 2^54 times a subnormal float is normal, and exact.
        Some(finest_index((magnitude * 18_014_398_509_481_984.0).to_bits(), -54))
    }
}

/// The index at the finest resolution of the normal float with these bits, times 2^`shift`.
#[inline]
fn finest_index(bits: u64, shift: i32) -> i32 {
    // As frexp: the fraction is in [½, 1).
    let exponent = (bits >> MANTISSA_BITS) as i32 - 1022 + shift;
    let mantissa = bits & MANTISSA;
    let guess = usize::from(GUESSES[(mantissa >> (MANTISSA_BITS - 8)) as usize]);
    // Where bounds are closest, between ½ and its neighbours, two of them share eight leading bits.
    let above = i32::from(mantissa > MANTISSAS[guess]) + i32::from(mantissa > MANTISSAS[guess + 1]);
    ((exponent - 1) << FINEST_SCHEMA) + guess as i32 + above
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::bounds::{COARSEST_SCHEMA, upper_bound};
    use super::*;

    /// The rule as the specification of native histograms gives it: frexp, a search among the bounds, shifts.
    fn model(value: f64, schema: i32) -> i32 {
        let infinite = value.is_infinite();
        let mut fraction = if infinite { f64::MAX } else { value.abs() };
        let mut exponent = 0;
        while fraction >= 1.0 {
            fraction /= 2.0;
            exponent += 1;
        }
        while fraction < 0.5 {
            fraction *= 2.0;
            exponent -= 1;
        }
        let index = if schema > 0 {
            let step = 256 >> schema;
            let bounds: Vec<f64> = BOUNDS.iter().copied().step_by(step).collect();
            bounds.partition_point(|&bound| bound < fraction) as i32 + (exponent - 1) * (1 << schema)
        } else {
            let exponent = if fraction == 0.5 { exponent - 1 } else { exponent };
            (exponent + (1 << -schema) - 1) >> -schema
        };
        index + i32::from(infinite)
    }

    #[test]
    fn values_fall_where_prometheus_lets_them_fall() {
        let goldens = [
            (1.0, 3, 0),
            (2.0, 3, 8),
            (3.0, 3, 13),
            (1.2, 2, 2),
            (1.4, 2, 2),
            (1.8, 2, 4),
            (f64::INFINITY, 2, 4097),
            (f64::NEG_INFINITY, 2, 4097),
            (f64::MAX, 2, 4096),
            (f64::MAX, 0, 1024),
            (5e-324, 0, -1074),
            (-3.0, 3, 13),
        ];
        for (value, schema, index) in goldens {
            assert_eq!(bucket_index(value, schema), Some(index), "{value} at schema {schema}");
        }
    }

    #[test]
    fn what_is_no_number_or_zero_has_no_bucket() {
        for value in [f64::NAN, 0.0, -0.0] {
            assert_eq!(bucket_index(value, 3), None);
        }
    }

    #[test]
    fn a_bound_belongs_to_its_bucket_and_the_next_float_to_the_next() {
        for schema in COARSEST_SCHEMA..=FINEST_SCHEMA {
            for at in -5000..5000 {
                let bound = upper_bound(at, schema);
                if (f64::MIN_POSITIVE..f64::MAX).contains(&bound) {
                    assert_eq!(bucket_index(bound, schema), Some(at), "{bound} at schema {schema}");
                    assert_eq!(bucket_index(bound.next_up(), schema), Some(at + 1), "above {bound} at schema {schema}");
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5000))]

        #[test]
        fn any_value_falls_where_the_specification_says(bits: u64, schema in COARSEST_SCHEMA..=FINEST_SCHEMA) {
            let value = f64::from_bits(bits);
            prop_assume!(!value.is_nan() && value != 0.0);
            prop_assert_eq!(bucket_index(value, schema), Some(model(value, schema)));
        }

        #[test]
        fn everyday_and_subnormal_values_do_too(value in prop_oneof![1e-9..1e9_f64, 5e-324..1e-307], schema in COARSEST_SCHEMA..=FINEST_SCHEMA) {
            prop_assert_eq!(bucket_index(value, schema), Some(model(value, schema)));
        }

        #[test]
        fn a_coarser_bucket_holds_the_finer_one(value in 1e-9..1e9_f64, schema in COARSEST_SCHEMA + 1..=FINEST_SCHEMA) {
            let index = bucket_index(value, schema).unwrap();
            prop_assert_eq!(bucket_index(value, schema - 1), Some(downscale(index, 1)));
        }
    }
}
