//! How does a line of text start: name, braces, labels?

use super::escape::write_quoted;
use super::name::{Escaping, write_label_name, write_sample_open};
use super::stage::{Memory, Stage};
use crate::descriptor::Descriptor;

/// The start of one row's lines. Everything that a family's rows share is rendered once, so that a row costs a copy a label.
///
/// Each label is kept with a comma behind it; writing a line turns the last comma into the closing brace.
#[derive(Debug, Default)]
pub(crate) struct Row {
    escaping: Escaping,
    /// `name{`, constant labels, the row's labels.
    text: Stage,
    /// Where the labels start: behind `name{`.
    open: usize,
    /// Where the row's own labels start: behind the constant ones.
    own: usize,
    /// `label="` for every label of the family.
    starts: Vec<Vec<u8>>,
    memory: Memory,
    /// A label under construction.
    label: Vec<u8>,
}

impl Row {
    pub(crate) fn new(escaping: Escaping) -> Self {
        Self { escaping, ..Self::default() }
    }

    pub(crate) fn escaping(&self) -> Escaping {
        self.escaping
    }

    /// The rows that follow are samples called `name` (already escaped) with the labels of `descriptor`.
    pub(crate) fn begin_family(&mut self, name: &str, descriptor: &Descriptor) {
        let mut open = Vec::new();
        write_sample_open(&mut open, name, "");
        self.open = open.len();
        for (name, value) in &descriptor.const_labels {
            // For Prometheus an empty value is no label.
            if !value.is_empty() {
                write_label(&mut open, &label_start(name, self.escaping), value.as_bytes());
            }
        }
        self.own = open.len();
        self.text.truncate(0);
        self.text.push(&open);
        self.starts.clear();
        self.starts.extend(descriptor.labels.iter().map(|label| label_start(&label.name, self.escaping)));
        self.memory.begin_family(descriptor.labels.len());
    }

    /// A new row without labels of its own.
    #[inline]
    pub(crate) fn start(&mut self) {
        self.text.truncate(self.own);
    }

    /// The row has the label with this key; false if that is not remembered.
    #[inline]
    pub(crate) fn recall(&mut self, index: usize, key: u32) -> bool {
        self.memory.recall(index, key, &mut self.text)
    }

    /// The row has this label, which is remembered under its key if it has one.
    pub(crate) fn label(&mut self, index: usize, key: Option<u32>, value: &[u8]) {
        self.label.clear();
        write_label(&mut self.label, &self.starts[index], value);
        self.text.push(&self.label);
        if let Some(key) = key {
            self.memory.keep(index, key, &self.label);
        }
    }

    /// Name, brace and labels, each label with a comma behind it.
    #[inline]
    pub(crate) fn text(&self) -> &[u8] {
        self.text.as_slice()
    }

    /// The labels, each with a comma behind it.
    #[inline]
    pub(crate) fn labels(&self) -> &[u8] {
        &self.text.as_slice()[self.open..]
    }

    /// Appends the line up to the space before its value.
    #[inline]
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.text.as_slice());
        close(out);
    }

    /// The same under another sample name, given as `name_suffix{`.
    #[inline]
    pub(crate) fn write_as(&self, out: &mut Vec<u8>, open: &[u8]) {
        out.extend_from_slice(open);
        out.extend_from_slice(self.labels());
        close(out);
    }
}

/// Appends a label with a comma behind it.
fn write_label(out: &mut Vec<u8>, start: &[u8], value: &[u8]) {
    out.extend_from_slice(start);
    write_quoted(out, value);
    out.extend_from_slice(b"\",");
}

/// A label up to its value: `name="`.
pub(crate) fn label_start(name: &str, escaping: Escaping) -> Vec<u8> {
    let mut start = Vec::new();
    write_label_name(&mut start, name, escaping);
    start.extend_from_slice(b"=\"");
    start
}

/// Ends the labels that stand at the end of `out`: `a="b",` becomes `a="b"} `, and `name{` becomes `name `.
#[inline]
fn close(out: &mut Vec<u8>) {
    match out.last_mut() {
        Some(last @ b',') => {
            *last = b'}';
            out.push(b' ');
        }
        Some(last) => *last = b' ',
        None => {}
    }
}
