//! How is a histogram encoded?

use super::super::encoder::HistogramValue;
use super::super::native::{NativeValue, Spans};
use super::super::pending::PendingExemplars;
use super::Created;
use super::wire::{
    DOUBLE_LEN, bytes_key, bytes_len, double_key, varint_key, write_bytes, write_double, write_unsigned, write_varint,
    zigzag,
};

/// The key of field 16, the first that takes two bytes.
const EXEMPLARS_KEY: [u8; 2] = [0x82, 0x01];

/// Encodes the message `Histogram`; what it needs for that is kept from row to row.
#[derive(Debug, Default)]
pub(super) struct HistogramBody {
    body: Vec<u8>,
    packed: Vec<u8>,
    spans: Spans,
}

impl HistogramBody {
    /// The message. `value` has been checked.
    pub(super) fn encode(
        &mut self,
        value: &HistogramValue<'_>,
        exemplars: &PendingExemplars,
        created: &Created,
    ) -> &[u8] {
        self.body.clear();
        let count = value.counts.iter().fold(0_u64, |sum, &count| sum.saturating_add(count));
        write_unsigned(&mut self.body, varint_key(1), count);
        write_double(&mut self.body, double_key(2), value.sum);
        self.write_buckets(value, exemplars);
        if let Some(native) = &value.native {
            self.write_native(native);
        }
        created.write(&mut self.body, bytes_key(15));
        if value.native.is_some() {
            for exemplar in exemplars.iter() {
                self.body.push(EXEMPLARS_KEY[0]);
                write_bytes(&mut self.body, EXEMPLARS_KEY[1], exemplar);
            }
        }
        &self.body
    }

    fn write_buckets(&mut self, value: &HistogramValue<'_>, exemplars: &PendingExemplars) {
        let mut count = 0_u64;
        for (bucket, &observations) in value.counts.iter().enumerate() {
            count = count.saturating_add(observations);
            let exemplar = exemplars.of_bucket(bucket, value.bounds);
            match value.bounds.get(bucket) {
                Some(&bound) => self.write_bucket(count, bound, exemplar),
                // The reader adds it; it is written where it has something to tell.
                None if !exemplar.is_empty() && value.native.is_none() => {
                    self.write_bucket(count, f64::INFINITY, exemplar)
                }
                None => {}
            }
        }
    }

    #[inline]
    fn write_bucket(&mut self, count: u64, bound: f64, exemplar: &[u8]) {
        let exemplar_len = if exemplar.is_empty() { 0 } else { bytes_len(exemplar.len()) };
        self.body.push(bytes_key(3));
        write_varint(&mut self.body, (1 + super::wire::varint_len(count) + DOUBLE_LEN + exemplar_len) as u64);
        write_unsigned(&mut self.body, varint_key(1), count);
        write_double(&mut self.body, double_key(2), bound);
        if !exemplar.is_empty() {
            write_bytes(&mut self.body, bytes_key(3), exemplar);
        }
    }

    fn write_native(&mut self, native: &NativeValue<'_>) {
        write_unsigned(&mut self.body, varint_key(5), zigzag(native.schema.into()));
        write_double(&mut self.body, double_key(6), native.zero_threshold);
        write_unsigned(&mut self.body, varint_key(7), native.zero_count);
        let mut seen = native.zero_threshold > 0.0 || native.zero_count > 0;
        for (span, delta, buckets) in [(9, 10, native.negative), (12, 13, native.positive)] {
            self.spans.set(buckets);
            seen |= !self.spans.spans().is_empty();
            self.write_spans(bytes_key(span), bytes_key(delta));
        }
        if !seen {
            // Nothing else tells it from a classic histogram: a span without length.
            write_bytes(&mut self.body, bytes_key(12), &[]);
        }
    }

    fn write_spans(&mut self, span_key: u8, delta_key: u8) {
        for &(offset, length) in self.spans.spans() {
            self.packed.clear();
            write_unsigned(&mut self.packed, varint_key(1), zigzag(offset.into()));
            write_unsigned(&mut self.packed, varint_key(2), length.into());
            write_bytes(&mut self.body, span_key, &self.packed);
        }
        self.packed.clear();
        for delta in self.spans.deltas() {
            write_varint(&mut self.packed, zigzag(delta));
        }
        if !self.packed.is_empty() {
            write_bytes(&mut self.body, delta_key, &self.packed);
        }
    }
}
