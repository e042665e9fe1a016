//! What does another decoder read in what we wrote?

use std::time::Duration;

use proptest::prelude::*;
use prost::Message;

use super::super::native::NativeValue;
use super::schema::{Bucket, Histogram, LabelPair, Metric, MetricFamily, Span, Type};
use super::*;
use crate::descriptor::{Declaration, LabelDeclaration, LabelValues};

const PATH: LabelDeclaration = LabelDeclaration::new("path", LabelValues::Dynamic);
const MOMENT: Timestamp = Timestamp::from_epoch(Duration::new(1_520_879_607, 789_000_000));
const READ_MOMENT: schema::Timestamp = schema::Timestamp { seconds: 1_520_879_607, nanos: 789_000_000 };

fn family(kind: MetricType, name: &'static str) -> Descriptor {
    Declaration::new(kind, name, "Help \"it\" \\ \nis.").with_labels(&[PATH]).into()
}

fn decode(mut body: &[u8]) -> Vec<MetricFamily> {
    let mut families = Vec::new();
    while !body.is_empty() {
        families.push(MetricFamily::decode_length_delimited(&mut body).unwrap());
    }
    families
}

/// What a decoder reads of the one row `path="x"` that `write` writes.
fn decoded(descriptor: &Descriptor, write: impl FnOnce(&mut ProtobufEncoder, &mut Vec<u8>)) -> MetricFamily {
    let mut out = Vec::new();
    let mut encoder = ProtobufEncoder::new(Escaping::Underscores);
    encoder.start_piece();
    encoder.begin_family(descriptor);
    encoder.start_row();
    encoder.label(0, b"x");
    write(&mut encoder, &mut out);
    encoder.finish(&mut out);
    let [family] = decode(&out).try_into().unwrap();
    assert_eq!(family.metric[0].label, [label("path", "x")]);
    family
}

fn label(name: &str, value: &str) -> LabelPair {
    LabelPair { name: Some(name.into()), value: Some(value.into()) }
}

fn trace(value: f64) -> (Exemplar, schema::Exemplar) {
    let mut written = Exemplar::new(value, MOMENT);
    assert!(written.push_label("trace_id", "ab\"c"));
    let read =
        schema::Exemplar { label: vec![label("trace_id", "ab\"c")], value: Some(value), timestamp: Some(READ_MOMENT) };
    (written, read)
}

fn histogram<'a>(
    bounds: &'a [f64],
    counts: &'a [u64],
    sum: f64,
    native: Option<NativeValue<'a>>,
) -> HistogramValue<'a> {
    HistogramValue { bounds, counts, sum, native }
}

fn bucket(count: u64, bound: f64) -> Bucket {
    Bucket { cumulative_count: Some(count), upper_bound: Some(bound), exemplar: None }
}

fn span(offset: i32, length: u32) -> Span {
    Span { offset: Some(offset), length: Some(length) }
}

#[test]
fn counters_carry_exemplar_and_creation() {
    let mut descriptor = family(MetricType::Counter, "busy_seconds_total");
    descriptor.unit = Some("seconds".into());
    let (written, read) = trace(1.0);
    let family = decoded(&descriptor, |encoder, out| {
        encoder.exemplar(0, &written);
        encoder.created(MOMENT);
        encoder.counter(out, Number::Unsigned(17)).unwrap();
        encoder.start_row();
        encoder.counter(out, Number::Float(0.0)).unwrap();
    });
    assert_eq!(family.name.as_deref(), Some("busy_seconds_total"));
    assert_eq!(family.help.as_deref(), Some("Help \"it\" \\ \nis."));
    assert_eq!(family.unit.as_deref(), Some("seconds"));
    assert_eq!(family.kind(), Type::Counter);
    let first = schema::Counter { value: Some(17.0), exemplar: Some(read), created: Some(READ_MOMENT) };
    assert_eq!(family.metric[0].counter, Some(first));
    let second = schema::Counter { value: Some(0.0), exemplar: None, created: None };
    assert_eq!(family.metric[1], Metric { counter: Some(second), ..Metric::default() });
}

#[test]
fn gauges_and_unknown_values_have_fields_of_their_own() {
    let gauge =
        decoded(&family(MetricType::Gauge, "g"), |encoder, out| encoder.gauge(out, Number::Signed(-3)).unwrap());
    assert_eq!(gauge.kind(), Type::Gauge);
    assert_eq!(gauge.metric[0].gauge, Some(schema::Value { value: Some(-3.0) }));
    let unknown = decoded(&family(MetricType::Unknown, "u"), |encoder, out| {
        encoder.gauge(out, Number::Float(f64::INFINITY)).unwrap()
    });
    assert_eq!(unknown.kind(), Type::Untyped);
    assert_eq!(unknown.metric[0].untyped, Some(schema::Value { value: Some(f64::INFINITY) }));
}

