//! How are the series of enumerable labels kept? As an array; a label set is an index into it.

use std::sync::Arc;

use super::core::{Pass, Progress};
use super::sparse::Hit;
use crate::cell::run::Place;
use crate::cell::slots::NOWHERE;
use crate::descriptor::{Descriptor, LabelDescriptor, LabelValues};
use crate::encode::{Encoder, Timestamp};
use crate::label::LabelVisitor;
use crate::metric::{Series, ignored};
use crate::sync::{AtomicU64, Ordering, zeroed_u64s};
use crate::{Error, LabelSet};

/// The most combinations of label values that exist from the start.
pub(crate) const MOST_COMBINATIONS: usize = 4096;

pub(crate) struct Dense<M: Series> {
    shape: M::Shape,
    /// By index; empty where looking up leaves a mark, so that one comparison tells the common case.
    places: Arc<[Place]>,
    created: Timestamp,
    labels: Box<[LabelDescriptor]>,
    /// Where series are written only once somebody has looked them up.
    marked: Option<Marked>,
}

struct Marked {
    places: Arc<[Place]>,
    /// A bit a series.
    looked_up: Box<[AtomicU64]>,
}

impl<M: Series> Dense<M> {
    pub(crate) fn new(shape: M::Shape, descriptor: &Descriptor) -> Result<Self, Error> {
        let combinations = combinations(descriptor)?;
        let places: Arc<[Place]> = (0..combinations).map(|_| M::allocate(shape).unwrap_or(NOWHERE)).collect();
        if places.contains(&NOWHERE) {
            places.iter().filter(|place| **place != NOWHERE).for_each(|place| M::free(shape, *place));
            return Err(Error::new(format!(
                "`{}` ({}:{}) needs {combinations} series, and the process has no room for them: remove series or metrics \
                 that are no longer needed",
                descriptor.name, descriptor.file, descriptor.line
            )));
        }
        let (places, marked) = if descriptor.zero_init {
            (places, None)
        } else {
            (Arc::default(), Some(Marked { places, looked_up: zeroed_u64s(combinations.div_ceil(64)) }))
        };
        Ok(Self { shape, places, created: Timestamp::now(), labels: descriptor.labels.clone().into(), marked })
    }

    pub(super) fn labels(&self) -> &[LabelDescriptor] {
        &self.labels
    }

    /// All places by index; none where looking up leaves a mark.
    pub(super) fn by_index(&self) -> Arc<[Place]> {
        self.places.clone()
    }

    /// Where the series of this index is; see [`super::Family::with`].
    #[inline]
    pub(super) fn find(&self, index: usize) -> Place {
        match self.places.get(index) {
            Some(place) => *place,
            None => self.find_marked(index),
        }
    }

    /// The same for labels as they are told. Those that are not the family's are nowhere, which counts as a record that was
    /// ignored.
    pub(super) fn find_told(&self, labels: &impl LabelSet) -> Hit {
        let mut indexing = Indexing { labels: self.labels.iter(), index: Some(0) };
        labels.visit(&mut indexing);
        match indexing.finish() {
            Some(index) => Hit::new(self.find(index), false),
            None => {
                ignored();
                Hit::NOWHERE
            }
        }
    }

    #[inline(never)]
    fn find_marked(&self, index: usize) -> Place {
        // An index out of range can only come from a `LabelSet` that breaks its contract: its records go nowhere, which counts
        // as one that was ignored.
        let Some((marked, place)) = self.marked.as_ref().and_then(|marked| Some((marked, marked.places.get(index)?)))
        else {
            ignored();
            return NOWHERE;
        };
        mark(&marked.looked_up, index);
        *place
    }

    /// All places, by index.
    fn places(&self) -> &[Place] {
        self.marked.as_ref().map_or(&*self.places, |marked| &marked.places)
    }

    pub(crate) fn len(&self) -> usize {
        (0..self.places().len()).filter(|index| self.is_written(*index)).count()
    }

    fn is_written(&self, index: usize) -> bool {
        let bit = |words: &[AtomicU64]| words[index / 64].load(Ordering::Relaxed) >> (index % 64) & 1 == 1;
        self.marked.as_ref().is_none_or(|marked| bit(&marked.looked_up))
    }

    pub(crate) fn write(&self, progress: &mut Progress, pass: &mut Pass<'_>) -> bool {
        let tells_created = M::COUNTS && pass.encoder.tells_created();
        while let Some(place) = self.places().get(progress.next) {
            if pass.out.len() >= pass.limit {
                return false;
            }
            if self.is_written(progress.next) {
                pass.encoder.start_row();
                write_labels(&self.labels, progress.next, pass.encoder);
                if tells_created {
                    pass.encoder.created(self.created);
                }
                if M::write(self.shape, *place, pass.reader, pass.encoder, pass.out).is_err() {
                    pass.left_out += 1;
                }
            }
            progress.next += 1;
        }
        true
    }
}

