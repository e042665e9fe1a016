//! How are a few bytes put together fast?
//!
//! A row is made of pieces of three to fifty bytes, for which a call of `memcpy` and the checks of a growing vector cost
//! more than the copy itself. Here a piece is a block of fixed size, copied whole into a buffer that has room.

/// The bytes of a block.
const BLOCK: usize = 56;

/// A buffer that is longer than what is in it, so that whole blocks can be written at its end.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    bytes: Vec<u8>,
    len: usize,
}

impl Stage {
    /// What is in it.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Only the first `len` bytes stay.
    #[inline]
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    #[inline]
    fn reserve(&mut self, more: usize) {
        if self.bytes.len() < self.len + more {
            self.grow(more);
        }
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        self.bytes.resize((self.len + more).next_power_of_two(), 0);
    }

    /// Appends bytes.
    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    /// Appends the first `len` of these bytes, which are copied whole.
    #[inline]
    pub(crate) fn push_padded<const N: usize>(&mut self, bytes: &[u8; N], len: usize) {
        debug_assert!(len <= N);
        self.reserve(N);
        self.bytes[self.len..self.len + N].copy_from_slice(bytes);
        self.len += len;
    }

    #[inline]
    fn push_block(&mut self, block: &Block) {
        self.reserve(BLOCK);
        self.bytes[self.len..self.len + BLOCK].copy_from_slice(&block.bytes);
        self.len += usize::from(block.len);
    }
}

/// A few bytes, with the key under which they are remembered: a cache line.
#[derive(Clone, Copy, Debug)]
struct Block {
    key: u32,
    family: u16,
    len: u16,
    bytes: [u8; BLOCK],
}

const _: () = assert!(size_of::<Block>() == 64);

/// Labels of the rows before, as they were encoded: many rows share a value, and an encoded label is the same for all.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// [`Self::WAYS`] blocks for each label.
    blocks: Vec<Block>,
    /// Which family is being written; what was remembered of others is none of its.
    family: u16,
}

impl Memory {
    /// How many values of a label are remembered.
    const WAYS: usize = 64;

    /// The rows that follow belong to a family with so many labels.
    pub(crate) fn begin_family(&mut self, labels: usize) {
        self.family = self.family.wrapping_add(1);
        if self.family == 0 {
            // The number begins anew: nothing that has it may stay.
            self.blocks.clear();
            self.family = 1;
        }
        if self.blocks.len() < labels * Self::WAYS {
            self.blocks.resize(labels * Self::WAYS, Block { key: 0, family: 0, len: 0, bytes: [0; BLOCK] });
        }
    }

    #[inline]
    fn place(index: usize, key: u32) -> usize {
        // Keys that differ little, wherever that is, come to different places.
        index * Self::WAYS + (key.wrapping_mul(0x9e37_79b1) >> (32 - Self::WAYS.ilog2())) as usize
    }

    /// Appends the label with this key, if it is remembered.
    #[inline]
    pub(crate) fn recall(&self, index: usize, key: u32, stage: &mut Stage) -> bool {
        match self.blocks.get(Self::place(index, key)) {
            Some(block) if block.key == key && block.family == self.family => {
                stage.push_block(block);
                true
            }
            _ => false,
        }
    }

    /// Remembers an encoded label, unless it is too long.
    pub(crate) fn keep(&mut self, index: usize, key: u32, encoded: &[u8]) {
        let Some(block) = self.blocks.get_mut(Self::place(index, key)) else { return };
        if let Some(bytes) = block.bytes.get_mut(..encoded.len()) {
            bytes.copy_from_slice(encoded);
            (block.key, block.family, block.len) = (key, self.family, encoded.len() as u16);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A label, a key, and the text that this label has under this key.
    fn label() -> impl Strategy<Value = (usize, u32)> {
        (0..3_usize, prop_oneof![0..5_u32, (0..200_u32)])
    }

    fn text(family: u32, (index, key): (usize, u32)) -> Vec<u8> {
        format!("{family}-{index}-{key}-").into_bytes().repeat(key as usize % 12)
    }

    proptest! {
        #[test]
        fn what_is_recalled_is_what_was_kept(families in proptest::collection::vec(proptest::collection::vec(label(), 0..40), 1..5)) {
            let (mut memory, mut stage, mut expected) = (Memory::default(), Stage::default(), Vec::new());
            for (family, labels) in families.iter().enumerate() {
                memory.begin_family(3);
                for &label in labels {
                    let text = text(family as u32, label);
                    if !memory.recall(label.0, label.1, &mut stage) {
                        stage.push(&text);
                        memory.keep(label.0, label.1, &text);
                    }
                    expected.extend(text);
                }
            }
            prop_assert_eq!(stage.as_slice(), expected);
        }
    }

    #[test]
    fn a_value_is_remembered_until_another_family_begins() {
        let (mut memory, mut stage) = (Memory::default(), Stage::default());
        for _ in 0..=2 * u32::from(u16::MAX) {
            memory.begin_family(1);
            assert!(!memory.recall(0, 7, &mut stage));
            memory.keep(0, 7, b"a");
        }
        assert!(memory.recall(0, 7, &mut stage));
        let same_place = (8..).find(|key| Memory::place(0, *key) == Memory::place(0, 7)).unwrap();
        assert!(!memory.recall(0, same_place, &mut stage), "another key in the same place");
        memory.keep(0, 8, &[0; BLOCK + 1]);
        assert!(!memory.recall(0, 8, &mut stage), "it was too long");
        assert_eq!(stage.as_slice(), b"a");
    }
}
