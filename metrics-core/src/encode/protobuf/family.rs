//! How do the rows of a family become messages without knowing how many there will be?

use super::wire::{PADDED_LEN, PADDED_MAX, padded_varint};

/// The messages of one family.
///
/// A message's length stands before it. It is written with a fixed width and set anew after each row, so that what
/// stands in the buffer is complete whenever the buffer is taken away; the rows that follow then go to another
/// message of the same name.
#[derive(Debug, Default)]
pub(super) struct FamilyMessages {
    /// The family, by its name.
    family: String,
    /// Name, help, type and unit.
    head: Vec<u8>,
    /// Where the open message's length stands in the buffer.
    open: Option<usize>,
}

impl FamilyMessages {
    /// The rows that follow belong to this family; returns where its head is to be written, nothing if it is the family that
    /// was begun last: members of one family differ in their constant labels and go on in the same message.
    pub(super) fn begin(&mut self, family: &str) -> Option<&mut Vec<u8>> {
        if self.family == family {
            return None;
        }
        self.family.clear();
        self.family.push_str(family);
        self.open = None;
        self.head.clear();
        Some(&mut self.head)
    }

    /// The rows that follow go to another buffer.
    pub(super) fn close(&mut self) {
        self.open = None;
    }

    /// Appends what `write` appends to the open message.
    #[inline]
    pub(super) fn row(&mut self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        let start = match self.open {
            // Half of what its length can tell leaves room for the greatest row.
            Some(start) if out.len() - start < PADDED_MAX / 2 => start,
            _ => self.open(out),
        };
        write(out);
        let body = start + PADDED_LEN;
        let length = padded_varint(out.len() - body);
        out[start..body].copy_from_slice(&length);
    }

    #[cold]
    fn open(&mut self, out: &mut Vec<u8>) -> usize {
        let start = out.len();
        self.open = Some(start);
        out.extend_from_slice(&[0; PADDED_LEN]);
        out.extend_from_slice(&self.head);
        start
    }
}
