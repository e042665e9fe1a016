//! How does Prometheus' protobuf, delimited, look?
//!
//! Every message is an `io.prometheus.client.MetricFamily` behind its length. Field numbers are that schema's; there is
//! no generated code, because a row is a copy of prepared label text and one number.

mod family;
mod histogram;
#[cfg(test)]
pub(crate) mod schema;
#[cfg(test)]
mod tests;
mod wire;

use self::family::FamilyMessages;
use self::histogram::HistogramBody;
use self::wire::{
    DOUBLE_LEN, bytes_key, bytes_len, double_key, varint_key, varint_len, write_bytes, write_double, write_unsigned,
    write_varint,
};
use super::encoder::{Encoder, HistogramValue, Number, RowError, SummaryValue};
use super::exemplar::Exemplar;
use super::name::{Escaping, NameKind, escape_name};
use super::pending::PendingExemplars;
use super::stage::{Memory, Stage};
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

/// The labels of a row, encoded.
#[derive(Debug, Default)]
struct Labels {
    encoded: Stage,
    /// Where the row's own labels start: behind the constant ones.
    own: usize,
    /// For every label of the family: its name as a field, and the key of the value behind it.
    starts: Vec<Vec<u8>>,
    memory: Memory,
    /// A label under construction.
    label: Vec<u8>,
}

impl Labels {
    fn begin_family(&mut self, descriptor: &Descriptor, escaping: Escaping) {
        self.label.clear();
        for (name, value) in &descriptor.const_labels {
            // For Prometheus an empty value is no label.
            if !value.is_empty() {
                write_label(&mut self.label, &label_start(name, escaping), value.as_bytes());
            }
        }
        self.own = self.label.len();
        self.encoded.truncate(0);
        self.encoded.push(&self.label);
        self.starts.clear();
        self.starts.extend(descriptor.labels.iter().map(|label| label_start(&label.name, escaping)));
        self.memory.begin_family(descriptor.labels.len());
    }

    fn push(&mut self, index: usize, key: Option<u32>, value: &[u8]) {
        self.label.clear();
        write_label(&mut self.label, &self.starts[index], value);
        self.encoded.push(&self.label);
        if let Some(key) = key {
            self.memory.keep(index, key, &self.label);
        }
    }
}

/// The part of a `LabelPair` that all values share.
fn label_start(name: &str, escaping: Escaping) -> Vec<u8> {
    let mut start = Vec::new();
    write_bytes(&mut start, bytes_key(1), escape_name(name, NameKind::Label, escaping).as_bytes());
    start.push(bytes_key(2));
    start
}

/// Appends a `LabelPair` as field 1, as which both `Metric` and `Exemplar` have it.
#[inline]
fn write_label(out: &mut Vec<u8>, start: &[u8], value: &[u8]) {
    out.push(bytes_key(1));
    write_varint(out, (start.len() + varint_len(value.len() as u64) + value.len()) as u64);
    out.extend_from_slice(start);
    write_varint(out, value.len() as u64);
    out.extend_from_slice(value);
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
        out.push(bytes_key(4));
        write_varint(out, (labels.encoded.len() + bytes_len(len)) as u64);
        out.extend_from_slice(labels.encoded.as_slice());
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

/// Appends a `Timestamp` without key and length.
fn write_timestamp(out: &mut Vec<u8>, time: Timestamp) {
    write_unsigned(out, varint_key(1), time.seconds());
    write_unsigned(out, varint_key(2), time.subsecond_nanos().into());
}

/// Since when a row has counted. Many rows began together: the encoded moment is kept as long as it stays the same.
#[derive(Debug, Default)]
struct Created {
    known: bool,
    encoded: Option<Timestamp>,
    body: Vec<u8>,
}

impl Created {
    #[inline]
    fn set(&mut self, created: Timestamp) {
        self.known = true;
        if self.encoded != Some(created) {
            self.encoded = Some(created);
            self.body.clear();
            write_timestamp(&mut self.body, created);
        }
    }

    /// Appends the moment as a field, if it is known.
    #[inline]
    fn write(&self, out: &mut Vec<u8>, key: u8) {
        if self.known {
            write_bytes(out, key, &self.body);
        }
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
        self.labels.encoded.truncate(self.labels.own);
        self.exemplars.clear();
        self.created.known = false;
    }

    fn label(&mut self, index: usize, value: &[u8]) {
        self.labels.push(index, None, value);
    }

    #[inline]
    fn recall_label(&mut self, index: usize, key: u32) -> bool {
        self.labels.memory.recall(index, key, &mut self.labels.encoded)
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
        let body = self.histogram.encode(value, &self.exemplars, &self.created);
        write_metric(&mut self.messages, &self.labels, out, bytes_key(7), body.len(), |out| {
            out.extend_from_slice(body)
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
        let row = self.labels.encoded.len();
        for &(state, on) in states {
            self.labels.encoded.truncate(row);
            self.body.clear();
            write_label(&mut self.body, &start, state.as_bytes());
            self.labels.encoded.push(&self.body);
            self.gauge(out, Number::Unsigned(on.into()))?;
        }
        self.labels.encoded.truncate(row);
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<u8>) {}
}
