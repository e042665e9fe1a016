//! How does OpenMetrics 1.0 look?

use super::bounds::BoundLabels;
use super::encoder::{Encoder, HistogramValue, Number, RowError, SummaryValue};
use super::escape::write_quoted;
use super::exemplar::Exemplar;
use super::head::Head;
use super::metadata::write_metadata;
use super::name::{Escaping, NameKind, escape_name, write_sample_open};
use super::number::{write_canonical_float, write_canonical_number, write_unsigned};
use super::pending::PendingExemplars;
use super::row::{Row, label_start};
use super::time::{Timestamp, write_seconds};
use crate::descriptor::{Descriptor, MetricType};

/// Writes OpenMetrics 1.0.
#[derive(Debug)]
pub(crate) struct OpenMetricsEncoder {
    row: Row,
    /// `# TYPE`, `# UNIT` and `# HELP`, until the family's first row has been written.
    head: Head,
    /// `name_bucket{`, `name_sum{`, `name_count{`, `name_created{`.
    bucket: Vec<u8>,
    sum: Vec<u8>,
    count: Vec<u8>,
    created_open: Vec<u8>,
    bounds: BoundLabels,
    /// A state set's `name="`.
    state: Vec<u8>,
    /// `name_bucket{` and the row's labels.
    line: Vec<u8>,
    exemplars: PendingExemplars,
    created: Option<Timestamp>,
    /// Whether `_created` is written. To a Prometheus that is not told otherwise it is one more series for each row.
    writes_created: bool,
}

impl OpenMetricsEncoder {
    /// For readers with this way to tell names.
    pub(crate) fn new(escaping: Escaping, writes_created: bool) -> Self {
        Self {
            row: Row::new(escaping),
            head: Head::default(),
            bucket: Vec::new(),
            sum: Vec::new(),
            count: Vec::new(),
            created_open: Vec::new(),
            bounds: BoundLabels::new(write_canonical_float),
            state: Vec::new(),
            line: Vec::new(),
            exemplars: PendingExemplars::default(),
            created: None,
            writes_created,
        }
    }

    fn write_opens(&mut self, family: &str) {
        let opens = [
            (&mut self.bucket, "_bucket"),
            (&mut self.sum, "_sum"),
            (&mut self.count, "_count"),
            (&mut self.created_open, "_created"),
        ];
        for (open, suffix) in opens {
            open.clear();
            write_sample_open(open, family, suffix);
        }
    }

    fn write_sum_and_count(&self, out: &mut Vec<u8>, sum: f64, count: u64) {
        self.write_part(out, &self.sum, |out| write_canonical_float(out, sum));
        self.write_part(out, &self.count, |out| write_unsigned(out, count));
    }

    #[inline]
    fn write_created(&self, out: &mut Vec<u8>) {
        if let Some(created) = self.created.filter(|_| self.writes_created) {
            self.write_part(out, &self.created_open, |out| write_seconds(out, created));
        }
    }

    #[inline]
    fn write_part(&self, out: &mut Vec<u8>, open: &[u8], value: impl FnOnce(&mut Vec<u8>)) {
        self.row.write_as(out, open);
        value(out);
        out.push(b'\n');
    }

    fn write_buckets(&mut self, out: &mut Vec<u8>, value: &HistogramValue<'_>) -> u64 {
        self.bounds.prepare(value.bounds);
        self.line.clear();
        self.line.extend_from_slice(&self.bucket);
        self.line.extend_from_slice(self.row.labels());
        let mut count = 0_u64;
        for (bucket, (bound, &observations)) in self.bounds.iter().zip(value.counts).enumerate() {
            count = count.saturating_add(observations);
            out.extend_from_slice(&self.line);
            out.extend_from_slice(bound);
            write_unsigned(out, count);
            out.extend_from_slice(self.exemplars.of_bucket(bucket, value.bounds));
            out.push(b'\n');
        }
        count
    }
}

/// The name of the family whose samples are called `name`, and the word for its type. A counter or an info whose name
/// lacks its suffix would be renamed by its suffix: it is told as something that has none.
fn family_and_type(name: &str, kind: MetricType) -> (&str, &'static str) {
    match kind {
        MetricType::Counter => name.strip_suffix("_total").map_or((name, "unknown"), |family| (family, "counter")),
        MetricType::Info => name.strip_suffix("_info").map_or((name, "gauge"), |family| (family, "info")),
        MetricType::Gauge => (name, "gauge"),
        MetricType::Histogram => (name, "histogram"),
        MetricType::StateSet => (name, "stateset"),
        MetricType::Summary => (name, "summary"),
        MetricType::Unknown => (name, "unknown"),
    }
}

