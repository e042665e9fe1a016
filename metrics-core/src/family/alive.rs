//! How is a row left out whose series ended while it was read?

use crate::descriptor::Descriptor;
use crate::encode::{Encoder, Exemplar, HistogramValue, Number, RowError, SummaryValue, Timestamp};
use crate::sync::{AtomicU64, Ordering, fence};

/// Passes a row on if, now that its value has been read, the series' handle word is still the same: its slot may have been
/// handed out again meanwhile, and some threads' shares be gone.
pub(super) struct Alive<'a> {
    pub(super) encoder: &'a mut dyn Encoder,
    pub(super) word: &'a AtomicU64,
    pub(super) handle: u64,
}

impl Alive<'_> {
    fn if_alive(&mut self, write: impl FnOnce(&mut dyn Encoder) -> Result<(), RowError>) -> Result<(), RowError> {
        // Acquire: whoever read a word of the next generation sees that this one ended; partner is the fence in
        // `Run::begin`.
        fence(Ordering::Acquire);
        let alive = self.word.load(Ordering::Relaxed) == self.handle;
        if alive { write(self.encoder) } else { Ok(()) }
    }
}

impl Encoder for Alive<'_> {
    fn begin_family(&mut self, descriptor: &Descriptor) {
        self.encoder.begin_family(descriptor);
    }

    fn start_row(&mut self) {
        self.encoder.start_row();
    }

    fn label(&mut self, index: usize, value: &[u8]) {
        self.encoder.label(index, value);
    }

    fn created(&mut self, created: Timestamp) {
        self.encoder.created(created);
    }

    fn exemplar(&mut self, bucket: usize, exemplar: &Exemplar) {
        self.encoder.exemplar(bucket, exemplar);
    }

    fn counter(&mut self, out: &mut Vec<u8>, value: Number) -> Result<(), RowError> {
        self.if_alive(|encoder| encoder.counter(out, value))
    }

    fn gauge(&mut self, out: &mut Vec<u8>, value: Number) -> Result<(), RowError> {
        self.if_alive(|encoder| encoder.gauge(out, value))
    }

    fn histogram(&mut self, out: &mut Vec<u8>, value: &HistogramValue<'_>) -> Result<(), RowError> {
        self.if_alive(|encoder| encoder.histogram(out, value))
    }

    fn summary(&mut self, out: &mut Vec<u8>, value: &SummaryValue<'_>) -> Result<(), RowError> {
        self.if_alive(|encoder| encoder.summary(out, value))
    }

    fn info(&mut self, out: &mut Vec<u8>) -> Result<(), RowError> {
        self.if_alive(|encoder| encoder.info(out))
    }

    fn state_set(&mut self, out: &mut Vec<u8>, states: &[(&str, bool)]) -> Result<(), RowError> {
        self.if_alive(|encoder| encoder.state_set(out, states))
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        self.encoder.finish(out);
    }
}
