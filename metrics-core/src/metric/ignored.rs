//! What becomes of records that cannot be made? They are counted, once for the whole process.

use once_cell::sync::Lazy;

use crate::cell::run::Place;
use crate::cell::{local, slots};
use crate::registry::Reader;
use crate::sync::Ordering;

const WORDS: usize = 2;

static PLACE: Lazy<Place> = Lazy::new(|| slots::allocate(WORDS).unwrap_or(slots::NOWHERE));

/// A record was ignored.
#[cold]
pub(crate) fn ignored() {
    local::record(*PLACE, WORDS, |run| run.add(1, 1, Ordering::Relaxed));
}

/// How many records of this process were ignored.
pub(crate) fn ignored_total() -> u64 {
    Lazy::get(&PLACE).map_or(0, |place| Reader::new().total(*place))
}
