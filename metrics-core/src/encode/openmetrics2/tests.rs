//! Does the release candidate of OpenMetrics 2.0 look as its specification says?

use std::time::Duration;

use super::*;
use crate::descriptor::{Declaration, LabelDeclaration, LabelValues};

const PATH: LabelDeclaration = LabelDeclaration::new("path", LabelValues::Dynamic);
const MOMENT: Timestamp = Timestamp::from_epoch(Duration::new(1_520_879_607, 789_000_000));

/// What `write` leaves of one row, which is `path="x"`, without the `# EOF`.
fn encoded(kind: MetricType, name: &'static str, write: impl FnOnce(&mut OpenMetrics2Encoder, &mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    let mut encoder = OpenMetrics2Encoder::new(Escaping::AllowUtf8);
    encoder.begin_family(&Declaration::new(kind, name, "").with_unit("seconds").with_labels(&[PATH]).into());
    encoder.start_row();
    encoder.label(0, b"x");
    write(&mut encoder, &mut out);
    encoder.finish(&mut out);
    let text = String::from_utf8(out).unwrap();
    text.strip_suffix("# EOF\n").expect("nothing comes behind the end").to_owned()
}

fn exemplar(value: f64) -> Exemplar {
    let mut exemplar = Exemplar::new(value, MOMENT);
    exemplar.push_label("trace_id", "abc");
    exemplar
}

#[test]
fn counters_keep_their_name_and_tell_start_and_exemplar() {
    let text = encoded(MetricType::Counter, "busy_total", |encoder, out| {
        encoder.created(MOMENT);
        encoder.exemplar(0, &exemplar(1.0));
        encoder.counter(out, Number::Unsigned(17)).unwrap();
        assert_eq!(encoder.counter(out, Number::Float(f64::NAN)), Err(RowError));
    });
    let expected = r##"# TYPE busy_total counter
# UNIT busy_total seconds
busy_total{path="x"} 17 st@1520879607.789 # {trace_id="abc"} 1.0 1520879607.789
"##;
    assert_eq!(text, expected);
}

#[test]
fn classic_histograms_are_one_line() {
    let text = encoded(MetricType::Histogram, "h.seconds", |encoder, out| {
        encoder.exemplar(0, &exemplar(0.05));
        encoder.exemplar(2, &exemplar(7.0));
        let value = HistogramValue { bounds: &[0.1, 1.0], counts: &[8, 2, 7], sum: -3.5, native: None };
        encoder.histogram(out, &value).unwrap();
    });
    let row = r##"{"h.seconds",path="x"} {count:17,sum:-3.5,bucket:[0.1:8,1.0:10,+Inf:17]} # {trace_id="abc"} 0.05 1520879607.789 # {trace_id="abc"} 7.0 1520879607.789
"##;
    assert_eq!(text, format!("# TYPE \"h.seconds\" histogram\n# UNIT \"h.seconds\" seconds\n{row}"));
}

#[test]
fn native_histograms_have_absolute_counts() {
    let native = NativeValue {
        schema: 7,
        zero_threshold: 1e-4,
        zero_count: 0,
        negative: &[(1, 5), (2, 7)],
        positive: &[(-1, 5), (0, 7), (4, 10), (5, 9), (6, 8), (7, 8)],
    };
    let text = encoded(MetricType::Histogram, "h", |encoder, out| {
        let value = HistogramValue { bounds: &[], counts: &[59], sum: 120.0, native: Some(native) };
        encoder.histogram(out, &value).unwrap();
        let value = HistogramValue { bounds: &[2.0], counts: &[50, 9], ..value };
        encoder.histogram(out, &value).unwrap();
        let native = NativeValue { negative: &[], positive: &[], ..native };
        let value = HistogramValue { bounds: &[], counts: &[0], sum: 0.0, native: Some(native) };
        encoder.histogram(out, &value).unwrap();
    });
    let native = "count:59,sum:120.0,schema:7,zero_threshold:0.0001,zero_count:0,negative_spans:[1:2],\
                  negative_buckets:[5,7],positive_spans:[-1:2,3:4],positive_buckets:[5,7,10,9,8,8]";
    let rows: Vec<_> = text.lines().skip(2).collect();
    assert_eq!(rows[0], format!("h{{path=\"x\"}} {{{native}}}"));
    assert_eq!(rows[1], format!("h{{path=\"x\"}} {{{native},bucket:[2.0:50,+Inf:59]}}"));
    assert_eq!(rows[2], "h{path=\"x\"} {count:0,sum:0.0,schema:7,zero_threshold:0.0001,zero_count:0}");
}

#[test]
fn summaries_are_one_line() {
    let text = encoded(MetricType::Summary, "s", |encoder, out| {
        let quantiles = [(0.95, 123.7), (0.99, 150.0)];
        encoder.summary(out, &SummaryValue { quantiles: &quantiles, sum: 324_789.3, count: 17 }).unwrap();
        encoder.created(MOMENT);
        encoder.summary(out, &SummaryValue { quantiles: &[], sum: 0.0, count: 0 }).unwrap();
    });
    let rows: Vec<_> = text.lines().skip(2).collect();
    assert_eq!(rows[0], "s{path=\"x\"} {count:17,sum:324789.3,quantile:[0.95:123.7,0.99:150.0]}");
    assert_eq!(rows[1], "s{path=\"x\"} {count:0,sum:0.0,quantile:[]} st@1520879607.789");
}

#[test]
fn infos_and_state_sets_have_no_unit() {
    let info = encoded(MetricType::Info, "build_info", |encoder, out| encoder.info(out).unwrap());
    assert_eq!(info, "# TYPE build_info info\nbuild_info{path=\"x\"} 1\n");
    let states = encoded(MetricType::StateSet, "phase", |encoder, out| {
        encoder.state_set(out, &[("up", true), ("down", false)]).unwrap();
    });
    let expected = "# TYPE phase stateset\nphase{path=\"x\",phase=\"up\"} 1\nphase{path=\"x\",phase=\"down\"} 0\n";
    assert_eq!(states, expected);
}

#[test]
fn an_info_whose_suffix_comes_from_the_escaping_is_a_gauge() {
    let mut out = Vec::new();
    let mut encoder = OpenMetrics2Encoder::new(Escaping::Underscores);
    encoder.begin_family(&Declaration::new(MetricType::Info, "build.info", "").into());
    encoder.start_row();
    encoder.info(&mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "# TYPE build_info gauge\nbuild_info 1\n");
}
