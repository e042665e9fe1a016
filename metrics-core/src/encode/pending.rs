//! Where do a row's exemplars wait until the row is written?

use std::ops::Range;

/// The exemplars of one row, already encoded, each with its bucket and its value.
#[derive(Debug, Default)]
pub(crate) struct PendingExemplars {
    encoded: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    bucket: usize,
    value: f64,
    range: Range<usize>,
}

impl PendingExemplars {
    /// A new row.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.encoded.clear();
        self.entries.clear();
    }

    /// Takes the exemplar that `encode` appends.
    pub(crate) fn push(&mut self, bucket: usize, value: f64, encode: impl FnOnce(&mut Vec<u8>)) {
        let start = self.encoded.len();
        encode(&mut self.encoded);
        self.entries.push(Entry { bucket, value, range: start..self.encoded.len() });
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The first exemplar, as of a counter.
    #[inline]
    pub(crate) fn first(&self) -> &[u8] {
        self.entries.first().map_or(&[], |entry| &self.encoded[entry.range.clone()])
    }

    /// The exemplar of this bucket, nothing if it has none or one that does not lie in it.
    #[inline]
    pub(crate) fn of_bucket(&self, bucket: usize, bounds: &[f64]) -> &[u8] {
        // Without bounds all lie in the one bucket there is.
        if self.is_empty() || bounds.is_empty() {
            return self.first();
        }
        let fits = |value: f64| {
            let above = bucket == 0 || bounds.get(bucket - 1).is_some_and(|&lower| value > lower);
            above && bounds.get(bucket).is_none_or(|&upper| value <= upper)
        };
        let entry = self.entries.iter().find(|entry| entry.bucket == bucket && fits(entry.value));
        entry.map_or(&[], |entry| &self.encoded[entry.range.clone()])
    }

    /// All of them, one after the other.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(|entry| &self.encoded[entry.range.clone()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exemplar_belongs_to_the_bucket_that_holds_its_value() {
        let mut pending = PendingExemplars::default();
        let bounds = [1.0, 2.0];
        for (bucket, value) in [(0, 1.0), (1, 1.0), (2, 5.0)] {
            pending.push(bucket, value, |out| out.push(b'0' + bucket as u8));
        }
        assert_eq!(pending.of_bucket(0, &bounds), b"0");
        assert_eq!(pending.of_bucket(1, &bounds), b"", "1 lies in the bucket below");
        assert_eq!(pending.of_bucket(2, &bounds), b"2");
        assert_eq!(pending.of_bucket(7, &bounds), b"");
        assert_eq!(pending.of_bucket(0, &[]), b"0", "there is one bucket");
        assert_eq!(pending.iter().collect::<Vec<_>>().concat(), b"012");
        pending.clear();
        assert_eq!(pending.first(), b"");
    }
}