#[test]
fn infos_and_state_sets_are_gauges() {
    let info = decoded(&family(MetricType::Info, "build_info"), |encoder, out| encoder.info(out).unwrap());
    assert_eq!((info.kind(), info.metric[0].gauge), (Type::Gauge, Some(schema::Value { value: Some(1.0) })));
    let mut out = Vec::new();
    let mut encoder = ProtobufEncoder::new(Escaping::Underscores);
    encoder.begin_family(&family(MetricType::StateSet, "phase"));
    encoder.start_row();
    encoder.state_set(&mut out, &[("up", true), ("down", false)]).unwrap();
    let [states] = decode(&out).try_into().unwrap();
    let rows: Vec<_> = states.metric.iter().map(|row| (row.label.clone(), row.gauge.unwrap().value())).collect();
    assert_eq!(rows, [(vec![label("phase", "up")], 1.0), (vec![label("phase", "down")], 0.0)]);
}

#[test]
fn summaries_keep_quantiles_sum_and_count() {
    let family = decoded(&family(MetricType::Summary, "s"), |encoder, out| {
        encoder.created(MOMENT);
        let value = SummaryValue { quantiles: &[(0.5, 1.5)], sum: 3.5, count: u64::MAX };
        encoder.summary(out, &value).unwrap();
    });
    let summary = family.metric[0].summary.clone().unwrap();
    assert_eq!((summary.sample_count(), summary.sample_sum()), (u64::MAX, 3.5));
    assert_eq!(summary.quantile, [schema::Quantile { quantile: Some(0.5), value: Some(1.5) }]);
    assert_eq!(summary.created, Some(READ_MOMENT));
}

#[test]
fn classic_buckets_are_cumulative_and_carry_exemplars() {
    let (written, read) = trace(0.75);
    let (beyond, read_beyond) = trace(9.0);
    let family = decoded(&family(MetricType::Histogram, "h"), |encoder, out| {
        encoder.exemplar(1, &written);
        encoder.exemplar(2, &beyond);
        encoder.created(MOMENT);
        encoder.histogram(out, &histogram(&[0.5, 1.0], &[1, 200, 3], -2.5, None)).unwrap();
    });
    let expected = Histogram {
        sample_count: Some(204),
        sample_sum: Some(-2.5),
        bucket: vec![
            bucket(1, 0.5),
            Bucket { exemplar: Some(read), ..bucket(201, 1.0) },
            Bucket { exemplar: Some(read_beyond), ..bucket(204, f64::INFINITY) },
        ],
        created: Some(READ_MOMENT),
        ..Histogram::default()
    };
    assert_eq!(family.metric[0].histogram, Some(expected));
}

#[test]
fn native_buckets_are_spans_and_deltas_beside_the_classic_ones() {
    let (written, read) = trace(3.0);
    let native = NativeValue {
        schema: -2,
        zero_threshold: 1e-3,
        zero_count: 7,
        positive: &[(-8, 4), (-7, 1), (20, 9)],
        negative: &[(3, 2)],
    };
    let family = decoded(&family(MetricType::Histogram, "h"), |encoder, out| {
        encoder.exemplar(1, &written);
        encoder.histogram(out, &histogram(&[1.0], &[14, 9], 5.0, Some(native))).unwrap();
    });
    let expected = Histogram {
        sample_count: Some(23),
        sample_sum: Some(5.0),
        bucket: vec![bucket(14, 1.0), Bucket { exemplar: Some(read.clone()), ..bucket(23, f64::INFINITY) }],
        schema: Some(-2),
        zero_threshold: Some(1e-3),
        zero_count: Some(7),
        negative_span: vec![span(3, 1)],
        negative_delta: vec![2],
        positive_span: vec![span(-8, 2), span(26, 1)],
        positive_delta: vec![4, -3, 8],
        exemplars: vec![read],
        ..Histogram::default()
    };
    assert_eq!(family.metric[0].histogram, Some(expected));
}

#[test]
fn a_native_histogram_without_classic_buckets_has_exemplars_and_none() {
    let (written, read) = trace(3.0);
    let native = NativeValue { schema: 0, zero_threshold: 0.0, zero_count: 0, positive: &[(2, 1)], negative: &[] };
    let family = decoded(&family(MetricType::Histogram, "h"), |encoder, out| {
        encoder.exemplar(0, &written);
        encoder.histogram(out, &histogram(&[], &[1], 3.0, Some(native))).unwrap();
    });
    let histogram = family.metric[0].histogram.clone().unwrap();
    assert_eq!((histogram.bucket, histogram.exemplars), (vec![], vec![read]));
}

#[test]
fn an_empty_native_histogram_is_told_by_a_span_without_length() {
    let empty = |zero_threshold| NativeValue { schema: 3, zero_threshold, zero_count: 0, positive: &[], negative: &[] };
    for (zero_threshold, spans) in [(0.0, vec![Span { offset: None, length: None }]), (1e-9, vec![])] {
        let family = decoded(&family(MetricType::Histogram, "h"), |encoder, out| {
            encoder.histogram(out, &histogram(&[], &[0], 0.0, Some(empty(zero_threshold)))).unwrap();
        });
        let read = family.metric[0].histogram.clone().unwrap();
        assert_eq!((read.schema, read.zero_threshold), (Some(3), Some(zero_threshold)));
        assert_eq!(read.positive_span, spans);
        assert_eq!(read.bucket, []);
    }
}

