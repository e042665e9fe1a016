//! How is a histogram encoded?

use super::super::encoder::HistogramValue;
use super::super::native::{NativeValue, Spans};
use super::super::pending::PendingExemplars;
use super::super::stage::Stage;
use super::Created;
use super::wire::{
    bytes_key, double_key, put_double, put_varint, varint_key, write_bytes, write_double, write_unsigned, write_varint,
    zigzag,
};

/// The key of field 16, the first that takes two bytes.
const EXEMPLARS_KEY: [u8; 2] = [0x82, 0x01];

/// Room for a field whose message holds a varint and a double, or for these two alone.
const FIELD: usize = 24;

/// Encodes the message `Histogram`; what it needs for that is kept from row to row.
#[derive(Debug, Default)]
pub(super) struct HistogramBody {
    /// Count, sum and classic buckets: most of it, and many small fields.
    classic: Stage,
    /// What comes behind them.
    body: Vec<u8>,
    packed: Vec<u8>,
    spans: Spans,
}

impl HistogramBody {
    /// The message, in two parts. `value` has been checked.
    pub(super) fn encode(
        &mut self,
        value: &HistogramValue<'_>,
        exemplars: &PendingExemplars,
        created: &Created,
    ) -> [&[u8]; 2] {
        self.classic.truncate(0);
        self.body.clear();
        self.write_count_and_sum(value);
        if exemplars.is_empty() {
            self.write_buckets(value);
        } else {
            self.write_buckets_with(exemplars, value);
        }
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
        [self.classic.as_slice(), &self.body]
    }

    #[inline]
    fn write_count_and_sum(&mut self, value: &HistogramValue<'_>) {
        let count = value.counts.iter().fold(0_u64, |sum, &count| sum.saturating_add(count));
        let mut fields = [0; FIELD];
        fields[0] = varint_key(1);
        let end = put_varint(&mut fields, 1, count);
        let end = put_double(&mut fields, end, double_key(2), value.sum);
        self.classic.push_padded(&fields, end);
    }

    #[inline]
    fn write_buckets(&mut self, value: &HistogramValue<'_>) {
        let mut count = 0_u64;
        // The reader adds the bucket of `+Inf`, which has no bound here.
        for (&bound, &observations) in value.bounds.iter().zip(value.counts) {
            count = count.saturating_add(observations);
            let mut field = [0; FIELD];
            field[0] = bytes_key(3);
            field[2] = varint_key(1);
            let end = put_varint(&mut field, 3, count);
            let end = put_double(&mut field, end, double_key(2), bound);
            field[1] = (end - 2) as u8;
            self.classic.push_padded(&field, end);
        }
    }

    #[cold]
    fn write_buckets_with(&mut self, exemplars: &PendingExemplars, value: &HistogramValue<'_>) {
        let mut count = 0_u64;
        for (bucket, &observations) in value.counts.iter().enumerate() {
            count = count.saturating_add(observations);
            let exemplar = exemplars.of_bucket(bucket, value.bounds);
            match value.bounds.get(bucket) {
                Some(&bound) => self.write_bucket_with(exemplar, count, bound),
                // It is written where it has something to tell, and other buckets stand before it.
                None if !exemplar.is_empty() && (value.native.is_none() || !value.bounds.is_empty()) => {
                    self.write_bucket_with(exemplar, count, f64::INFINITY)
                }
                None => {}
            }
        }
    }

    fn write_bucket_with(&mut self, exemplar: &[u8], count: u64, bound: f64) {
        self.packed.clear();
        write_unsigned(&mut self.packed, varint_key(1), count);
        write_double(&mut self.packed, double_key(2), bound);
        if !exemplar.is_empty() {
            write_bytes(&mut self.packed, bytes_key(3), exemplar);
        }
        let mut head = [0; FIELD];
        head[0] = bytes_key(3);
        let end = put_varint(&mut head, 1, self.packed.len() as u64);
        self.classic.push_padded(&head, end);
        self.classic.push(&self.packed);
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
