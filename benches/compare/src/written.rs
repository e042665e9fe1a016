//! How much does an exposition say was recorded? For the checks of totals.

use prost::Message;

use crate::service::{self, Wire};

/// What all its samples add up to: of counters their values, of histograms their counts and their sums.
pub fn totals(wire: Wire, bytes: &[u8], kind: &str) -> Vec<f64> {
    if wire == Wire::Protobuf {
        let told = told_in(bytes);
        return if kind == "counters" { vec![told.value] } else { vec![told.count as f64, told.sum] };
    }
    let text = String::from_utf8_lossy(bytes);
    let sum = |name: &str| values_in(&text, name).sum::<f64>();
    if kind == "counters" {
        // `fastmetrics` does not append `_total` in text 0.0.4.
        let names = [service::COUNTERS, service::COUNTERS.trim_end_matches("_total")];
        return vec![names.map(sum).into_iter().find(|sum| *sum > 0.0).unwrap_or(0.0)];
    }
    ["_count", "_sum"].map(|suffix| sum(&format!("{}{suffix}", service::HISTOGRAMS))).into()
}

/// The sum of the samples of this name in an exposition in text.
pub fn sum_in(text: &str, sample: &str) -> u64 {
    values_in(text, sample).sum::<f64>() as u64
}

/// How many observations all histograms of an exposition in protobuf have.
pub fn observations_in(bytes: &[u8]) -> u64 {
    told_in(bytes).count
}

fn values_in<'a>(text: &'a str, sample: &'a str) -> impl Iterator<Item = f64> + 'a {
    let is_sample = move |line: &&str| line.strip_prefix(sample).is_some_and(|rest| rest.starts_with(['{', ' ']));
    text.lines().filter(is_sample).filter_map(|line| line.rsplit(' ').next()?.parse().ok())
}

#[derive(Default)]
struct Sums {
    value: f64,
    count: u64,
    sum: f64,
}

fn told_in(mut bytes: &[u8]) -> Sums {
    let mut sums = Sums::default();
    while !bytes.is_empty() {
        let family = Family::decode_length_delimited(&mut bytes).expect("it is a message");
        for metric in family.metric {
            sums.value += metric.counter.and_then(|counter| counter.value).unwrap_or(0.0);
            let histogram = metric.histogram.unwrap_or_default();
            sums.count += histogram.sample_count.unwrap_or(0);
            sums.sum += histogram.sample_sum.unwrap_or(0.0);
        }
    }
    sums
}

/// Of `io.prometheus.client.MetricFamily` what is looked at; everything else is skipped.
#[derive(Clone, PartialEq, Message)]
struct Family {
    #[prost(message, repeated, tag = "4")]
    metric: Vec<Metric>,
}

#[derive(Clone, PartialEq, Message)]
struct Metric {
    #[prost(message, optional, tag = "3")]
    counter: Option<Counter>,
    #[prost(message, optional, tag = "7")]
    histogram: Option<Histogram>,
}

#[derive(Clone, PartialEq, Message)]
struct Counter {
    #[prost(double, optional, tag = "1")]
    value: Option<f64>,
}

#[derive(Clone, PartialEq, Message)]
struct Histogram {
    #[prost(uint64, optional, tag = "1")]
    sample_count: Option<u64>,
    #[prost(double, optional, tag = "2")]
    sample_sum: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_read_from_text_and_from_protobuf() {
        let text = b"requests_total{a=\"b\"} 3\nrequests_total 4\nrequests_totally 9\n";
        assert_eq!(totals(Wire::Text, text, "counters"), [7.0]);
        assert_eq!(totals(Wire::Text, b"requests{a=\"b\"} 3\n", "counters"), [3.0]);
        let text = b"duration_seconds_bucket{le=\"1\"} 9\nduration_seconds_sum 2.5\nduration_seconds_count 4\n";
        assert_eq!(totals(Wire::OpenMetrics, text, "histograms"), [4.0, 2.5]);
        let metric = |count| Metric {
            counter: Some(Counter { value: Some(1.5) }),
            histogram: Some(Histogram { sample_count: Some(count), sample_sum: Some(0.5) }),
        };
        let mut bytes = Family { metric: vec![metric(2), metric(3)] }.encode_length_delimited_to_vec();
        bytes.extend(Family { metric: vec![metric(4)] }.encode_length_delimited_to_vec());
        assert_eq!(totals(Wire::Protobuf, &bytes, "counters"), [4.5]);
        assert_eq!(totals(Wire::Protobuf, &bytes, "histograms"), [9.0, 1.5]);
    }
}
