//! How are labels found that are too many or too long for one piece? As they are told: once to hash them, once for each
//! record that they are compared with.

use std::hash::Hasher;

use super::super::table::Texts;
use super::super::word::{enumerated, short, small, text_number};
use super::record::Record;
use crate::label::LabelVisitor;

/// Hashes what [`Comparing`] compares. Only by writes of bytes, whose length the hasher takes into account: for others it
/// would have to remember what it has put off.
pub(super) struct Hashing<H> {
    pub(super) hasher: H,
    /// How many labels before this one are left out; at the end none needs to be told.
    pub(super) left_out: u8,
}

impl<H: Hasher> Hashing<H> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        if self.left_out > 0 {
            self.hasher.write(&[self.left_out]);
            self.left_out = 0;
        }
        self.hasher.write(bytes);
    }
}

impl<H: Hasher> LabelVisitor for Hashing<H> {
    #[inline]
    fn enumerated(&mut self, index: usize) {
        self.write(&enumerated(index).to_le_bytes());
    }

    #[inline]
    fn text(&mut self, value: &str) {
        if value.is_empty() {
            return self.absent();
        }
        self.write(value.as_bytes());
    }

    #[inline]
    fn unsigned(&mut self, value: u64) {
        match small(value) {
            Some(word) => self.write(&word.to_le_bytes()),
            None => self.text(itoa::Buffer::new().format(value)),
        }
    }

    #[inline]
    fn signed(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.unsigned(value),
            Err(_) => self.text(itoa::Buffer::new().format(value)),
        }
    }

    #[inline]
    fn absent(&mut self) {
        self.left_out = self.left_out.wrapping_add(1);
    }
}

/// Compares labels with a record.
pub(super) struct Comparing<'a> {
    texts: &'a Texts,
    record: Record<'a>,
    at: usize,
    same: bool,
}

impl<'a> Comparing<'a> {
    pub(super) fn new(texts: &'a Texts, record: Record<'a>) -> Self {
        Self { texts, record, at: 0, same: true }
    }

    /// Whether the labels that were told are all that the record has.
    pub(super) fn same(mut self, labels: usize) -> bool {
        while self.same && self.at < labels {
            self.absent();
        }
        self.same
    }

    #[inline]
    fn word(&mut self) -> u32 {
        self.at += 1;
        self.record.label(self.at - 1)
    }
}

impl LabelVisitor for Comparing<'_> {
    #[inline]
    fn enumerated(&mut self, index: usize) {
        self.same &= self.word() == enumerated(index);
    }

    #[inline]
    fn text(&mut self, value: &str) {
        let word = self.word();
        if !self.same {
            return;
        }
        self.same = match short(value.as_bytes()) {
            Some(wanted) => word == wanted,
            None => match text_number(word) {
                Some(number) => self.texts.is(number, value.as_bytes()),
                None => word == 0 && value.is_empty(),
            },
        };
    }

    #[inline]
    fn unsigned(&mut self, value: u64) {
        match small(value) {
            Some(word) => self.same &= self.word() == word,
            None => self.text(itoa::Buffer::new().format(value)),
        }
    }

    #[inline]
    fn signed(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.unsigned(value),
            Err(_) => self.text(itoa::Buffer::new().format(value)),
        }
    }

    #[inline]
    fn absent(&mut self) {
        self.same &= self.word() == 0;
    }
}
