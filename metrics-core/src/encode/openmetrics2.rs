//! How does the release candidate of OpenMetrics 2.0 look?

use super::encoder::{Encoder, HistogramValue, Number, RowError, SummaryValue};
use super::escape::write_quoted;
use super::exemplar::Exemplar;
use super::head::Head;
use super::metadata::write_metadata;
use super::name::{Escaping, NameKind, escape_name};
use super::native::{NativeValue, Spans};
use super::number::{write_canonical_float, write_canonical_number, write_unsigned};
use super::openmetrics::write_exemplar;
use super::pending::PendingExemplars;
use super::row::{Row, label_start};
use super::time::{Timestamp, write_seconds};
use crate::descriptor::{Descriptor, MetricType};

/// Writes OpenMetrics 2.0: every row is one line, whatever its type.
#[derive(Debug)]
pub(crate) struct OpenMetrics2Encoder {
    row: Row,
    /// `# TYPE`, `# UNIT` and `# HELP`, until the family's first row has been written.
    head: Head,
    /// A state set's `name="`.
    state: Vec<u8>,
    spans: Spans,
    exemplars: PendingExemplars,
    created: Option<Timestamp>,
}

impl OpenMetrics2Encoder {
    /// For readers with this way to tell names.
    pub(crate) fn new(escaping: Escaping) -> Self {
        Self {
            row: Row::new(escaping),
            head: Head::default(),
            state: Vec::new(),
            spans: Spans::default(),
            exemplars: PendingExemplars::default(),
            created: None,
        }
    }

    #[inline]
    fn write_start(&mut self, out: &mut Vec<u8>) {
        self.head.write(out);
        self.row.write(out);
    }

    /// Appends what stands behind the value of a row that counts.
    #[inline]
    fn write_end(&self, out: &mut Vec<u8>) {
        if let Some(created) = self.created {
            out.extend_from_slice(b" st@");
            write_seconds(out, created);
        }
        for exemplar in self.exemplars.iter() {
            out.extend_from_slice(exemplar);
        }
        out.push(b'\n');
    }

    fn write_native(&mut self, out: &mut Vec<u8>, native: &NativeValue<'_>) {
        out.extend_from_slice(b",schema:");
        out.extend_from_slice(itoa::Buffer::new().format(native.schema).as_bytes());
        out.extend_from_slice(b",zero_threshold:");
        write_canonical_float(out, native.zero_threshold);
        out.extend_from_slice(b",zero_count:");
        write_unsigned(out, native.zero_count);
        self.write_side(out, b"negative", native.negative);
        self.write_side(out, b"positive", native.positive);
    }

    fn write_side(&mut self, out: &mut Vec<u8>, side: &[u8], buckets: &[(i32, u64)]) {
        self.spans.set(buckets);
        if self.spans.spans().is_empty() {
            return;
        }
        out.push(b',');
        out.extend_from_slice(side);
        out.extend_from_slice(b"_spans:");
        write_list(out, self.spans.spans(), |out, &(offset, length)| {
            out.extend_from_slice(itoa::Buffer::new().format(offset).as_bytes());
            out.push(b':');
            write_unsigned(out, length.into());
        });
        out.push(b',');
        out.extend_from_slice(side);
        out.extend_from_slice(b"_buckets:");
        write_list(out, self.spans.counts(), |out, &count| write_unsigned(out, count));
    }
}

/// Appends `[a,b,c]`.
fn write_list<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    let first = out.len();
    for item in items {
        if out.len() > first {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// Appends `,bucket:[bound:count,...]`, cumulative.
fn write_classic(out: &mut Vec<u8>, value: &HistogramValue<'_>) {
    out.extend_from_slice(b",bucket:");
    let mut count = 0_u64;
    let bounds = value.bounds.iter().copied().chain([f64::INFINITY]);
    write_list(out, bounds.zip(value.counts), |out, (bound, &observations)| {
        count = count.saturating_add(observations);
        write_canonical_float(out, bound);
        out.push(b':');
        write_unsigned(out, count);
    });
}

/// Names stay what they are, suffixes included; only an info must end in `_info`.
fn type_name(name: &str, kind: MetricType) -> &'static str {
    match kind {
        MetricType::Counter => "counter",
        MetricType::Info if name.ends_with("_info") => "info",
        MetricType::Info | MetricType::Gauge => "gauge",
        MetricType::Histogram => "histogram",
        MetricType::StateSet => "stateset",
        MetricType::Summary => "summary",
        MetricType::Unknown => "unknown",
    }
}

impl Encoder for OpenMetrics2Encoder {
    fn begin_family(&mut self, descriptor: &Descriptor) {
        let name = escape_name(&descriptor.name, NameKind::Metric, self.row.escaping());
        let kind = type_name(&name, descriptor.kind);
        if let Some(head) = self.head.begin(&name) {
            let has_unit = |unit: &&str| !unit.is_empty() && !matches!(kind, "info" | "stateset");
            write_metadata(head, &name, kind, descriptor.unit.as_deref().filter(has_unit), &descriptor.help);
        }
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
        true
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
        self.write_start(out);
        write_canonical_number(out, value);
        self.write_end(out);
        Ok(())
    }

    #[inline]
    fn gauge(&mut self, out: &mut Vec<u8>, value: Number) -> Result<(), RowError> {
        self.write_start(out);
        write_canonical_number(out, value);
        out.push(b'\n');
        Ok(())
    }

    fn histogram(&mut self, out: &mut Vec<u8>, value: &HistogramValue<'_>) -> Result<(), RowError> {
        if value.counts.len() != value.bounds.len() + 1 {
            return Err(RowError);
        }
        self.write_start(out);
        out.extend_from_slice(b"{count:");
        write_unsigned(out, value.counts.iter().fold(0, |sum: u64, &count| sum.saturating_add(count)));
        out.extend_from_slice(b",sum:");
        write_canonical_float(out, value.sum);
        if let Some(native) = &value.native {
            self.write_native(out, native);
        }
        if value.native.is_none() || !value.bounds.is_empty() {
            write_classic(out, value);
        }
        out.push(b'}');
        self.write_end(out);
        Ok(())
    }

    fn summary(&mut self, out: &mut Vec<u8>, value: &SummaryValue<'_>) -> Result<(), RowError> {
        let allowed = |&(quantile, value): &(f64, f64)| (0.0..=1.0).contains(&quantile) && !(value < 0.0);
        if !value.quantiles.iter().all(allowed) {
            return Err(RowError);
        }
        self.write_start(out);
        out.extend_from_slice(b"{count:");
        write_unsigned(out, value.count);
        out.extend_from_slice(b",sum:");
        write_canonical_float(out, value.sum);
        out.extend_from_slice(b",quantile:");
        write_list(out, value.quantiles, |out, &(quantile, value)| {
            write_canonical_float(out, quantile);
            out.push(b':');
            write_canonical_float(out, value);
        });
        out.push(b'}');
        self.write_end(out);
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

    /// What `write` leaves of one row, which is `path="x"`, without the `# EOF`.
    fn encoded(
        kind: MetricType,
        name: &'static str,
        write: impl FnOnce(&mut OpenMetrics2Encoder, &mut Vec<u8>),
    ) -> String {
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
}
