//! How does a line of text start: name, braces, labels?

use std::ops::Range;

use super::escape::write_quoted;
use super::name::{Escaping, write_label_name, write_sample_open};
use crate::descriptor::Descriptor;

/// The start of one row's lines. Everything that a family's rows share is rendered once, so that a row costs a copy a label.
///
/// Each label is kept with a comma behind it; writing a line turns the last comma into the closing brace.
#[derive(Debug, Default)]
pub(crate) struct Row {
    escaping: Escaping,
    /// `name{`, constant labels, the row's labels.
    text: Vec<u8>,
    /// Where the labels start: behind `name{`.
    open: usize,
    /// Where the row's own labels start: behind the constant ones.
    own: usize,
    /// `label="` for every label of the family, one after the other.
    starts: Vec<u8>,
    ranges: Vec<Range<usize>>,
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
        self.text.clear();
        write_sample_open(&mut self.text, name, "");
        self.open = self.text.len();
        for (name, value) in &descriptor.const_labels {
            // For Prometheus an empty value is no label.
            if !value.is_empty() {
                write_label_start(&mut self.text, name, self.escaping);
                self.close_label(value.as_bytes());
            }
        }
        self.own = self.text.len();
        self.starts.clear();
        self.ranges.clear();
        for label in &descriptor.labels {
            let start = self.starts.len();
            write_label_start(&mut self.starts, &label.name, self.escaping);
            self.ranges.push(start..self.starts.len());
        }
    }

    #[inline]
    fn close_label(&mut self, value: &[u8]) {
        write_quoted(&mut self.text, value);
        self.text.extend_from_slice(b"\",");
    }

    /// A new row without labels of its own.
    #[inline]
    pub(crate) fn start(&mut self) {
        self.text.truncate(self.own);
    }

    /// The row has this label.
    #[inline]
    pub(crate) fn label(&mut self, index: usize, value: &[u8]) {
        let start = &self.starts[self.ranges[index].clone()];
        self.text.extend_from_slice(start);
        self.close_label(value);
    }

    /// Name, brace and labels, each label with a comma behind it.
    #[inline]
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The labels, each with a comma behind it.
    #[inline]
    pub(crate) fn labels(&self) -> &[u8] {
        &self.text[self.open..]
    }

    /// Appends the line up to the space before its value.
    #[inline]
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.text);
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

/// Appends a label up to its value: `name="`.
pub(crate) fn write_label_start(out: &mut Vec<u8>, name: &str, escaping: Escaping) {
    write_label_name(out, name, escaping);
    out.extend_from_slice(b"=\"");
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
