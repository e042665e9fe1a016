//! How are a row's labels encoded?

use super::super::name::{Escaping, NameKind, escape_name};
use super::super::stage::{Memory, Stage};
use super::wire::{bytes_key, varint_len, write_bytes, write_varint};
use crate::descriptor::Descriptor;

/// The labels of a row, encoded.
#[derive(Debug, Default)]
pub(super) struct Labels {
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
    /// The rows that follow have the labels of this family.
    pub(super) fn begin_family(&mut self, descriptor: &Descriptor, escaping: Escaping) {
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

    /// The row has this label, which is remembered under its key if it has one.
    pub(super) fn push(&mut self, index: usize, key: Option<u32>, value: &[u8]) {
        self.label.clear();
        write_label(&mut self.label, &self.starts[index], value);
        self.encoded.push(&self.label);
        if let Some(key) = key {
            self.memory.keep(index, key, &self.label);
        }
    }

    /// The row has a label besides those of the family, of which this is the start.
    pub(super) fn push_other(&mut self, start: &[u8], value: &[u8]) {
        self.label.clear();
        write_label(&mut self.label, start, value);
        self.encoded.push(&self.label);
    }

    /// A new row without labels of its own.
    #[inline]
    pub(super) fn start_row(&mut self) {
        self.encoded.truncate(self.own);
    }

    /// The row has the label with this key; false if that is not remembered.
    #[inline]
    pub(super) fn recall(&mut self, index: usize, key: u32) -> bool {
        self.memory.recall(index, key, &mut self.encoded)
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[u8] {
        self.encoded.as_slice()
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.encoded.len()
    }

    /// Only the first `len` bytes stay.
    pub(super) fn truncate(&mut self, len: usize) {
        self.encoded.truncate(len);
    }
}

/// The part of a `LabelPair` that all values share.
pub(super) fn label_start(name: &str, escaping: Escaping) -> Vec<u8> {
    let mut start = Vec::new();
    write_bytes(&mut start, bytes_key(1), escape_name(name, NameKind::Label, escaping).as_bytes());
    start.push(bytes_key(2));
    start
}

/// Appends a `LabelPair` as field 1, as which both `Metric` and `Exemplar` have it.
#[inline]
pub(super) fn write_label(out: &mut Vec<u8>, start: &[u8], value: &[u8]) {
    out.push(bytes_key(1));
    write_varint(out, (start.len() + varint_len(value.len() as u64) + value.len()) as u64);
    out.extend_from_slice(start);
    write_varint(out, value.len() as u64);
    out.extend_from_slice(value);
}
