//! How are labels told without their owner's code? [`LabelSet::visit`] may be written by hand: it may panic, take its time,
//! or use the family that it is asked for, and so it must not run under the family's lock.

use crate::label::LabelVisitor;
use crate::{LabelDeclaration, LabelSet, NoLabels};

/// Labels as a visit has told them.
pub(super) struct Told {
    words: Vec<Word>,
    /// All texts, one after the other.
    texts: String,
}

enum Word {
    Enumerated(usize),
    /// A text of so many bytes.
    Text(usize),
    Unsigned(u64),
    Signed(i64),
    Absent,
}

impl Told {
    pub(super) fn by(labels: &impl LabelSet, count: usize) -> Self {
        let mut told = Self { words: Vec::with_capacity(count), texts: String::new() };
        labels.visit(&mut told);
        told
    }
}

impl LabelVisitor for Told {
    fn enumerated(&mut self, index: usize) {
        self.words.push(Word::Enumerated(index));
    }

    fn text(&mut self, value: &str) {
        self.words.push(Word::Text(value.len()));
        self.texts.push_str(value);
    }

    fn unsigned(&mut self, value: u64) {
        self.words.push(Word::Unsigned(value));
    }

    fn signed(&mut self, value: i64) {
        self.words.push(Word::Signed(value));
    }

    fn absent(&mut self) {
        self.words.push(Word::Absent);
    }
}

impl LabelSet for Told {
    type Schema = NoLabels;
    const LABELS: &'static [LabelDeclaration] = &[];

    fn index(&self) -> usize {
        0
    }

    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        let mut rest = self.texts.as_str();
        for word in &self.words {
            match *word {
                Word::Enumerated(index) => visitor.enumerated(index),
                Word::Text(len) => {
                    let (text, after) = rest.split_at(len);
                    rest = after;
                    visitor.text(text);
                }
                Word::Unsigned(value) => visitor.unsigned(value),
                Word::Signed(value) => visitor.signed(value),
                Word::Absent => visitor.absent(),
            }
        }
    }
}
