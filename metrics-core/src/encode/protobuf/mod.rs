//! How does Prometheus' protobuf, delimited, look?
//!
//! Every message is an `io.prometheus.client.MetricFamily` behind its length. Field numbers are that schema's; there is
//! no generated code, because a row is a copy of prepared label text and one number.

mod created;
mod family;
mod histogram;
mod labels;
#[cfg(test)]
pub(crate) mod schema;
#[cfg(test)]
pub(crate) mod tests;
mod wire;

use self::created::{Created, write_timestamp};
use self::family::FamilyMessages;
use self::histogram::HistogramBody;
use self::labels::{Labels, label_start, write_label};
use self::wire::{
    DOUBLE_LEN, bytes_key, bytes_len, double_key, varint_key, write_bytes, write_double, write_unsigned, write_varint,
};
use super::encoder::{Encoder, HistogramValue, Number, RowError, SummaryValue};
use super::exemplar::Exemplar;
use super::name::{Escaping, NameKind, escape_name};
use super::pending::PendingExemplars;
use super::time::Timestamp;
use crate::descriptor::{Descriptor, MetricType};

/// Writes Prometheus' protobuf.
#[derive(Debug)]
pub(crate) struct ProtobufEncoder {
    escaping: Escaping,
    messages: FamilyMessages,
    labels: Labels,
    /// The key of the field of `Metric` that a gauge's value is written to: gauge or untyped.
    gauge_key: u8,
    exemplars: PendingExemplars,
    created: Created,
    histogram: HistogramBody,
    /// A message under construction.
    body: Vec<u8>,
    /// The state set's label name.
    state: String,
}

impl ProtobufEncoder {
    /// For readers with this way to tell names.
    pub(crate) fn new(escaping: Escaping) -> Self {
        Self {
            escaping,
            messages: FamilyMessages::default(),
            labels: Labels::default(),
            gauge_key: bytes_key(2),
            exemplars: PendingExemplars::default(),
            created: Created::default(),
            histogram: HistogramBody::default(),
            body: Vec::new(),
            state: String::new(),
        }
    }

    /// Appends a `Metric`: the row's labels and its value, a message of this length.
    #[inline]
    fn metric(&mut self, out: &mut Vec<u8>, key: u8, len: usize, write_value: impl FnOnce(&mut Vec<u8>)) {
        write_metric(&mut self.messages, &self.labels, out, key, len, write_value);
    }
}

fn write_head(head: &mut Vec<u8>, name: &str, descriptor: &Descriptor) {
    write_bytes(head, bytes_key(1), name.as_bytes());
    if !descriptor.help.is_empty() {
        write_bytes(head, bytes_key(2), descriptor.help.as_bytes());
    }
    write_unsigned(head, varint_key(3), type_number(descriptor.kind));
    if let Some(unit) = descriptor.unit.as_deref().filter(|unit| !unit.is_empty()) {
        write_bytes(head, bytes_key(5), unit.as_bytes());
    }
}

#[inline]
fn write_metric(
    messages: &mut FamilyMessages,
    labels: &Labels,
    out: &mut Vec<u8>,
    key: u8,
    len: usize,
    write_value: impl FnOnce(&mut Vec<u8>),
) {
    messages.row(out, |out| {
        let labels = labels.as_slice();
        out.push(bytes_key(4));
        write_varint(out, (labels.len() + bytes_len(len)) as u64);
        out.extend_from_slice(labels);
        out.push(key);
        write_varint(out, len as u64);
        write_value(out);
    });
}

/// Types that the schema has no word for are gauges.
fn type_number(kind: MetricType) -> u64 {
    match kind {
        MetricType::Counter => 0,
        MetricType::Gauge | MetricType::Info | MetricType::StateSet => 1,
        MetricType::Summary => 2,
        MetricType::Unknown => 3,
        MetricType::Histogram => 4,
    }
}

/// Appends an `Exemplar` without key and length.
fn write_exemplar(out: &mut Vec<u8>, exemplar: &Exemplar) {
    for (name, value) in exemplar.labels() {
        write_label(out, &label_start(name, Escaping::AllowUtf8), value.as_bytes());
    }
    write_double(out, double_key(2), exemplar.value());
    let mut time = Vec::new();
    write_timestamp(&mut time, exemplar.timestamp());
    write_bytes(out, bytes_key(3), &time);
}

impl Encoder for ProtobufEncoder {
    fn start_piece(&mut self) {
        self.messages.close();
    }

