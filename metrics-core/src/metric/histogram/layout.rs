//! Which bucket does an observation belong to?

use super::search::{Search, below_by_halves};
use crate::Error;
use crate::cell::{histogram, native, slots};
use crate::descriptor::Descriptor;
use crate::metric::buckets;
use crate::metric::native::pick_schema;
use crate::sync::Mutex;

/// The bounds of a histogram. Equal ones are one, and live as long as the process: a program has a handful, and a handle
/// that points to one for ever needs no reference count.
#[derive(Debug)]
pub struct Layout {
    /// Upper bounds without `+Inf`.
    pub(crate) bounds: Box<[f64]>,
    search: Search,
    has_table: bool,
    /// The bits of floats below this are those of values whose bucket [`Self::found`] finds, and for which nothing else is to
    /// be done; 0 if there are native buckets or no table.
    pub(crate) simple_below: u64,
    /// How native buckets are kept, if they are.
    pub(crate) native: Option<Native>,
    /// The words of a run.
    pub(crate) words: usize,
}

/// How native buckets are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Native {
    pub(crate) shape: native::Shape,
    pub(crate) zero_threshold: f64,
    pub(crate) max_buckets: usize,
}

static LAYOUTS: Mutex<Vec<&'static Layout>> = Mutex::new(Vec::new());

impl Layout {
    /// The layout that a descriptor asks for.
    pub(crate) fn of(descriptor: &Descriptor) -> Result<&'static Self, Error> {
        let classic = descriptor.classic || descriptor.native.is_none();
        let bounds = if classic { descriptor.buckets.as_deref().unwrap_or(buckets::DEFAULT) } else { &[] };
        let native = descriptor.native.map(|declared| Native {
            shape: native::Shape {
                classic: if classic { bounds.len() + 1 } else { 0 },
                schema: pick_schema(declared.factor),
            },
            zero_threshold: declared.zero_threshold,
            max_buckets: usize::from(declared.max_buckets),
        });
        let head = histogram::HEAD + native.map_or(0, |_| native::WORDS);
        let words = head + if classic { bounds.len() + 1 } else { 0 };
        if words > slots::LONGEST {
            return Err(Error::new(format!(
                "`{}` ({}:{}) has {} buckets; such a histogram can have {}: use fewer, or a native histogram alone",
                descriptor.name,
                descriptor.file,
                descriptor.line,
                bounds.len(),
                slots::LONGEST - head - 1
            )));
        }
        let mut layouts = LAYOUTS.lock();
        if let Some(layout) = layouts.iter().find(|layout| *layout.bounds == *bounds && layout.native == native) {
            return Ok(layout);
        }
        let layout: &'static Self = Box::leak(Box::new(Self::new(bounds, native, slots::length(words))));
        layouts.push(layout);
        Ok(layout)
    }

    fn new(bounds: &[f64], native: Option<Native>, words: usize) -> Self {
        let (search, has_table) = Search::new(bounds).map_or((Search::NONE, false), |search| (search, true));
        // The bits of floats that are not negative are in the order of the floats; those of negative ones are above all.
        let simple_below = if native.is_none() && has_table { f64::INFINITY.to_bits() } else { 0 };
        Self { bounds: bounds.into(), search, has_table, simple_below, native, words }
    }

    /// The bucket of a value whose bits are below [`Self::simple_below`].
    #[inline(always)]
    pub(crate) fn found(&self, value: f64) -> usize {
        self.search.below(value)
    }

    /// The index of the first bound that is at least `value`, or the number of bounds: how many bounds are below.
    pub(crate) fn bucket(&self, value: f64) -> usize {
        // Minus zero too is left to the other search.
        if self.has_table && value > 0.0 { self.search.below(value) } else { below_by_halves(&self.bounds, value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_in_the_first_bucket_whose_bound_is_not_below_it() {
        let layout = Layout::new(&[-1.0, 0.0, 0.5, 1.0, 2.5], None, 16);
        let cases = [
            (f64::NEG_INFINITY, 0),
            (-1.0, 0),
            (-0.5, 1),
            (-0.0, 1),
            (0.0, 1),
            (0.25, 2),
            (0.5, 2),
            (f64::MIN_POSITIVE, 2),
            (2.5, 4),
            (2.6, 5),
            (f64::INFINITY, 5),
        ];
        for (value, bucket) in cases {
            assert_eq!(layout.bucket(value), bucket, "{value}");
        }
    }
}
