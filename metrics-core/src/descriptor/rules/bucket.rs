//! Which bucket bounds can a histogram have?

use super::super::MetricType;
use super::name::noun;
use super::{Message, Verdict};

/// What only histograms have.
pub(crate) const fn only_histograms(kind: MetricType, name: &str, what: &str) -> Verdict {
    if matches!(kind, MetricType::Histogram) {
        return None;
    }
    let message = Message::new("").quoted(what).text(" is for histograms, and ").quoted(name).text(" is a ");
    Some(message.text(noun(kind)).text(": leave it out, or make it a histogram"))
}

/// Bounds of buckets that are not kept.
pub(crate) const fn unused_buckets() -> Message {
    let message = Message::new("`buckets` are the bounds of classic buckets, which `classic = false` leaves out: ");
    message.text("leave one of the two out")
}

/// A histogram that keeps neither kind of buckets.
pub(crate) const fn no_buckets() -> Message {
    Message::new("`classic = false` leaves no buckets at all: add `native`, or leave it out")
}

/// A classic histogram's upper bounds.
pub(crate) const fn bucket_bounds(bounds: &[f64]) -> Verdict {
    if bounds.is_empty() {
        let message = Message::new("a histogram needs a bucket: give at least one upper bound, ");
        return Some(message.text("or leave `buckets` out for the default ones"));
    }
    let mut at = 0;
    while at < bounds.len() {
        if let Some(message) = bucket_bound(bounds, at) {
            return Some(message);
        }
        at += 1;
    }
    None
}

/// One bound, beside the one before it.
pub(crate) const fn bucket_bound(bounds: &[f64], at: usize) -> Verdict {
    let bound = bounds[at];
    if bound.is_nan() {
        return Some(place(at).text(" is NaN: every bound is a number"));
    }
    if bound.is_infinite() {
        return Some(place(at).text(" is infinite: leave it out, the `+Inf` bucket is always there"));
    }
    if at > 0 && bounds[at - 1] == bound {
        return Some(place(at).text(" is equal to the one before it: leave one of them out"));
    }
    if at > 0 && bounds[at - 1] > bound {
        return Some(place(at).text(" is less than the one before it: sort the bounds, least first"));
    }
    None
}

const fn place(at: usize) -> Message {
    Message::new("bucket bound ").number(at as u128 + 1)
}

/// A native histogram's resolution.
pub(crate) const fn native(factor: f64, zero_threshold: f64, max_buckets: u32) -> Verdict {
    if !(factor > 1.0 && factor.is_finite()) {
        let message = Message::new("`factor` of a native histogram is the growth from one bucket to the next: ");
        return Some(message.text("it must be finite and greater than 1, such as 1.1"));
    }
    if !(zero_threshold >= 0.0 && zero_threshold.is_finite()) {
        let message =
            Message::new("`zero_threshold` of a native histogram is the greatest value that counts as zero: ");
        return Some(message.text("it must be finite and not negative, such as 1e-9"));
    }
    if max_buckets == 0 {
        let message = Message::new("`max_buckets` of a native histogram bounds its memory and cannot be 0: ");
        return Some(message.text("160 is usual"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(verdict: Verdict) -> String {
        verdict.map_or_else(String::new, |message| message.as_str().to_owned())
    }

    #[test]
    fn bounds_rise_and_are_finite() {
        let cases: [(&[f64], &str); 8] = [
            (&[-1.0, 0.0, 0.5], ""),
            (
                &[],
                "a histogram needs a bucket: give at least one upper bound, or leave `buckets` out for the default ones",
            ),
            (&[1.0, f64::NAN], "bucket bound 2 is NaN: every bound is a number"),
            (&[1.0, f64::INFINITY], "bucket bound 2 is infinite: leave it out, the `+Inf` bucket is always there"),
            (&[f64::NEG_INFINITY], "bucket bound 1 is infinite: leave it out, the `+Inf` bucket is always there"),
            (&[1.0, 1.0], "bucket bound 2 is equal to the one before it: leave one of them out"),
            (&[-0.0, 0.0], "bucket bound 2 is equal to the one before it: leave one of them out"),
            (&[1.0, 2.0, 1.5], "bucket bound 3 is less than the one before it: sort the bounds, least first"),
        ];
        for (bounds, text) in cases {
            assert_eq!(said(bucket_bounds(bounds)), text, "{bounds:?}");
        }
    }

    #[test]
    fn a_native_histogram_grows() {
        assert_eq!(said(native(1.1, 0.0, 160)), "");
        let factor = "`factor` of a native histogram is the growth from one bucket to the next: it must be finite and \
                      greater than 1, such as 1.1";
        assert_eq!(said(native(1.0, 0.0, 160)), factor);
        assert_eq!(said(native(f64::NAN, 0.0, 160)), factor);
        assert!(said(native(1.1, -1.0, 160)).starts_with("`zero_threshold` of"));
        assert!(said(native(1.1, 0.0, 0)).starts_with("`max_buckets` of"));
    }
}