#[test]
fn a_row_that_cannot_be_written_leaves_nothing() {
    let mut out = Vec::new();
    let mut encoder = ProtobufEncoder::new(Escaping::Underscores);
    encoder.begin_family(&family(MetricType::Histogram, "h"));
    encoder.start_row();
    assert_eq!(encoder.histogram(&mut out, &histogram(&[1.0], &[1], 1.0, None)), Err(RowError));
    encoder.finish(&mut out);
    assert_eq!(out, []);
}

#[test]
fn names_are_escaped_as_negotiated() {
    let mut descriptor: Descriptor = Declaration::new(MetricType::Gauge, "http.time", "").into();
    descriptor.const_labels = vec![("a.b".into(), "c".into()), ("empty".into(), String::new())];
    for (escaping, name, label_name) in [
        (Escaping::AllowUtf8, "http.time", "a.b"),
        (Escaping::Underscores, "http_time", "a_b"),
        (Escaping::Dots, "http_dot_time", "a_dot_b"),
        (Escaping::Values, "U__http_2e_time", "U__a_2e_b"),
    ] {
        let mut out = Vec::new();
        let mut encoder = ProtobufEncoder::new(escaping);
        encoder.begin_family(&descriptor);
        encoder.start_row();
        encoder.gauge(&mut out, Number::Unsigned(1)).unwrap();
        let [family] = decode(&out).try_into().unwrap();
        assert_eq!(family.name(), name);
        assert_eq!(family.help, None);
        assert_eq!(family.metric[0].label, [label(label_name, "c")]);
    }
}

#[test]
fn a_family_goes_on_in_the_next_piece() {
    let mut encoder = ProtobufEncoder::new(Escaping::Underscores);
    encoder.begin_family(&family(MetricType::Counter, "a_total"));
    let mut body = Vec::new();
    for row in 0..1000_u32 {
        let mut piece = Vec::new();
        encoder.start_piece();
        for label in [row.to_string(), "x".repeat(row as usize)] {
            encoder.start_row();
            encoder.label(0, label.as_bytes());
            encoder.counter(&mut piece, Number::Unsigned(row.into())).unwrap();
        }
        body.append(&mut piece);
    }
    let families = decode(&body);
    assert_eq!(families.len(), 1000);
    for (row, family) in families.iter().enumerate() {
        assert_eq!((family.name(), family.kind()), ("a_total", Type::Counter));
        assert_eq!(family.metric.len(), 2);
        assert_eq!(family.metric[1].label[0].value().len(), row);
        assert_eq!(family.metric[1].counter.as_ref().unwrap().value(), row as f64);
    }
}

proptest! {
    #[test]
    fn whatever_is_recorded_reads_back(
        labels in proptest::collection::vec("\\PC{0,300}", 1..20),
        counts in proptest::collection::vec(0..u64::MAX / 64, 3),
        sum: f64,
        positive in proptest::collection::btree_map(-5000..5000_i32, 1..u64::MAX, 0..60),
    ) {
        let positive: Vec<_> = positive.into_iter().collect();
        let native = NativeValue { schema: 5, zero_threshold: 0.0, zero_count: 1, positive: &positive, negative: &positive };
        let value = histogram(&[0.5, 2.0], &counts, sum, Some(native));
        let mut out = Vec::new();
        let mut encoder = ProtobufEncoder::new(Escaping::Underscores);
        encoder.begin_family(&family(MetricType::Histogram, "h"));
        for label in &labels {
            encoder.start_row();
            encoder.label(0, label.as_bytes());
            encoder.histogram(&mut out, &value).unwrap();
        }
        let [family] = decode(&out).try_into().unwrap();
        prop_assert_eq!(family.metric.len(), labels.len());
        for (metric, text) in family.metric.iter().zip(&labels) {
            prop_assert_eq!(&metric.label, &[label("path", text)]);
            let read = metric.histogram.as_ref().unwrap();
            prop_assert_eq!(read.sample_count(), counts.iter().sum::<u64>());
            prop_assert_eq!(read.sample_sum().to_bits(), sum.to_bits());
            prop_assert_eq!(read.bucket.last().unwrap().cumulative_count(), counts[0] + counts[1]);
            prop_assert_eq!(&buckets(&read.positive_span, &read.positive_delta), &positive);
            prop_assert_eq!(&buckets(&read.negative_span, &read.negative_delta), &positive);
        }
    }
}

/// Index and count of the buckets that are not empty.
pub(crate) fn buckets(spans: &[Span], deltas: &[i64]) -> Vec<(i32, u64)> {
    let (mut index, mut count, mut deltas) = (0, 0_u64, deltas.iter());
    let mut buckets = Vec::new();
    for span in spans {
        index += span.offset();
        for delta in deltas.by_ref().take(span.length() as usize) {
            count = count.wrapping_add_signed(*delta);
            buckets.push((index, count));
            index += 1;
        }
    }
    assert_eq!(deltas.next(), None, "as many deltas as the spans are long");
    buckets.retain(|&(_, count)| count > 0);
    buckets
}
