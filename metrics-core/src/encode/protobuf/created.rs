//! Since when has a row counted?

use super::super::time::Timestamp;
use super::wire::{varint_key, write_bytes, write_unsigned};

/// Since when a row has counted. Many rows began together: the encoded moment is kept as long as it stays the same.
#[derive(Debug, Default)]
pub(super) struct Created {
    known: bool,
    encoded: Option<Timestamp>,
    body: Vec<u8>,
}

impl Created {
    #[inline]
    pub(super) fn set(&mut self, created: Timestamp) {
        self.known = true;
        if self.encoded != Some(created) {
            self.encoded = Some(created);
            self.body.clear();
            write_timestamp(&mut self.body, created);
        }
    }

    /// Appends the moment as a field, if it is known.
    #[inline]
    pub(super) fn write(&self, out: &mut Vec<u8>, key: u8) {
        if self.known {
            write_bytes(out, key, &self.body);
        }
    }

    /// It is not known of the next row.
    #[inline]
    pub(super) fn forget(&mut self) {
        self.known = false;
    }
}

/// Appends a `Timestamp` without key and length.
pub(super) fn write_timestamp(out: &mut Vec<u8>, time: Timestamp) {
    write_unsigned(out, varint_key(1), time.seconds());
    write_unsigned(out, varint_key(2), time.subsecond_nanos().into());
}
