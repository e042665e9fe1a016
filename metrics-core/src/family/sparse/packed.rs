//! How are labels kept in one piece? As a few words, which are told once, hashed and compared as they are.
//!
//! The first word, the head, has a byte for each label: 0 for one that is left out, the length of a text, or what it is
//! that follows. The words after it are what is told, each text in as many as it needs, the last one filled up with
//! zeros. Different labels are different words, so equal words are equal labels.

use crate::label::LabelVisitor;
use crate::sync::{AtomicU64, Ordering};
use crate::{LabelDeclaration, LabelSet, NoLabels};

use super::super::table::padded;
use super::super::word::small;

/// The words of a piece, an even number. With three or four labels there is room for some eighty bytes of text.
pub(super) const WORDS: usize = 12;
/// How many labels have a byte in the head.
const LABELS: u32 = 8;
const WORD: usize = 8;
/// More words than there are, to begin with: what does not fit at once never does.
const TOO_MANY: usize = 1 << 20;

/// In the head, of a label whose index follows.
const ENUMERATED: u64 = 0x80;
/// In the head, of a label whose number follows.
const NUMBER: u64 = 0x81;
/// The head of a record whose labels are not in one piece. No labels have it.
const NOT_PACKED: u64 = u64::MAX;

const _: () = assert!(WORDS % 2 == 0 && (WORDS - 1) * WORD < ENUMERATED as usize);

/// What hashes are made with.
pub(super) type Keys = [u64; WORDS];

/// Labels in one piece, if they fit.
pub(super) struct Packed {
    words: [u64; WORDS],
    head: u64,
    used: usize,
    /// How many labels were told.
    told: u32,
}

impl Packed {
    #[inline(always)]
    pub(super) fn of<L: LabelSet>(labels: &L) -> Self {
        let mut packed = Self { words: [0; WORDS], head: 0, used: 1, told: 0 };
        labels.visit(&mut packed);
        packed.words[0] = packed.head;
        packed
    }

    /// Whether all labels are in it.
    #[inline(always)]
    pub(super) fn fits(&self) -> bool {
        self.used <= WORDS
    }

    /// Two different pieces have the same hash with a probability of about 2⁻³², whatever they are, since nobody knows the
    /// keys: sums of products, each of two words that a key was added to.
    #[inline(always)]
    pub(super) fn hash(&self, keys: &Keys) -> u32 {
        let mut sum = 0_u128;
        for (words, keys) in self.words.chunks_exact(2).zip(keys.chunks_exact(2)) {
            sum = sum
                .wrapping_add(u128::from(words[0].wrapping_add(keys[0])) * u128::from(words[1].wrapping_add(keys[1])));
        }
        let folded = sum as u64 ^ (sum >> 64) as u64;
        (folded ^ folded >> 32) as u32
    }

    /// Whether a row holds the same.
    #[inline(always)]
    pub(super) fn is_in(&self, row: &[AtomicU64]) -> bool {
        let words = self.words.get(..self.used).unwrap_or_default();
        row.len() >= words.len()
            && words.iter().zip(row).fold(0, |differ, (word, kept)| differ | (word ^ kept.load(Ordering::Relaxed))) == 0
    }

    /// Writes it into a row.
    pub(super) fn keep_in(&self, row: &[AtomicU64]) {
        self.words.iter().zip(row).for_each(|(word, kept)| kept.store(*word, Ordering::Relaxed));
    }

    /// Marks a row as that of labels that are not in one piece.
    pub(super) fn keep_nothing_in(row: &[AtomicU64]) {
        if let Some(head) = row.first() {
            head.store(NOT_PACKED, Ordering::Relaxed);
        }
    }

    #[inline(always)]
    fn tag(&mut self, tag: u64) {
        if self.told >= LABELS {
            self.used = TOO_MANY;
        }
        self.head |= tag << (self.told % LABELS * 8);
        self.told += 1;
    }

    /// Room for so many words.
    #[inline(always)]
    fn room(&mut self, count: usize) -> Option<&mut [u64]> {
        let start = self.used;
        let end = start + count;
        self.used = if end <= WORDS { end } else { TOO_MANY };
        self.words.get_mut(start..end)
    }

    #[inline(always)]
    fn one(&mut self, tag: u64, word: u64) {
        self.tag(tag);
        if let Some([into]) = self.room(1) {
            *into = word;
        }
    }
}

impl LabelVisitor for Packed {
    #[inline(always)]
    fn enumerated(&mut self, index: usize) {
        self.one(ENUMERATED, index as u64);
    }

