//! How does the release candidate of OpenMetrics 2.0 look?

#[cfg(test)]
mod tests;

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

/// Names stay what they are, suffixes included; only an info must end in `_info`, before it is escaped.
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
        let kind = type_name(&descriptor.name, descriptor.kind);
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
