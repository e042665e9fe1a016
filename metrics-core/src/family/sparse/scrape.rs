//! How are the series of a sparse family written, while others come and go?

use std::time::Duration;

use super::super::alive::Alive;
use super::super::core::{Pass, Progress};
use super::super::word::{Said, said};
use super::record::Record;
use super::{AGE_MILLIS, IS_OVERFLOW, Sparse};
use crate::cell::run::Place;
use crate::descriptor::LabelValues;
use crate::encode::{Encoder, Timestamp};
use crate::metric::Series;
use crate::sync::{Ordering, fence};

/// How many records a scrape passes over at most in one piece.
const MOST_STEPS: usize = 1 << 14;

impl<M: Series> Sparse<M> {
    /// Writes series until the piece is full; true when all are written. A series that was born after the scrape began,
    /// or ends before its turn, is left out, so that labels which are removed and made again appear once.
    pub(crate) fn write(&self, progress: &mut Progress, pass: &mut Pass<'_>) -> bool {
        // Acquire: pairs with `insert`.
        let count = || self.epoch.fetch_add(1, Ordering::AcqRel) & !IS_OVERFLOW;
        let epoch = *progress.epoch.get_or_insert_with(count);
        let end = self.end.load(Ordering::Acquire) as usize;
        let mut text = Vec::new();
        let created = (M::COUNTS && pass.encoder.tells_created()).then(|| Timestamp::from(self.created));
        for _ in 0..MOST_STEPS {
            if progress.next >= end {
                return true;
            }
            if pass.out.len() >= pass.limit {
                return false;
            }
            if let Some(record) = self.index.records.at(progress.next) {
                self.write_row(record, epoch, created, &mut text, pass);
            }
            progress.next += 1;
        }
        progress.next >= end
    }

    fn write_row(
        &self,
        record: Record<'_>,
        epoch: u32,
        created: Option<Timestamp>,
        text: &mut Vec<u8>,
        pass: &mut Pass<'_>,
    ) {
        let handle = record.handle().load(Ordering::Acquire);
        if handle == 0 || record.epoch() & !IS_OVERFLOW > epoch {
            return;
        }
        pass.encoder.start_row();
        for at in 0..self.index.labels.len() {
            self.write_label(record.label(at), at, text, pass.encoder);
        }
        if let Some(created) = created {
            let age = Duration::from_millis(u64::from(record.birth()) * AGE_MILLIS);
            pass.encoder.created(created.after(age));
        }
        // As in `matches`: nothing of the labels was replaced. What a run holds that is handed out again is filtered
        // by its generation.
        fence(Ordering::Acquire);
        if record.handle().load(Ordering::Relaxed) != handle {
            return;
        }
        let mut encoder = Alive { encoder: &mut *pass.encoder, word: record.handle(), handle };
        if M::write(self.shape, Place::unpack(handle), pass.reader, &mut encoder, pass.out).is_err() {
            pass.left_out += 1;
        }
    }

    /// Tells a label, under its word as the key. A text's number may be handed out anew while it is read here, and then
    /// nonsense is remembered under it; but a series that is old enough to be written has held its texts since before
    /// the scrape began, so the numbers that are asked for again were never handed out meanwhile.
    fn write_label(&self, word: u32, at: usize, text: &mut Vec<u8>, encoder: &mut dyn Encoder) {
        if encoder.recall_label(at, word) {
            return;
        }
        match said(word) {
            Said::Absent => {}
            Said::Enumerated(index) => {
                let LabelValues::Enumerated(values) = self.index.labels[at].values else { return };
                if let Some(value) = values.get(index as usize) {
                    encoder.keyed_label(at, word, value.as_bytes());
                }
            }
            Said::Number(number) => encoder.keyed_label(at, word, itoa::Buffer::new().format(number).as_bytes()),
            Said::Short { bytes, len } => encoder.keyed_label(at, word, &bytes[..len]),
            Said::Text(number) => {
                text.clear();
                self.index.texts.read(number, text);
                encoder.keyed_label(at, word, text);
            }
        }
    }
}
