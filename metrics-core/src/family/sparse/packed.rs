//! How are labels kept in one piece? As a few words, which are told once, hashed and compared as they are.
//!
//! The first word, the head, has a byte for each label: 0 for one that is left out, the length of a text, or what it is
//! that follows. The words after it are what is told, each text in as many as it needs, the last one filled up with
//! zeros. Different labels are different words, so equal words are equal labels.

#[cfg(test)]
mod tests;

use crate::label::LabelVisitor;
use crate::sync::{AtomicU64, Ordering};
use crate::{LabelDeclaration, LabelSet, NoLabels};

use super::super::table::padded;
use super::super::word::small;
use super::overflow::Measured;
use super::record::Storing;
use crate::descriptor::{LabelDescriptor, LabelValues};

/// The words of a piece. With three or four labels there is room for some eighty bytes of text.
pub(super) const WORDS: usize = 12;
/// A power of two, so that an index needs no check, but a mask that changes nothing where the labels fit.
const ROOM: usize = 16;
/// Words are hashed and compared as many at once.
const STEP: usize = 2;
/// How many labels have a byte in the head.
pub(super) const LABELS: u32 = 8;
const WORD: usize = 8;
/// The longest text that fits.
const LONGEST: usize = (WORDS - 1) * WORD;
/// More words than there are, to begin with: what does not fit at once never does.
const TOO_MANY: usize = 1 << 20;

/// In the head, of a label whose index follows.
const ENUMERATED: u64 = 0x80;
/// In the head, of a label whose number follows.
const NUMBER: u64 = 0x81;
/// The head of a record whose labels are not in one piece. No labels have it.
const NOT_PACKED: u64 = u64::MAX;

const _: () = assert!(WORDS <= ROOM && WORDS % STEP == 0 && LONGEST < ENUMERATED as usize);

/// What hashes are made with.
pub(super) type Keys = [u64; WORDS];

/// Labels in one piece.
#[derive(Clone, Copy)]
pub(super) struct Packed<'a> {
    words: &'a Words,
    used: usize,
}

/// Where labels are put together.
pub(super) struct Words([u64; ROOM]);

impl Words {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self([0; ROOM])
    }

    /// The labels in one piece, if they fit. Asked for once.
    #[inline(always)]
    pub(super) fn pack<L: LabelSet>(&mut self, labels: &L) -> Option<Packed<'_>> {
        let mut packing = Packing { words: &mut self.0, head: 0, used: 1, told: 0 };
        labels.visit(&mut packing);
        let Packing { head, used, .. } = packing;
        self.0[0] = head;
        (used <= WORDS).then_some(Packed { words: self, used })
    }
}

impl Packed<'_> {
    /// Two different pieces have the same hash with a probability of about 2⁻³², whatever they are, since nobody knows the
    /// keys: sums of products, each of two words that a key was added to.
    #[inline(always)]
    pub(super) fn hash(self, keys: &Keys) -> u32 {
        let factor = |at: usize| u128::from(self.words.0[at].wrapping_add(keys[at]));
        let mut sum = 0_u128;
        for at in (0..WORDS).step_by(STEP) {
            if at >= self.used {
                break;
            }
            sum = sum.wrapping_add(factor(at) * factor(at + 1));
        }
        let folded = sum as u64 ^ (sum >> 64) as u64;
        (folded ^ folded >> 32) as u32
    }

    /// Whether a row holds the same. Beyond what is used there are zeros here and there.
    #[inline(always)]
    pub(super) fn is_in(self, row: &[AtomicU64; WORDS]) -> bool {
        let differs = |at: usize| self.words.0[at] ^ row[at].load(Ordering::Relaxed);
        let mut differ = 0;
        for at in (0..WORDS).step_by(STEP) {
            if at >= self.used {
                break;
            }
            differ |= differs(at) | differs(at + 1);
        }
        differ == 0
    }

    /// Each label, up to the last one that is not left out.
    #[inline(always)]
    fn parts(&self) -> Parts<'_> {
        Parts { head: self.words.0[0], words: &self.words.0, at: 1 }
    }

    /// What is known of the labels without their texts.
    pub(super) fn measured(self, labels: &[LabelDescriptor]) -> Measured {
        let (mut head, mut at, mut fitting, mut longest) = (self.words.0[0], 1, true, 0);
        for label in labels {
            let tag = head & 0xff;
            head >>= 8;
            fitting &= match (tag, label.values) {
                (0, _) => true,
                (ENUMERATED, LabelValues::Enumerated(all)) => self.words.0[at % ROOM] < all.len() as u64,
                (ENUMERATED, LabelValues::Dynamic) | (_, LabelValues::Enumerated(_)) => false,
                (NUMBER, LabelValues::Dynamic) => true,
                (len, LabelValues::Dynamic) => {
                    longest = longest.max(len as usize);
                    true
                }
            };
            at += match tag {
                ENUMERATED | NUMBER => 1,
                len => (len as usize).div_ceil(WORD),
            };
        }
        Measured { fitting: fitting && head == 0, longest }
    }

    /// Stores them in a record.
    pub(super) fn store(self, storing: &mut Storing<'_>) {
        for part in self.parts() {
            match part {
                Part::Absent => storing.absent(),
                Part::Enumerated(index) => storing.enumerated(index),
                Part::Number(number) => storing.unsigned(number),
                Part::Text(words, len) => storing.text_in_words(words, len),
            }
        }
    }

    /// Writes it into a row.
    pub(super) fn keep_in(self, row: &[AtomicU64; WORDS]) {
        self.words.0.iter().zip(row).take(WORDS).for_each(|(word, kept)| kept.store(*word, Ordering::Relaxed));
    }

    /// Marks a row as that of labels that are not in one piece.
    pub(super) fn keep_nothing_in(row: &[AtomicU64; WORDS]) {
        row[0].store(NOT_PACKED, Ordering::Relaxed);
    }
}

