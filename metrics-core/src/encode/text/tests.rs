//! Does text look as Prometheus expects it?

use super::*;
use crate::descriptor::{Declaration, LabelDeclaration, LabelValues};

const METHOD: LabelDeclaration = LabelDeclaration::new("method", LabelValues::Enumerated(&["get", "post"]));
const PATH: LabelDeclaration = LabelDeclaration::new("path", LabelValues::Dynamic);

fn family(kind: MetricType, name: &'static str, labels: &'static [LabelDeclaration]) -> Descriptor {
    Declaration::new(kind, name, "Help \"it\" \\ \nis.").with_labels(labels).into()
}

/// What `write` leaves of one family.
fn encoded(descriptor: &Descriptor, write: impl FnOnce(&mut TextEncoder, &mut Vec<u8>)) -> String {
    encoded_for(Escaping::Underscores, descriptor, write)
}

fn encoded_for(
    escaping: Escaping,
    descriptor: &Descriptor,
    write: impl FnOnce(&mut TextEncoder, &mut Vec<u8>),
) -> String {
    let mut out = Vec::new();
    let mut encoder = TextEncoder::new(escaping);
    encoder.begin_family(descriptor);
    write(&mut encoder, &mut out);
    encoder.finish(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_family_without_rows_leaves_nothing() {
    assert_eq!(encoded(&family(MetricType::Counter, "a_total", &[]), |_, _| {}), "");
}

#[test]
fn counters_carry_their_full_name_everywhere() {
    let text = encoded(&family(MetricType::Counter, "requests_total", &[METHOD, PATH]), |encoder, out| {
        encoder.start_row();
        encoder.label(0, b"get");
        encoder.label(1, b"/a\"b\\c\nd");
        encoder.counter(out, Number::Unsigned(u64::MAX)).unwrap();
        encoder.start_row();
        encoder.label(1, b"/");
        encoder.counter(out, Number::Float(1.5)).unwrap();
        encoder.start_row();
        encoder.counter(out, Number::Unsigned(0)).unwrap();
    });
    let expected = r##"# HELP requests_total Help "it" \\ \nis.
# TYPE requests_total counter
requests_total{method="get",path="/a\"b\\c\nd"} 18446744073709551615
requests_total{path="/"} 1.5
requests_total 0
"##;
    assert_eq!(text, expected);
}

#[test]
fn constant_labels_come_first() {
    let mut descriptor = family(MetricType::Gauge, "depth", &[METHOD]);
    descriptor.const_labels = vec![("zone".into(), "a\"b".into()), ("empty".into(), String::new())];
    let text = encoded(&descriptor, |encoder, out| {
        encoder.start_row();
        encoder.gauge(out, Number::Signed(-3)).unwrap();
        encoder.start_row();
        encoder.label(0, b"get");
        encoder.gauge(out, Number::Float(f64::NEG_INFINITY)).unwrap();
    });
    let rows = "depth{zone=\"a\\\"b\"} -3\ndepth{zone=\"a\\\"b\",method=\"get\"} -Inf\n";
    assert!(text.ends_with(rows), "{text}");
}

#[test]
fn histograms_are_cumulative_and_le_is_the_last_label() {
    let text = encoded(&family(MetricType::Histogram, "seconds", &[METHOD]), |encoder, out| {
        encoder.start_row();
        encoder.label(0, b"get");
        let value = HistogramValue { bounds: &[0.005, 1.0, 1e6], counts: &[1, 0, 2, 4], sum: 12.25, native: None };
        encoder.histogram(out, &value).unwrap();
    });
    let expected = r##"# HELP seconds Help "it" \\ \nis.
# TYPE seconds histogram
seconds_bucket{method="get",le="0.005"} 1
seconds_bucket{method="get",le="1"} 1
seconds_bucket{method="get",le="1e+06"} 3
seconds_bucket{method="get",le="+Inf"} 7
seconds_sum{method="get"} 12.25
seconds_count{method="get"} 7
"##;
    assert_eq!(text, expected);
}

#[test]
fn a_histogram_with_bounds_and_counts_that_disagree_is_left_out() {
    let text = encoded(&family(MetricType::Histogram, "seconds", &[]), |encoder, out| {
        encoder.start_row();
        let value = HistogramValue { bounds: &[1.0], counts: &[1], sum: 1.0, native: None };
        assert_eq!(encoder.histogram(out, &value), Err(RowError));
    });
    assert_eq!(text, "");
}

#[test]
fn summaries_may_have_no_quantiles() {
    let text = encoded(&family(MetricType::Summary, "s", &[METHOD]), |encoder, out| {
        encoder.start_row();
        encoder.label(0, b"get");
        encoder.summary(out, &SummaryValue { quantiles: &[(0.5, 1.0), (1.0, f64::NAN)], sum: 3.0, count: 2 }).unwrap();
        encoder.start_row();
        encoder.summary(out, &SummaryValue { quantiles: &[], sum: 0.0, count: 0 }).unwrap();
    });
    let expected = r##"# HELP s Help "it" \\ \nis.
# TYPE s summary
s{method="get",quantile="0.5"} 1
s{method="get",quantile="1"} NaN
s_sum{method="get"} 3
s_count{method="get"} 2
s_sum 0
s_count 0
"##;
    assert_eq!(text, expected);
}

#[test]
fn types_without_a_word_of_their_own_are_gauges_or_untyped() {
    let info = encoded(&family(MetricType::Info, "build_info", &[PATH]), |encoder, out| {
        encoder.start_row();
        encoder.label(0, b"v1");
        encoder.info(out).unwrap();
    });
    assert!(info.ends_with("# TYPE build_info gauge\nbuild_info{path=\"v1\"} 1\n"), "{info}");
    let states = encoded(&family(MetricType::StateSet, "phase", &[PATH]), |encoder, out| {
        encoder.start_row();
        encoder.label(0, b"x");
        encoder.state_set(out, &[("up", true), ("do\"wn", false)]).unwrap();
    });
    let rows = "# TYPE phase gauge\nphase{path=\"x\",phase=\"up\"} 1\nphase{path=\"x\",phase=\"do\\\"wn\"} 0\n";
    assert!(states.ends_with(rows), "{states}");
    let unknown = encoded(&family(MetricType::Unknown, "x", &[]), |encoder, out| {
        encoder.start_row();
        encoder.gauge(out, Number::Float(0.5)).unwrap();
    });
    assert!(unknown.ends_with("# TYPE x untyped\nx 0.5\n"), "{unknown}");
}

#[test]
fn one_encoder_writes_family_after_family() {
    let text = encoded(&family(MetricType::Histogram, "a", &[METHOD]), |encoder, out| {
        let value = HistogramValue { bounds: &[], counts: &[3], sum: -1.0, native: None };
        encoder.start_row();
        encoder.label(0, b"get");
        encoder.histogram(out, &value).unwrap();
        encoder.begin_family(&Declaration::new(MetricType::Gauge, "b", "").into());
        encoder.start_row();
        encoder.gauge(out, Number::Unsigned(1)).unwrap();
    });
    let rows = "a_bucket{method=\"get\",le=\"+Inf\"} 3\na_sum{method=\"get\"} -1\na_count{method=\"get\"} 3\n# TYPE b gauge\nb 1\n";
    assert!(text.ends_with(rows), "{text}");
}

const DOTTED: LabelDeclaration = LabelDeclaration::new("error.message", LabelValues::Dynamic);

fn dotted(escaping: Escaping) -> String {
    let descriptor = Declaration::new(MetricType::Histogram, "http.time", "H.").with_labels(&[DOTTED]).into();
    encoded_for(escaping, &descriptor, |encoder, out| {
        encoder.start_row();
        encoder.label(0, b"Not Found");
        let value = HistogramValue { bounds: &[], counts: &[3], sum: 1.0, native: None };
        encoder.histogram(out, &value).unwrap();
        encoder.start_row();
        encoder.histogram(out, &value).unwrap();
    })
}

#[test]
fn utf8_names_stand_in_quotes_for_a_reader_that_knows_them() {
    let expected = r##"# HELP "http.time" H.
# TYPE "http.time" histogram
{"http.time_bucket","error.message"="Not Found",le="+Inf"} 3
{"http.time_sum","error.message"="Not Found"} 1
{"http.time_count","error.message"="Not Found"} 3
{"http.time_bucket",le="+Inf"} 3
{"http.time_sum"} 1
{"http.time_count"} 3
"##;
    assert_eq!(dotted(Escaping::AllowUtf8), expected);
}

#[test]
fn utf8_names_are_escaped_for_other_readers() {
    let schemes = [
        (Escaping::Underscores, "http_time", "error_message"),
        (Escaping::Dots, "http_dot_time", "error_dot_message"),
        (Escaping::Values, "U__http_2e_time", "U__error_2e_message"),
    ];
    for (scheme, name, label) in schemes {
        let text = dotted(scheme);
        let row = format!("# TYPE {name} histogram\n{name}_bucket{{{label}=\"Not Found\",le=\"+Inf\"}} 3\n");
        assert!(text.contains(&row), "{text}");
    }
}
