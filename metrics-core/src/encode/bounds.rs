//! How are the bucket bounds of a family's rows spelled without spelling them for each row?

use std::ops::Range;

/// The label of each bucket, `le="0.5"} ` and at last `le="+Inf"} `, kept from row to row.
#[derive(Debug)]
pub(crate) struct BoundLabels {
    write: fn(&mut Vec<u8>, f64),
    /// What is spelled; `None` before the first row.
    bounds: Option<Vec<f64>>,
    text: Vec<u8>,
    ranges: Vec<Range<usize>>,
}

impl BoundLabels {
    /// Nothing yet; `write` spells one bound.
    pub(crate) fn new(write: fn(&mut Vec<u8>, f64)) -> Self {
        Self { write, bounds: None, text: Vec::new(), ranges: Vec::new() }
    }

    /// The row has these bounds. Costs a comparison where the row before had the same.
    #[inline]
    pub(crate) fn prepare(&mut self, bounds: &[f64]) {
        if self.bounds.as_deref() != Some(bounds) {
            self.spell(bounds);
        }
    }

    #[cold]
    fn spell(&mut self, bounds: &[f64]) {
        self.text.clear();
        self.ranges.clear();
        for &bound in bounds.iter().chain([&f64::INFINITY]) {
            let start = self.text.len();
            self.text.extend_from_slice(b"le=\"");
            (self.write)(&mut self.text, bound);
            self.text.extend_from_slice(b"\"} ");
            self.ranges.push(start..self.text.len());
        }
        let spelled = self.bounds.get_or_insert_default();
        spelled.clear();
        spelled.extend_from_slice(bounds);
    }

    /// The spelled labels, `+Inf` last.
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.ranges.iter().map(|range| &self.text[range.clone()])
    }
}

#[cfg(test)]
mod tests {
    use super::super::number::write_float;
    use super::*;

    #[test]
    fn other_bounds_are_spelled_anew() {
        let mut labels = BoundLabels::new(write_float);
        for (bounds, expected) in [(&[0.5, 1.0][..], "le=\"0.5\"} le=\"1\"} le=\"+Inf\"} "), (&[], "le=\"+Inf\"} ")] {
            labels.prepare(bounds);
            assert_eq!(labels.iter().collect::<Vec<_>>().concat(), expected.as_bytes());
        }
    }
}