    fn begin_family(&mut self, descriptor: &Descriptor) {
        let name = escape_name(&descriptor.name, NameKind::Metric, self.escaping);
        if let Some(head) = self.messages.begin(&name) {
            write_head(head, &name, descriptor);
        }
        self.labels.begin_family(descriptor, self.escaping);
        self.gauge_key = bytes_key(if descriptor.kind == MetricType::Unknown { 5 } else { 2 });
        if descriptor.kind == MetricType::StateSet {
            self.state = escape_name(&descriptor.name, NameKind::Label, self.escaping).into_owned();
        }
    }

    #[inline]
    fn start_row(&mut self) {
        self.labels.start_row();
        self.exemplars.clear();
        self.created.forget();
    }

    fn label(&mut self, index: usize, value: &[u8]) {
        self.labels.push(index, None, value);
    }

    #[inline]
    fn recall_label(&mut self, index: usize, key: u32) -> bool {
        self.labels.recall(index, key)
    }

    fn keyed_label(&mut self, index: usize, key: u32, value: &[u8]) {
        self.labels.push(index, Some(key), value);
    }

    fn tells_created(&self) -> bool {
        true
    }

    #[inline]
    fn created(&mut self, created: Timestamp) {
        self.created.set(created);
    }

    fn exemplar(&mut self, bucket: usize, exemplar: &Exemplar) {
        self.exemplars.push(bucket, exemplar.value(), |out| write_exemplar(out, exemplar));
    }

    #[inline]
    fn counter(&mut self, out: &mut Vec<u8>, value: Number) -> Result<(), RowError> {
        self.body.clear();
        if !self.exemplars.first().is_empty() {
            write_bytes(&mut self.body, bytes_key(2), self.exemplars.first());
        }
        self.created.write(&mut self.body, bytes_key(3));
        let rest = &self.body;
        write_metric(&mut self.messages, &self.labels, out, bytes_key(3), DOUBLE_LEN + rest.len(), |out| {
            write_double(out, double_key(1), value.as_f64());
            out.extend_from_slice(rest);
        });
        Ok(())
    }

    #[inline]
    fn gauge(&mut self, out: &mut Vec<u8>, value: Number) -> Result<(), RowError> {
        self.metric(out, self.gauge_key, DOUBLE_LEN, |out| write_double(out, double_key(1), value.as_f64()));
        Ok(())
    }

    fn histogram(&mut self, out: &mut Vec<u8>, value: &HistogramValue<'_>) -> Result<(), RowError> {
        if value.counts.len() != value.bounds.len() + 1 {
            return Err(RowError);
        }
        let [classic, rest] = self.histogram.encode(value, &self.exemplars, &self.created);
        let len = classic.len() + rest.len();
        write_metric(&mut self.messages, &self.labels, out, bytes_key(7), len, |out| {
            out.extend_from_slice(classic);
            out.extend_from_slice(rest);
        });
        Ok(())
    }

    fn summary(&mut self, out: &mut Vec<u8>, value: &SummaryValue<'_>) -> Result<(), RowError> {
        self.body.clear();
        write_unsigned(&mut self.body, varint_key(1), value.count);
        write_double(&mut self.body, double_key(2), value.sum);
        for &(quantile, value) in value.quantiles {
            self.body.extend_from_slice(&[bytes_key(3), 2 * DOUBLE_LEN as u8]);
            write_double(&mut self.body, double_key(1), quantile);
            write_double(&mut self.body, double_key(2), value);
        }
        self.created.write(&mut self.body, bytes_key(4));
        let body = &self.body;
        write_metric(&mut self.messages, &self.labels, out, bytes_key(4), body.len(), |out| {
            out.extend_from_slice(body)
        });
        Ok(())
    }

    fn info(&mut self, out: &mut Vec<u8>) -> Result<(), RowError> {
        self.gauge(out, Number::Unsigned(1))
    }

    fn state_set(&mut self, out: &mut Vec<u8>, states: &[(&str, bool)]) -> Result<(), RowError> {
        let start = label_start(&self.state, Escaping::AllowUtf8);
        let row = self.labels.len();
        for &(state, on) in states {
            self.labels.truncate(row);
            self.labels.push_other(&start, state.as_bytes());
            self.gauge(out, Number::Unsigned(on.into()))?;
        }
        self.labels.truncate(row);
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<u8>) {}
}
