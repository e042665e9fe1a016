//! How does OpenMetrics 1.0 look?

#[cfg(test)]
mod tests;

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
    /// Whether the family is told as a counter, as which alone it may have exemplars and `_created`.
    is_counter: bool,
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
            is_counter: false,
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

/// The name of the family whose samples are called `escaped`, and the word for its type. A counter or an info whose own
/// name lacks its suffix would be renamed by its suffix: it is told, to every reader, as something that has none.
fn family_and_type<'a>(own: &str, escaped: &'a str, kind: MetricType) -> (&'a str, &'static str) {
    // A name keeps its suffix however it is escaped, and must not get one by that.
    let without = |suffix| escaped.strip_suffix(suffix).filter(|_| own.ends_with(suffix));
    match kind {
        MetricType::Counter => without("_total").map_or((escaped, "unknown"), |family| (family, "counter")),
        MetricType::Info => without("_info").map_or((escaped, "gauge"), |family| (family, "info")),
        MetricType::Gauge => (escaped, "gauge"),
        MetricType::Histogram => (escaped, "histogram"),
        MetricType::StateSet => (escaped, "stateset"),
        MetricType::Summary => (escaped, "summary"),
        MetricType::Unknown => (escaped, "unknown"),
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
        let (family, kind) = family_and_type(&descriptor.name, &name, descriptor.kind);
        if let Some(head) = self.head.begin(&name) {
            let unit = descriptor.unit.as_deref().filter(|unit| has_unit(family, unit, kind));
            write_metadata(head, family, kind, unit, &descriptor.help);
        }
        self.write_opens(family);
        self.is_counter = kind == "counter";
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
        if self.is_counter {
            out.extend_from_slice(self.exemplars.first());
        }
        out.push(b'\n');
        if self.is_counter {
            self.write_created(out);
        }
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