/// A unit that is no suffix of its family's name costs the whole scrape, and two types may have none.
fn has_unit(family: &str, unit: &str, kind: &str) -> bool {
    let is_suffix = || family.strip_suffix(unit).is_some_and(|rest| rest.ends_with('_'));
    !unit.is_empty() && is_suffix() && !matches!(kind, "info" | "stateset")
}

/// Appends ` # {labels} value timestamp`.
pub(crate) fn write_exemplar(out: &mut Vec<u8>, exemplar: &Exemplar) {
    out.extend_from_slice(b" # {");
    for (at, (name, value)) in exemplar.labels().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"=\"");
        write_quoted(out, value.as_bytes());
        out.push(b'"');
    }
    out.extend_from_slice(b"} ");
    write_canonical_float(out, exemplar.value());
    out.push(b' ');
    write_seconds(out, exemplar.timestamp());
}

impl Encoder for OpenMetricsEncoder {
    fn begin_family(&mut self, descriptor: &Descriptor) {
        let name = escape_name(&descriptor.name, NameKind::Metric, self.row.escaping());
        let (family, kind) = family_and_type(&name, descriptor.kind);
        if let Some(head) = self.head.begin(&name) {
            let unit = descriptor.unit.as_deref().filter(|unit| has_unit(family, unit, kind));
            write_metadata(head, family, kind, unit, &descriptor.help);
        }
        self.write_opens(family);
        self.row.begin_family(&name, descriptor);
        if descriptor.kind == MetricType::StateSet {
            self.state = label_start(&descriptor.name, self.row.escaping());
        }
    }

    #[inline]
    fn start_row(&mut self) {
        self.row.start();
        self.exemplars.clear();
        self.created = None;
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

    fn tells_created(&self) -> bool {
        self.writes_created
    }

    #[inline]
    fn created(&mut self, created: Timestamp) {
        self.created = Some(created);
    }

    fn exemplar(&mut self, bucket: usize, exemplar: &Exemplar) {
        self.exemplars.push(bucket, exemplar.value(), |out| write_exemplar(out, exemplar));
    }

    #[inline]
    fn counter(&mut self, out: &mut Vec<u8>, value: Number) -> Result<(), RowError> {
        // `>=` is false for NaN.
        if !(value.as_f64() >= 0.0) {
            return Err(RowError);
        }
        self.head.write(out);
        self.row.write(out);
        write_canonical_number(out, value);
        out.extend_from_slice(self.exemplars.first());
        out.push(b'\n');
        self.write_created(out);
        Ok(())
    }

    #[inline]
    fn gauge(&mut self, out: &mut Vec<u8>, value: Number) -> Result<(), RowError> {
        self.head.write(out);
        self.row.write(out);
        write_canonical_number(out, value);
        out.push(b'\n');
        Ok(())
    }

    fn histogram(&mut self, out: &mut Vec<u8>, value: &HistogramValue<'_>) -> Result<(), RowError> {
        if value.counts.len() != value.bounds.len() + 1 {
            return Err(RowError);
        }
        self.head.write(out);
        let count = self.write_buckets(out, value);
        // A sum that can fall is none; and there is no count without a sum.
        if value.sum >= 0.0 && value.bounds.first().is_none_or(|&bound| bound >= 0.0) {
            self.write_sum_and_count(out, value.sum, count);
        }
        self.write_created(out);
        Ok(())
    }

    fn summary(&mut self, out: &mut Vec<u8>, value: &SummaryValue<'_>) -> Result<(), RowError> {
        let allowed = |&(quantile, value): &(f64, f64)| (0.0..=1.0).contains(&quantile) && !(value < 0.0);
        if !value.quantiles.iter().all(allowed) {
            return Err(RowError);
        }
        self.head.write(out);
        for &(quantile, value) in value.quantiles {
            out.extend_from_slice(self.row.text());
            out.extend_from_slice(b"quantile=\"");
            write_canonical_float(out, quantile);
            out.extend_from_slice(b"\"} ");
            write_canonical_float(out, value);
            out.push(b'\n');
        }
        if value.sum >= 0.0 {
            self.write_part(out, &self.sum, |out| write_canonical_float(out, value.sum));
        }
        self.write_part(out, &self.count, |out| write_unsigned(out, value.count));
        self.write_created(out);
        Ok(())
    }

    fn info(&mut self, out: &mut Vec<u8>) -> Result<(), RowError> {
        self.gauge(out, Number::Unsigned(1))
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

    fn finish(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"# EOF\n");
    }
}

#[cfg(test)]
mod tests {
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
}
