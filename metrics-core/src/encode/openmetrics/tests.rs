//! Does OpenMetrics 1.0 look as its readers expect it?

use std::time::Duration;

use super::*;
use crate::descriptor::{Declaration, LabelDeclaration, LabelValues};

const PATH: LabelDeclaration = LabelDeclaration::new("path", LabelValues::Dynamic);
const MOMENT: Timestamp = Timestamp::from_epoch(Duration::new(1_520_879_607, 789_000_000));

fn family(kind: MetricType, name: &'static str) -> Descriptor {
    Declaration::new(kind, name, "").with_labels(&[PATH]).into()
}

type Encoded<'a> = (&'a mut OpenMetricsEncoder, &'a mut Vec<u8>);

/// What `write` leaves of one row, which is `path="x"`.
fn encoded(descriptor: &Descriptor, write: impl FnOnce(Encoded<'_>)) -> String {
    encoded_by(OpenMetricsEncoder::new(Escaping::Underscores, false), descriptor, write)
}

fn encoded_by(mut encoder: OpenMetricsEncoder, descriptor: &Descriptor, write: impl FnOnce(Encoded<'_>)) -> String {
    let mut out = Vec::new();
    encoder.begin_family(descriptor);
    encoder.start_row();
    encoder.label(0, b"x");
    write((&mut encoder, &mut out));
    encoder.finish(&mut out);
    String::from_utf8(out).unwrap()
}

fn trace(value: f64) -> Exemplar {
    let mut exemplar = Exemplar::new(value, MOMENT);
    exemplar.push_label("trace_id", "ab\"c");
    exemplar.push_label("span_id", "d");
    exemplar
}

#[test]
fn metadata_names_the_counter_without_its_suffix() {
    let mut descriptor = family(MetricType::Counter, "busy_seconds_total");
    descriptor.help = "Help \"it\" \\ \nis.".into();
    descriptor.unit = Some("seconds".into());
    let text = encoded(&descriptor, |(encoder, out)| encoder.counter(out, Number::Float(2.0)).unwrap());
    let expected = r##"# TYPE busy_seconds counter
# UNIT busy_seconds seconds
# HELP busy_seconds Help \"it\" \\ \nis.
busy_seconds_total{path="x"} 2.0
# EOF
"##;
    assert_eq!(text, expected);
}

#[test]
fn a_counter_that_is_told_as_unknown_has_neither_exemplar_nor_beginning() {
    let encoder = OpenMetricsEncoder::new(Escaping::AllowUtf8, true);
    let text = encoded_by(encoder, &family(MetricType::Counter, "http.hits"), |(encoder, out)| {
        encoder.created(MOMENT);
        encoder.exemplar(0, &trace(1.0));
        encoder.counter(out, Number::Unsigned(3)).unwrap();
    });
    assert_eq!(text, "# TYPE \"http.hits\" unknown\n{\"http.hits\",path=\"x\"} 3\n# EOF\n");
}

#[test]
fn a_counter_without_its_suffix_is_unknown() {
    let text = encoded(&family(MetricType::Counter, "hits"), |(encoder, out)| {
        encoder.counter(out, Number::Unsigned(3)).unwrap();
    });
    assert_eq!(text, "# TYPE hits unknown\nhits{path=\"x\"} 3\n# EOF\n");
}

#[test]
fn a_counter_that_is_negative_or_no_number_is_left_out() {
    for value in [Number::Float(f64::NAN), Number::Float(-0.5), Number::Signed(-1)] {
        let text = encoded(&family(MetricType::Counter, "a_total"), |(encoder, out)| {
            assert_eq!(encoder.counter(out, value), Err(RowError));
        });
        assert_eq!(text, "# EOF\n");
    }
}

#[test]
fn a_unit_that_is_no_suffix_is_left_out() {
    for (kind, name) in
        [(MetricType::Gauge, "age"), (MetricType::Gauge, "ageseconds"), (MetricType::StateSet, "a_seconds")]
    {
        let mut descriptor = family(kind, name);
        descriptor.unit = Some("seconds".into());
        let text = encoded(&descriptor, |(encoder, out)| encoder.gauge(out, Number::Signed(-1)).unwrap());
        assert!(!text.contains("UNIT"), "{text}");
    }
}

#[test]
fn counters_carry_an_exemplar() {
    let text = encoded(&family(MetricType::Counter, "a_total"), |(encoder, out)| {
        encoder.exemplar(0, &trace(1.0));
        encoder.counter(out, Number::Unsigned(17)).unwrap();
    });
    let row = "a_total{path=\"x\"} 17 # {trace_id=\"ab\\\"c\",span_id=\"d\"} 1.0 1520879607.789\n";
    assert_eq!(text, format!("# TYPE a counter\n{row}# EOF\n"));
}

#[test]
fn an_exemplar_belongs_to_one_row() {
    let text = encoded(&family(MetricType::Counter, "a_total"), |(encoder, out)| {
        encoder.exemplar(0, &Exemplar::new(0.5, MOMENT));
        encoder.counter(out, Number::Unsigned(1)).unwrap();
        encoder.start_row();
        encoder.counter(out, Number::Unsigned(2)).unwrap();
    });
    assert!(text.ends_with("a_total{path=\"x\"} 1 # {} 0.5 1520879607.789\na_total 2\n# EOF\n"), "{text}");
}

#[test]
fn histograms_spell_bounds_as_floats_and_carry_exemplars() {
    let text = encoded(&family(MetricType::Histogram, "h"), |(encoder, out)| {
        encoder.exemplar(1, &trace(0.75));
        let value = HistogramValue { bounds: &[0.5, 1.0, 1e6], counts: &[1, 2, 0, 1], sum: 10.0, native: None };
        encoder.histogram(out, &value).unwrap();
    });
    let expected = r##"# TYPE h histogram
h_bucket{path="x",le="0.5"} 1
h_bucket{path="x",le="1.0"} 3 # {trace_id="ab\"c",span_id="d"} 0.75 1520879607.789
h_bucket{path="x",le="1e+06"} 3
h_bucket{path="x",le="+Inf"} 4
h_sum{path="x"} 10.0
h_count{path="x"} 4
# EOF
"##;
    assert_eq!(text, expected);
}

#[test]
fn sum_and_count_are_left_out_together() {
    let cases: [(&[f64], &[u64], f64); 3] =
        [(&[-1.0, 1.0], &[1, 1, 0], 5.0), (&[1.0], &[1, 0], -2.0), (&[1.0], &[1, 0], f64::NAN)];
    for (bounds, counts, sum) in cases {
        let text = encoded(&family(MetricType::Histogram, "h"), |(encoder, out)| {
            encoder.histogram(out, &HistogramValue { bounds, counts, sum, native: None }).unwrap();
        });
        assert!(text.contains("h_bucket"), "{text}");
        assert!(!text.contains("_sum") && !text.contains("_count"), "{text}");
    }
}

#[test]
fn created_is_written_where_it_is_wanted() {
    let write = |(encoder, out): Encoded<'_>| {
        encoder.created(MOMENT);
        let value = HistogramValue { bounds: &[], counts: &[1], sum: 1.0, native: None };
        encoder.histogram(out, &value).unwrap();
        encoder.start_row();
        encoder.histogram(out, &value).unwrap();
    };
    let descriptor = family(MetricType::Histogram, "h");
    assert!(!encoded(&descriptor, write).contains("_created"));
    let text = encoded_by(OpenMetricsEncoder::new(Escaping::Underscores, true), &descriptor, write);
    assert!(text.contains("h_count{path=\"x\"} 1\nh_created{path=\"x\"} 1520879607.789\nh_bucket{le"), "{text}");
    assert_eq!(text.matches("_created").count(), 1);
    let text = encoded_by(
        OpenMetricsEncoder::new(Escaping::Underscores, true),
        &family(MetricType::Counter, "a_total"),
        |(encoder, out)| {
            encoder.created(MOMENT);
            encoder.counter(out, Number::Unsigned(1)).unwrap();
        },
    );
    assert!(text.contains("a_total{path=\"x\"} 1\na_created{path=\"x\"} 1520879607.789\n"), "{text}");
}

#[test]
fn infos_and_state_sets_have_types_of_their_own() {
    let info = encoded(&family(MetricType::Info, "build_info"), |(encoder, out)| encoder.info(out).unwrap());
    assert_eq!(info, "# TYPE build info\nbuild_info{path=\"x\"} 1\n# EOF\n");
    let states = encoded(&family(MetricType::StateSet, "phase"), |(encoder, out)| {
        encoder.state_set(out, &[("up", true), ("down", false)]).unwrap();
    });
    let expected =
        "# TYPE phase stateset\nphase{path=\"x\",phase=\"up\"} 1\nphase{path=\"x\",phase=\"down\"} 0\n# EOF\n";
    assert_eq!(states, expected);
}

#[test]
fn summaries_keep_to_what_is_allowed() {
    let text = encoded(&family(MetricType::Summary, "s"), |(encoder, out)| {
        let value = SummaryValue { quantiles: &[(0.5, 2.0), (0.99, f64::NAN)], sum: -1.0, count: 4 };
        encoder.summary(out, &value).unwrap();
        for quantile in [(1.5, 1.0), (0.5, -1.0), (f64::NAN, 1.0)] {
            let value = SummaryValue { quantiles: &[quantile], sum: 1.0, count: 1 };
            assert_eq!(encoder.summary(out, &value), Err(RowError));
        }
    });
    let expected = r##"# TYPE s summary
s{path="x",quantile="0.5"} 2.0
s{path="x",quantile="0.99"} NaN
s_count{path="x"} 4
# EOF
"##;
    assert_eq!(text, expected);
}

#[test]
fn utf8_names_stand_in_quotes_for_a_reader_that_knows_them() {
    let mut descriptor = family(MetricType::Counter, "http.requests_total");
    descriptor.help = "H.".into();
    let write = |(encoder, out): Encoded<'_>| encoder.counter(out, Number::Unsigned(1)).unwrap();
    let text = encoded_by(OpenMetricsEncoder::new(Escaping::AllowUtf8, false), &descriptor, write);
    let expected = r##"# TYPE "http.requests" counter
# HELP "http.requests" H.
{"http.requests_total",path="x"} 1
# EOF
"##;
    assert_eq!(text, expected);
    let text = encoded_by(OpenMetricsEncoder::new(Escaping::Values, false), &descriptor, write);
    assert!(text.contains("# TYPE U__http_2e_requests_ counter\n"), "{text}");
    assert!(text.contains("U__http_2e_requests__total{path=\"x\"} 1\n"), "{text}");
}
