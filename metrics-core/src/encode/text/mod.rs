//! How does Prometheus text 0.0.4 (and 1.0.0, which adds names in quotes) look?

#[cfg(test)]
mod tests;

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
