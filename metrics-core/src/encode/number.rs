//! How is a number spelled?
//!
//! The text formats descend from Go's `strconv`, and the spelling of a bucket bound is part of a series' identity, so
//! floats are written exactly as `FormatFloat(x, 'g', -1, 64)` does: the fewest digits that read back as the same
//! number, with an exponent from 10⁶ upwards and below 10⁻⁴.

use super::Number;

/// Appends a value: integers without a point, floats as [`write_float`].
#[inline]
pub(crate) fn write_number(out: &mut Vec<u8>, value: Number) {
    match value {
        Number::Unsigned(value) => write_unsigned(out, value),
        Number::Signed(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
        Number::Float(value) => write_float(out, value),
    }
}

/// Appends a value as OpenMetrics tells integers from floats: floats carry a point or an exponent.
#[inline]
pub(crate) fn write_canonical_number(out: &mut Vec<u8>, value: Number) {
    match value {
        Number::Float(value) => write_canonical_float(out, value),
        integer => write_number(out, integer),
    }
}

/// Appends an integer.
#[inline]
pub(crate) fn write_unsigned(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends a float as Go's `'g'` with the shortest precision; `-0` as `0`, and `NaN`, `+Inf`, `-Inf`.
#[inline]
pub(crate) fn write_float(out: &mut Vec<u8>, value: f64) {
    let magnitude = value.abs();
    if magnitude < 1e6 {
        // Exact: every float below 10⁶ without a fraction is an i32.
        let whole = value as i32;
        if f64::from(whole) == value {
            out.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
            return;
        }
        if magnitude >= 1e-4 {
            out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
            return;
        }
    }
    write_unusual(out, value);
}

/// Appends a float so that it cannot be taken for an integer: as [`write_float`], and `.0` behind a whole number.
/// This is OpenMetrics' canonical spelling of `le` and `quantile`.
#[inline]
pub(crate) fn write_canonical_float(out: &mut Vec<u8>, value: f64) {
    let start = out.len();
    write_float(out, value);
    // Letters are an exponent, `Inf` or `NaN`.
    if out[start..].iter().all(|&byte| byte == b'-' || byte.is_ascii_digit()) {
        out.extend_from_slice(b".0");
    }
}

#[cold]
fn write_unusual(out: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        write_with_exponent(out, zmij::Buffer::new().format_finite(value));
    } else if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else {
        out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    }
}

/// Appends `shortest`, which is any decimal spelling of a number other than zero, as digits, point and exponent.
fn write_with_exponent(out: &mut Vec<u8>, shortest: &str) {
    let (mantissa, exponent) = shortest.split_once(['e', 'E']).unwrap_or((shortest, "0"));
    let mantissa = mantissa.strip_prefix('-').inspect(|_| out.push(b'-')).unwrap_or(mantissa);
    let whole = mantissa.find('.').unwrap_or(mantissa.len());
    let digits = out.len();
    out.extend(mantissa.bytes().filter(u8::is_ascii_digit));
    let zeros = out[digits..].iter().take_while(|&&digit| digit == b'0').count();
    out.drain(digits..digits + zeros);
    while out.len() > digits + 1 && out.last() == Some(&b'0') {
        out.pop();
    }
    if out.len() > digits + 1 {
        out.insert(digits + 1, b'.');
    }
    // What a spelling of f64 holds is at most a few hundred.
    let exponent = exponent.parse::<i32>().unwrap_or(0) + whole as i32 - zeros as i32 - 1;
    write_exponent(out, exponent);
}

/// Appends `e`, the sign and at least two digits.
fn write_exponent(out: &mut Vec<u8>, exponent: i32) {
    out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
    if exponent.abs() < 10 {
        out.push(b'0');
    }
    out.extend_from_slice(itoa::Buffer::new().format(exponent.unsigned_abs()).as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn float(value: f64) -> String {
        let mut out = Vec::new();
        write_float(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    fn canonical(value: f64) -> String {
        let mut out = Vec::new();
        write_canonical_float(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn floats_are_spelled_as_go_spells_them() {
        let goldens = [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.0, "-1"),
            (0.1, "0.1"),
            (0.005, "0.005"),
            (655_360.0, "655360"),
            (138_240.0, "138240"),
            (999_999.0, "999999"),
            (999_999.5, "999999.5"),
            (1e6, "1e+06"),
            (-1e6, "-1e+06"),
            (1_286_144.0, "1.286144e+06"),
            (1_756_047.3, "1.7560473e+06"),
            (1.795_337_262_19e9, "1.79533726219e+09"),
            (18_446_744_073_709_551_615.0, "1.8446744073709552e+19"),
            (3.14e42, "3.14e+42"),
            (-1.23e-45, "-1.23e-45"),
            (1e-4, "0.0001"),
            (0.000_114_74, "0.00011474"),
            (0.000_099_999, "9.9999e-05"),
            (1e-5, "1e-05"),
            (1e100, "1e+100"),
            (1.1e23, "1.1e+23"),
            (f64::from_bits(4_804_766_567_243_591_072), "1.6470632996118812e+13"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (5e-324, "5e-324"),
            (2.938735877055719e-39, "2.938735877055719e-39"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        for (value, expected) in goldens {
            assert_eq!(float(value), expected);
        }
    }

    #[test]
    fn canonical_floats_cannot_be_taken_for_integers() {
        let goldens = [
            (0.0, "0.0"),
            (0.001, "0.001"),
            (0.1, "0.1"),
            (1.0, "1.0"),
            (-3.0, "-3.0"),
            (10.0, "10.0"),
            (100_000.0, "100000.0"),
            (1e6, "1e+06"),
            (1e10, "1e+10"),
            (1e-5, "1e-05"),
            (1.1e23, "1.1e+23"),
            (f64::INFINITY, "+Inf"),
            (f64::NAN, "NaN"),
        ];
        for (value, expected) in goldens {
            assert_eq!(canonical(value), expected);
        }
    }

    #[test]
    fn integers_keep_all_their_digits() {
        let mut out = Vec::new();
        for value in [Number::Unsigned(u64::MAX), Number::Signed(i64::MIN), Number::Unsigned(0)] {
            write_number(&mut out, value);
            out.push(b' ');
        }
        assert_eq!(out, b"18446744073709551615 -9223372036854775808 0 ");
    }

    /// The last digit is let go: where two shortest spellings are equally near, the standard library takes the upper
    /// one and Go, as we do, the even one (a golden holds that).
    fn assert_as_modelled(value: f64) -> Result<(), TestCaseError> {
        let (spelled, model) = (float(value), model(value));
        prop_assert_eq!(spelled.parse::<f64>().unwrap().to_bits(), value.to_bits());
        let blurred = |text: &str| {
            let end = text.find('e').unwrap_or(text.len());
            format!("{}#{}", &text[..end - 1], &text[end..])
        };
        prop_assert_eq!(blurred(&spelled), blurred(&model));
        Ok(())
    }

    /// Go's rule, over the digits that the standard library finds.
    fn model(value: f64) -> String {
        let scientific = format!("{value:e}");
        let (mantissa, exponent) = scientific.split_once('e').unwrap();
        let exponent: i32 = exponent.parse().unwrap();
        if (-4..6).contains(&exponent) {
            return format!("{value}");
        }
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.abs())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn any_bits_are_spelled_as_the_model_says(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite() && value != 0.0);
            assert_as_modelled(value)?;
        }

        #[test]
        fn everyday_floats_are_spelled_as_the_model_says(digits in -10_000_000_i64..10_000_000, scale in -9_i32..9) {
            let value = digits as f64 * 10_f64.powi(scale);
            prop_assume!(value != 0.0);
            assert_as_modelled(value)?;
        }
    }
}