impl<M: Series> Drop for Dense<M> {
    fn drop(&mut self) {
        self.places().iter().for_each(|place| M::free(self.shape, *place));
    }
}

#[inline]
fn mark(looked_up: &[AtomicU64], index: usize) {
    let bit = 1 << (index % 64);
    if let Some(word) = looked_up.get(index / 64).filter(|word| word.load(Ordering::Relaxed) & bit == 0) {
        mark_now(word, bit);
    }
}

#[cold]
#[inline(never)]
fn mark_now(word: &AtomicU64, bit: u64) {
    word.fetch_or(bit, Ordering::Relaxed);
}

/// The number of label sets, if it is allowed.
fn combinations(descriptor: &Descriptor) -> Result<usize, Error> {
    let product = descriptor.labels.iter().try_fold(1_usize, |product, label| product.checked_mul(cardinality(label)));
    product.filter(|product| (1..=MOST_COMBINATIONS).contains(product)).ok_or_else(|| {
        let factors: Vec<String> =
            descriptor.labels.iter().map(|label| format!("{} of `{}`", cardinality(label), label.name)).collect();
        Error::new(format!(
            "`{}` ({}:{}) has {} = {} combinations of label values; all of them exist from the start, and at most \
             {MOST_COMBINATIONS} are allowed: take a label away, or make one a string, so that series exist once used",
            descriptor.name,
            descriptor.file,
            descriptor.line,
            factors.join(" × "),
            product.map_or("too many".to_owned(), |product| product.to_string()),
        ))
    })
}

fn cardinality(label: &LabelDescriptor) -> usize {
    match label.values {
        LabelValues::Enumerated(values) => values.len() + usize::from(label.optional),
        LabelValues::Dynamic => 0,
    }
}

/// Finds the index of labels that are told one by one.
struct Indexing<'a> {
    labels: std::slice::Iter<'a, LabelDescriptor>,
    /// Of those so far; `None` if one is not the family's.
    index: Option<usize>,
}

impl Indexing<'_> {
    /// The index, if all labels were told. Those that are missing are left out.
    fn finish(mut self) -> Option<usize> {
        while !self.labels.as_slice().is_empty() {
            self.absent();
        }
        self.index
    }

    fn next(&mut self, value: impl FnOnce(&LabelDescriptor) -> Option<usize>) {
        let index = self.index.take();
        let Some(label) = self.labels.next() else { return };
        // Below the number of combinations, which is small.
        self.index = index.zip(value(label)).map(|(index, value)| index * cardinality(label) + value);
    }
}

impl LabelVisitor for Indexing<'_> {
    fn enumerated(&mut self, index: usize) {
        self.next(|label| Some(index).filter(|index| *index < values(label).len()));
    }

    fn text(&mut self, value: &str) {
        if value.is_empty() {
            return self.absent();
        }
        self.next(|label| values(label).iter().position(|known| *known == value));
    }

    fn unsigned(&mut self, value: u64) {
        self.text(itoa::Buffer::new().format(value));
    }

    fn signed(&mut self, value: i64) {
        self.text(itoa::Buffer::new().format(value));
    }

    fn absent(&mut self) {
        // What is left out beyond the labels changes nothing.
        if !self.labels.as_slice().is_empty() {
            self.next(|label| label.optional.then(|| values(label).len()));
        }
    }
}

fn values(label: &LabelDescriptor) -> &'static [&'static str] {
    match label.values {
        LabelValues::Enumerated(values) => values,
        LabelValues::Dynamic => &[],
    }
}

/// Tells the labels of the set at `index`: the last label varies fastest, "left out" comes after the values.
fn write_labels(labels: &[LabelDescriptor], mut index: usize, encoder: &mut dyn Encoder) {
    let mut stride: usize = labels.iter().map(cardinality).product();
    for (at, label) in labels.iter().enumerate() {
        stride /= cardinality(label);
        let LabelValues::Enumerated(values) = label.values else { continue };
        let value = index / stride;
        // At most 4096 combinations.
        let key = value as u32 + 1;
        if let Some(text) = values.get(value).filter(|_| !encoder.recall_label(at, key)) {
            encoder.keyed_label(at, key, text.as_bytes());
        }
        index %= stride;
    }
}