/// Puts labels together. Apart from the words, so that the rest stays in registers.
struct Packing<'a> {
    words: &'a mut [u64; ROOM],
    head: u64,
    used: usize,
    /// How many labels were told.
    told: u32,
}

impl Packing<'_> {
    #[inline(always)]
    fn tag(&mut self, tag: u64) {
        if self.told >= LABELS && tag != 0 {
            self.used = TOO_MANY;
        }
        self.head |= tag << (self.told % LABELS * 8);
        self.told += 1;
    }

    #[inline(always)]
    fn put(&mut self, at: usize, word: u64) {
        self.words[at % ROOM] = word;
    }

    #[inline(always)]
    fn one(&mut self, tag: u64, word: u64) {
        self.tag(tag);
        self.put(self.used, word);
        self.used += 1;
    }
}

impl LabelVisitor for Packing<'_> {
    #[inline(always)]
    fn enumerated(&mut self, index: usize) {
        self.one(ENUMERATED, index as u64);
    }

    /// An empty text is as one that is left out, and leaves no trace.
    #[inline(always)]
    fn text(&mut self, value: &str) {
        let bytes = value.as_bytes();
        let Some(end) = bytes.last_chunk() else {
            self.tag(bytes.len() as u64);
            self.put(self.used, padded(bytes));
            self.used += usize::from(!bytes.is_empty());
            return;
        };
        // In any case, so that the place of the next label's tag is a constant.
        self.tag(bytes.len() as u64 & 0x7f);
        if bytes.len() > LONGEST {
            self.used = TOO_MANY;
            return;
        }
        let mut rest = bytes;
        while let Some((word, more)) = rest.split_first_chunk() {
            if more.is_empty() {
                break;
            }
            self.put(self.used, u64::from_le_bytes(*word));
            self.used += 1;
            rest = more;
        }
        // The word that ends with the text, without the bytes that stand in the one before.
        self.put(self.used, u64::from_le_bytes(*end) >> (8 * (bytes.len().wrapping_neg() % WORD)));
        self.used += 1;
    }

    #[inline]
    fn unsigned(&mut self, value: u64) {
        match small(value) {
            Some(_) => self.one(NUMBER, value),
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

    /// Labels that are left out at the end are as if they had not been told.
    #[inline(always)]
    fn absent(&mut self) {
        self.told += 1;
    }
}

/// Tells what it was told.
impl LabelSet for Packed<'_> {
    type Schema = NoLabels;
    const LABELS: &'static [LabelDeclaration] = &[];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        for part in self.parts() {
            match part {
                Part::Absent => visitor.absent(),
                Part::Enumerated(index) => visitor.enumerated(index),
                Part::Number(number) => visitor.unsigned(number),
                Part::Text(words, len) => {
                    let mut bytes = [0; LONGEST];
                    for (into, word) in bytes.chunks_exact_mut(WORD).zip(words) {
                        into.copy_from_slice(&word.to_le_bytes());
                    }
                    // It was a text when it was told.
                    visitor.text(std::str::from_utf8(&bytes[..len]).unwrap_or_default());
                }
            }
        }
    }
}

/// Takes a piece apart.
struct Parts<'a> {
    /// Of the labels that are left.
    head: u64,
    words: &'a [u64; ROOM],
    at: usize,
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Part<'a>> {
        if self.head == 0 {
            return None;
        }
        let (tag, first) = (self.head & 0xff, self.at);
        self.head >>= 8;
        let (count, part) = match tag {
            0 => (0, Part::Absent),
            ENUMERATED => (1, Part::Enumerated(self.words[first % ROOM] as usize)),
            NUMBER => (1, Part::Number(self.words[first % ROOM])),
            len => {
                let count = (len as usize).div_ceil(WORD);
                (count, Part::Text(self.words.get(first..first + count)?, len as usize))
            }
        };
        self.at += count;
        Some(part)
    }
}

/// What is told of one label.
enum Part<'a> {
    Absent,
    Enumerated(usize),
    Number(u64),
    /// The words of a text, and its length.
    Text(&'a [u64], usize),
}
