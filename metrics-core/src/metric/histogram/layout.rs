//! Which bucket does an observation belong to?

use crate::Error;
use crate::cell::{histogram, slots};
use crate::descriptor::Descriptor;
use crate::metric::buckets;
use crate::sync::Mutex;

/// The bounds of a histogram. Equal ones are one, and live as long as the process: a program has a handful, and a handle
/// that points to one for ever needs no reference count.
#[derive(Debug)]
pub struct Layout {
    /// Upper bounds without `+Inf`.
    pub(crate) bounds: Box<[f64]>,
    /// The same, filled up with `+Inf` to whole groups.
    padded: Box<[[f64; GROUP]]>,
    /// The words of a run.
    pub(crate) words: usize,
}

/// Bounds that are compared at once.
const GROUP: usize = 4;

static LAYOUTS: Mutex<Vec<&'static Layout>> = Mutex::new(Vec::new());

impl Layout {
    /// The layout that a descriptor asks for.
    pub(crate) fn of(descriptor: &Descriptor) -> Result<&'static Self, Error> {
        let bounds = descriptor.buckets.as_deref().unwrap_or(buckets::DEFAULT);
        let words = histogram::HEAD + bounds.len() + 1;
        if words > slots::LONGEST {
            return Err(Error::new(format!(
                "`{}` ({}:{}) has {} buckets; a histogram can have {}: use fewer, or a native histogram",
                descriptor.name,
                descriptor.file,
                descriptor.line,
                bounds.len(),
                slots::LONGEST - histogram::HEAD - 1
            )));
        }
        let mut layouts = LAYOUTS.lock();
        if let Some(layout) = layouts.iter().find(|layout| *layout.bounds == *bounds) {
            return Ok(layout);
        }
        let layout: &'static Self = Box::leak(Box::new(Self::new(bounds, slots::length(words))));
        layouts.push(layout);
        Ok(layout)
    }

    fn new(bounds: &[f64], words: usize) -> Self {
        let padded =
            bounds.chunks(GROUP).map(|group| std::array::from_fn(|at| *group.get(at).unwrap_or(&f64::INFINITY)));
        Self { bounds: bounds.into(), padded: padded.collect(), words }
    }

    /// The index of the first bound that is at least `value`, or the number of bounds: how many bounds are below. No
    /// branch depends on the value; whole groups are compared at once.
    #[inline(always)]
    pub(crate) fn bucket(&self, value: f64) -> usize {
        let mut below = 0;
        for group in &self.padded {
            below += group.iter().map(|bound| usize::from(*bound < value)).sum::<usize>();
        }
        below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_in_the_first_bucket_whose_bound_is_not_below_it() {
        let layout = Layout::new(&[-1.0, 0.0, 0.5, 1.0, 2.5], 16);
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
