//! How does Prometheus text 0.0.4 (and 1.0.0, which adds names in quotes) look?

use super::bounds::BoundLabels;
use super::encoder::{Encoder, HistogramValue, Number, RowError, SummaryValue};
use super::escape::{write_help, write_quoted};
use super::head::Head;
use super::name::{Escaping, NameKind, escape_name, write_family_name, write_sample_open};
use super::number::{write_float, write_number, write_unsigned};
use super::row::{Row, label_start};
use crate::descriptor::{Descriptor, MetricType};

/// Writes text 0.0.4. Names that it does not know are escaped, or put in quotes as text 1.0.0 allows.
#[derive(Debug)]
pub(crate) struct TextEncoder {
    row: Row,
    /// `# HELP` and `# TYPE`, until the family's first row has been written.
    head: Head,
    /// `name_bucket{`, `name_sum{`, `name_count{`.
    bucket: Vec<u8>,
    sum: Vec<u8>,
    count: Vec<u8>,
    bounds: BoundLabels,
    /// A state set's `name="`.
    state: Vec<u8>,
    /// `name_bucket{` and the row's labels.
    line: Vec<u8>,
}

impl TextEncoder {
    /// For readers with this way to tell names.
    pub(crate) fn new(escaping: Escaping) -> Self {
        Self {
            row: Row::new(escaping),
            head: Head::default(),
            bucket: Vec::new(),
            sum: Vec::new(),
            count: Vec::new(),
            bounds: BoundLabels::new(write_float),
            state: Vec::new(),
            line: Vec::new(),
        }
    }

    fn write_opens(&mut self, name: &str) {
        for (open, suffix) in [(&mut self.bucket, "_bucket"), (&mut self.sum, "_sum"), (&mut self.count, "_count")] {
            open.clear();
            write_sample_open(open, name, suffix);
        }
    }

    #[inline]
    fn sample(&mut self, out: &mut Vec<u8>, value: Number) {
        self.head.write(out);
        self.row.write(out);
        write_number(out, value);
        out.push(b'\n');
    }

    fn sum_and_count(&self, out: &mut Vec<u8>, sum: f64, count: u64) {
        self.row.write_as(out, &self.sum);
        write_float(out, sum);
        out.push(b'\n');
        self.row.write_as(out, &self.count);
        write_unsigned(out, count);
        out.push(b'\n');
    }
}

fn write_head(head: &mut Vec<u8>, name: &str, descriptor: &Descriptor) {
    if !descriptor.help.is_empty() {
        head.extend_from_slice(b"# HELP ");
        write_family_name(head, name);
        head.push(b' ');
        write_help(head, descriptor.help.as_bytes());
        head.push(b'\n');
    }
    head.extend_from_slice(b"# TYPE ");
    write_family_name(head, name);
    head.extend_from_slice(type_name(descriptor.kind));
}

/// With the space before and the line's end behind it. Types that 0.0.4 has no word for are gauges.
fn type_name(kind: MetricType) -> &'static [u8] {
    match kind {
        MetricType::Counter => b" counter\n",
        MetricType::Gauge | MetricType::Info | MetricType::StateSet => b" gauge\n",
        MetricType::Histogram => b" histogram\n",
        MetricType::Summary => b" summary\n",
        MetricType::Unknown => b" untyped\n",
    }
}

impl Encoder for TextEncoder {
    fn begin_family(&mut self, descriptor: &Descriptor) {
        let name = escape_name(&descriptor.name, NameKind::Metric, self.row.escaping());
        if let Some(head) = self.head.begin(&name) {
            write_head(head, &name, descriptor);
        }
        self.row.begin_family(&name, descriptor);
        match descriptor.kind {
            MetricType::Histogram | MetricType::Summary => self.write_opens(&name),
            MetricType::StateSet => {
                self.state = label_start(&descriptor.name, self.row.escaping());
            }
            _ => {}
        }
    }

    #[inline]
    fn start_row(&mut self) {
        self.row.start();
    }

    fn label(&mut self, index: usize, value: &[u8]) {
        self.row.label(index, None, value);
    }

    #[inline]
    fn recall_label(&mut self, index: usize, key: u32) -> bool {
        self.row.recall(index, key)
    }

    fn keyed_label(&mut self, index: usize, key: u32, value: &[u8]) {
        self.row.label(index, Some(key), value);
    }

    #[inline]
    fn counter(&mut self, out: &mut Vec<u8>, value: Number) -> Result<(), RowError> {
        self.sample(out, value);
        Ok(())
    }

    #[inline]
    fn gauge(&mut self, out: &mut Vec<u8>, value: Number) -> Result<(), RowError> {
        self.sample(out, value);
        Ok(())
    }

    fn histogram(&mut self, out: &mut Vec<u8>, value: &HistogramValue<'_>) -> Result<(), RowError> {
        if value.counts.len() != value.bounds.len() + 1 {
            return Err(RowError);
        }
        self.head.write(out);
        self.bounds.prepare(value.bounds);
        self.line.clear();
        self.line.extend_from_slice(&self.bucket);
        self.line.extend_from_slice(self.row.labels());
        let mut count = 0_u64;
        for (bound, &observations) in self.bounds.iter().zip(value.counts) {
            count = count.saturating_add(observations);
            out.extend_from_slice(&self.line);
            out.extend_from_slice(bound);
            write_unsigned(out, count);
            out.push(b'\n');
        }
        self.sum_and_count(out, value.sum, count);
        Ok(())
    }

    fn summary(&mut self, out: &mut Vec<u8>, value: &SummaryValue<'_>) -> Result<(), RowError> {
        self.head.write(out);
        for &(quantile, value) in value.quantiles {
            out.extend_from_slice(self.row.text());
            out.extend_from_slice(b"quantile=\"");
            write_float(out, quantile);
            out.extend_from_slice(b"\"} ");
            write_float(out, value);
            out.push(b'\n');
        }
        self.sum_and_count(out, value.sum, value.count);
        Ok(())
    }

    fn info(&mut self, out: &mut Vec<u8>) -> Result<(), RowError> {
        self.sample(out, Number::Unsigned(1));
        Ok(())
    }

    fn state_set(&mut self, out: &mut Vec<u8>, states: &[(&str, bool)]) -> Result<(), RowError> {
        self.head.write(out);
        for &(state, on) in states {
            out.extend_from_slice(self.row.text());
            out.extend_from_slice(&self.state);
            write_quoted(out, state.as_bytes());
            out.extend_from_slice(if on { b"\"} 1\n" } else { b"\"} 0\n" });
        }
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<u8>) {}
}

#[cfg(test)]
mod tests {
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
            encoder
                .summary(out, &SummaryValue { quantiles: &[(0.5, 1.0), (1.0, f64::NAN)], sum: 3.0, count: 2 })
                .unwrap();
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
}