    #[inline(always)]
    fn text(&mut self, value: &str) {
        let bytes = value.as_bytes();
        if bytes.is_empty() {
            return self.absent();
        }
        self.tag(bytes.len() as u64);
        let Some((last, words)) = self.room(bytes.len().div_ceil(WORD)).and_then(<[u64]>::split_last_mut) else {
            return;
        };
        for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(WORD)) {
            *word = bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        }
        *last = match bytes.last_chunk() {
            // The word that ends with the text, without the bytes that stand in the one before.
            Some(end) => u64::from_le_bytes(*end) >> (8 * (bytes.len().wrapping_neg() % WORD)),
            None => padded(bytes),
        };
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
impl LabelSet for Packed {
    type Schema = NoLabels;
    const LABELS: &'static [LabelDeclaration] = &[];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        let mut bytes = [0; WORDS * WORD];
        for (into, word) in bytes.chunks_exact_mut(WORD).zip(&self.words) {
            into.copy_from_slice(&word.to_le_bytes());
        }
        let mut at = 1;
        for tag in self.head.to_le_bytes().into_iter().take(self.told as usize) {
            let word = self.words.get(at).copied().unwrap_or(0);
            match u64::from(tag) {
                0 => visitor.absent(),
                ENUMERATED => visitor.enumerated(word as usize),
                NUMBER => visitor.unsigned(word),
                len => {
                    let text = bytes.get(at * WORD..at * WORD + len as usize).unwrap_or_default();
                    // It was a text when it was told.
                    visitor.text(std::str::from_utf8(text).unwrap_or_default());
                    at += text.len().div_ceil(WORD);
                    continue;
                }
            }
            at += usize::from(tag != 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::told::Told;
    use super::*;
    use crate::sync::zeroed_u64s;

    #[derive(Clone, Debug, PartialEq)]
    enum Label {
        Absent,
        Text(String),
        Enumerated(usize),
        Number(u32),
    }

    struct Set<'a>(&'a [Label]);

    impl LabelSet for Set<'_> {
        type Schema = NoLabels;
        const LABELS: &'static [LabelDeclaration] = &[];

        fn index(&self) -> usize {
            0
        }

        fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
            for label in self.0 {
                match label {
                    Label::Absent => visitor.absent(),
                    Label::Text(text) => visitor.text(text),
                    Label::Enumerated(index) => visitor.enumerated(*index),
                    Label::Number(number) => visitor.unsigned((*number).into()),
                }
            }
        }
    }

    /// What a set tells, without labels that are left out at its end.
    impl LabelVisitor for Vec<Label> {
        fn enumerated(&mut self, index: usize) {
            self.push(Label::Enumerated(index));
        }

        fn text(&mut self, value: &str) {
            self.push(if value.is_empty() { Label::Absent } else { Label::Text(value.to_owned()) });
        }

        fn unsigned(&mut self, value: u64) {
            self.push(Label::Number(value as u32));
        }

        fn signed(&mut self, _: i64) {}

        fn absent(&mut self) {
            self.push(Label::Absent);
        }
    }

    fn told(set: &impl LabelSet) -> Vec<Label> {
        let mut told = Vec::new();
        set.visit(&mut told);
        while told.last() == Some(&Label::Absent) {
            told.pop();
        }
        told
    }

    /// Much alike, so that sets are often equal, or differ in little.
    fn label() -> impl Strategy<Value = Label> {
        prop_oneof![
            Just(Label::Absent),
            "[ab\0é]{0,3}".prop_map(Label::Text),
            "a{0,90}b{0,2}".prop_map(Label::Text),
            (0..3_usize).prop_map(Label::Enumerated),
            (0..3_u32).prop_map(Label::Number),
        ]
    }

    proptest! {
        #[test]
        fn labels_in_one_piece_are_told_as_they_were(set in prop::collection::vec(label(), 0..10)) {
            let packed = Packed::of(&Set(&set));
            prop_assume!(packed.fits());
            prop_assert_eq!(told(&packed), told(&Set(&set)));
        }

        #[test]
        fn pieces_are_equal_where_labels_are(sets in prop::array::uniform2(prop::collection::vec(label(), 0..4))) {
            let [one, other] = [&sets[0], &sets[1]].map(|set| Packed::of(&Set(set)));
            prop_assume!(one.fits() && other.fits());
            let row = zeroed_u64s(WORDS);
            one.keep_in(&row);
            let keys = std::array::from_fn(|at| (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let equal = told(&Set(&sets[0])) == told(&Set(&sets[1]));
            prop_assert_eq!(other.is_in(&row), equal);
            prop_assert_eq!(other.hash(&keys) == one.hash(&keys), equal);
            prop_assert!(one.is_in(&row));
            Packed::keep_nothing_in(&row);
            prop_assert!(!one.is_in(&row));
        }
    }

    #[test]
    fn what_is_long_or_much_does_not_fit() {
        let text = |len: usize| Label::Text("x".repeat(len));
        assert!(Packed::of(&Set(&[text(88)])).fits());
        assert!(!Packed::of(&Set(&[text(89)])).fits());
        assert!(!Packed::of(&Set(&[text(1000), text(1)])).fits());
        assert!(!Packed::of(&Set(&[text(80), text(8), text(1)])).fits());
        assert!(Packed::of(&Set(&vec![Label::Number(1); 8])).fits());
        assert!(!Packed::of(&Set(&vec![Label::Number(1); 9])).fits());
        let mut left_out = vec![Label::Number(1); 8];
        left_out.extend([Label::Absent, Label::Absent]);
        assert!(Packed::of(&Set(&left_out)).fits(), "what is left out needs no room");
        let told = Told::by(&Set(&[text(3)]), 1);
        assert!(Packed::of(&told).is_in(&{
            let row = zeroed_u64s(WORDS);
            Packed::of(&Set(&[text(3)])).keep_in(&row);
            row
        }));
    }
}
