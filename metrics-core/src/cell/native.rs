//! How are native (exponential) buckets kept per thread? In a dense window that follows the data, at a resolution of the
//! thread's own, with a small table for what lies far outside.
//!
//! Words behind the classic buckets: the plan, the last classic bucket, the zero bucket, the two infinite ones, and two
//! areas of cells of which one is current. The *plan* says in one word which area is current, at which resolution it is,
//! and which indexes its windows begin with. A value within a window costs one cell. One outside makes the owner fill the
//! other area after a new plan and then publish that plan (cold): windows move to where the data is; indexes that do not
//! fit go to the table; where that is full, the resolution is halved. A plan never comes back: data only spreads.
//!
//! Reading is as in `histogram.rs`: the sum of N's parity between two equal passes over all words, the plan included. That
//! needs words which do not come back to what they were. Those of an area do, once it is filled anew; hence the plan is
//! looked at once more in the end: is it still the same, then no word was of a later filling, since those are stored after
//! a later plan, and under one plan a count only rises and an index is written once.
//!
//! Where there are classic buckets too, their store comes first. A writer stopped between the two stores has counted one
//! observation more there: the reader finds it in the word of the last classic bucket and takes it back.

use super::directory::{Arena, Chunk};
use super::help;
use super::histogram::{ATTEMPTS, COUNT, HEAD, SUMS};
use super::run::{Place, Run};
use crate::sync::Ordering;

#[cfg(not(metrics_loom))]
mod sizes {
    /// Cells of both windows together. With the table it has room for all buckets of both signs at the coarsest resolution.
    pub(super) const CELLS: usize = 256;
    /// Entries of the table: an index word and a count each.
    pub(super) const TABLE: usize = 16;
}

/// Small, so that a model moves windows, fills the table and halves the resolution within three observations.
#[cfg(metrics_loom)]
mod sizes {
    pub(super) const CELLS: usize = 2;
    pub(super) const TABLE: usize = 1;
}

use sizes::{CELLS, TABLE};

const AREA: usize = CELLS + 2 * TABLE;
const COARSEST: i32 = -4;

const PLAN: usize = 0;
const LAST: usize = 1;
pub(crate) const ZERO: usize = 2;
const INFINITE: usize = 3;
const NEGATIVE_INFINITE: usize = 4;
const AREAS: usize = 5;

/// The words of native buckets.
pub(crate) const WORDS: usize = AREAS + 2 * AREA;

/// Indexes are below 2^19 in both directions, windows included.
const OFFSET: i32 = 1 << 19;

/// Where the current cells are, and what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) schema: i32,
    area: usize,
    /// First index and number of cells, of positive and of negative values.
    windows: [(i32, usize); 2],
}

impl Plan {
    /// The plan before the first observation: no window at all.
    fn empty(schema: i32) -> Self {
        Self { schema, area: 0, windows: [(0, 0); 2] }
    }

    /// In one word, which is never zero.
    fn pack(self) -> u64 {
        let window = |(first, cells): (i32, usize)| ((first + OFFSET) as u64) << 9 | cells as u64;
        let schema = (self.schema - COARSEST) as u64;
        1 << 63 | (self.area as u64) << 62 | schema << 58 | window(self.windows[1]) << 29 | window(self.windows[0])
    }

    #[inline(always)]
    fn unpack(word: u64) -> Option<Self> {
        let window = |bits: u64| ((bits >> 9 & 0xf_ffff) as i32 - OFFSET, (bits & 0x1ff) as usize);
        let schema = (word >> 58 & 0xf) as i32 + COARSEST;
        let plan = Self { schema, area: (word >> 62 & 1) as usize, windows: [window(word), window(word >> 29)] };
        (word != 0).then_some(plan)
    }

    /// The cell of an index, if a window has it; from the beginning of the area.
    #[inline(always)]
    fn cell(self, negative: bool, index: i32) -> Option<usize> {
        let (first, cells) = self.windows[usize::from(negative)];
        let at = index.wrapping_sub(first) as u32 as usize;
        (at < cells).then(|| at + if negative { self.windows[0].1 } else { 0 })
    }

    fn area_at(self, base: usize) -> usize {
        base + AREAS + self.area * AREA
    }
}

/// The index of the bucket that holds this one, `steps` resolutions coarser.
#[inline]
pub(crate) const fn downscale(index: i32, steps: u32) -> i32 {
    (index + ((1 << steps) - 1)) >> steps
}

/// What is to be counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Zero,
    Infinite { negative: bool },
    Finite { negative: bool },
}

/// How a run is laid out, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Classic buckets, `+Inf` included; 0 if there are none.
    pub(crate) classic: usize,
    /// The resolution to begin with.
    pub(crate) schema: i32,
}

/// Counts one observation. `value` is what it adds to the sum, `bucket` its classic bucket, `index_at` its native one at
/// a resolution.
#[inline]
pub(crate) fn observe(run: Run, shape: Shape, kind: Kind, bucket: usize, value: f64, index_at: impl Fn(i32) -> i32) {
    let base = HEAD + shape.classic;
    let cell = base
        + match kind {
            Kind::Zero => ZERO,
            Kind::Infinite { negative } => INFINITE + usize::from(negative),
            Kind::Finite { negative } => {
                let plan = Plan::unpack(run.load(base + PLAN, Ordering::Relaxed));
                let found =
                    plan.and_then(|plan| plan.cell(negative, index_at(plan.schema)).map(|cell| plan.area_at(0) + cell));
                found.unwrap_or_else(|| {
                    find_place(run, base, plan.unwrap_or(Plan::empty(shape.schema)), negative, &index_at)
                })
            }
        };
    let number = run.load(COUNT, Ordering::Relaxed).wrapping_add(1);
    let before = f64::from_bits(run.load(SUMS + (number.wrapping_sub(1) & 1) as usize, Ordering::Relaxed));
    // Release, each of these: a reader that sees a store sees those before it; partner are the Acquire loads of
    // `try_read`.
    if shape.classic > 0 {
        run.store(base + LAST, bucket as u64, Ordering::Release);
    }
    run.store(SUMS + (number & 1) as usize, (before + value).to_bits(), Ordering::Release);
    if shape.classic > 0 {
        run.add(HEAD + bucket, 1, Ordering::Release);
    }
    run.add(cell, 1, Ordering::Release);
    run.store(COUNT, number, Ordering::Relaxed);
}

/// One occupied bucket of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    negative: bool,
    index: i32,
    count: u64,
}

/// The word of a table entry's index.
fn table_word(negative: bool, index: i32) -> u64 {
    u64::from(negative) << 32 | u64::from(index as u32)
}

/// Finds a place for an index that no window has, and makes one if need be. From the beginning of the native words.
#[cold]
fn find_place(run: Run, base: usize, plan: Plan, negative: bool, index_at: &dyn Fn(i32) -> i32) -> usize {
    let index = index_at(plan.schema);
    let table = AREAS + plan.area * AREA + CELLS;
    let word = |offset: usize| run.load(base + offset, Ordering::Relaxed);
    let used = (0..TABLE).take_while(|entry| word(table + 2 * entry + 1) > 0).count();
    if let Some(entry) = (0..used).find(|entry| word(table + 2 * entry) == table_word(negative, index)) {
        return table + 2 * entry + 1;
    }
    let mut entries = occupied(plan, &|offset| word(AREAS + plan.area * AREA + offset));
    entries.push(Entry { negative, index, count: 0 });
    if let Some(windows) = windows(&entries, 0) {
        return rearrange(run, base, Plan { windows, area: 1 - plan.area, ..plan }, &entries, negative, index);
    }
    if used < TABLE {
        // The count's Release store in `observe` publishes the index.
        run.store(base + table + 2 * used, table_word(negative, index), Ordering::Relaxed);
        return table + 2 * used + 1;
    }
    let mut schema = plan.schema;
    loop {
        if let Some(windows) = windows(&entries, TABLE) {
            let plan = Plan { schema, windows, area: 1 - plan.area };
            return rearrange(run, base, plan, &entries, negative, index_at(schema));
        }
        // At the coarsest resolution everything fits, see `sizes::CELLS`.
        schema -= 1;
        halve(&mut entries);
    }
}

/// The occupied buckets of an area.
fn occupied(plan: Plan, word: &dyn Fn(usize) -> u64) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(AREA);
    let mut cell = 0;
    for (negative, (first, cells)) in [false, true].into_iter().zip(plan.windows) {
        for at in 0..cells {
            entries.push(Entry { negative, index: first + at as i32, count: word(cell) });
            cell += 1;
        }
    }
    for entry in 0..TABLE {
        let (index, count) = (word(CELLS + 2 * entry), word(CELLS + 2 * entry + 1));
        entries.push(Entry { negative: index >> 32 != 0, index: index as u32 as i32, count });
    }
    entries.retain(|entry| entry.count > 0);
    entries
}

/// The same buckets at half the resolution.
fn halve(entries: &mut Vec<Entry>) {
    entries.iter_mut().for_each(|entry| entry.index = downscale(entry.index, 1));
    entries.sort_unstable_by_key(|entry| (entry.negative, entry.index));
    entries.dedup_by(|next, kept| {
        let same = (next.negative, next.index) == (kept.negative, kept.index);
        if same {
            kept.count += next.count;
        }
        same
    });
}

/// Windows over all entries but at most `outside` ones; `None` if they do not fit. Entries at the ends are left outside
/// where that shortens the windows most. What is not needed lies around the windows, so that the data can spread.
fn windows(entries: &[Entry], outside: usize) -> Option<[(i32, usize); 2]> {
    let side = |negative: bool| {
        let own = entries.iter().filter(|entry| entry.negative == negative);
        let mut indexes: Vec<i32> = own.map(|entry| entry.index).collect();
        indexes.sort_unstable();
        indexes
    };
    let sides = [side(false), side(true)];
    let mut sides: [&[i32]; 2] = [&sides[0], &sides[1]];
    let length = |side: &[i32]| side.last().zip(side.first()).map_or(0, |(last, first)| (last - first + 1) as usize);
    let mut left = outside;
    while length(sides[0]) + length(sides[1]) > CELLS {
        left = left.checked_sub(1)?;
        let shorter = |side: usize, from_front: bool| -> &[i32] {
            let side = sides[side];
            if from_front { side.get(1..).unwrap_or_default() } else { &side[..side.len().saturating_sub(1)] }
        };
        let ends = [(0, true), (0, false), (1, true), (1, false)];
        let saved = |&(side, front): &(usize, bool)| length(sides[side]) - length(shorter(side, front));
        let (side, front) = ends.into_iter().max_by_key(saved)?;
        sides[side] = shorter(side, front);
    }
    let spare = CELLS - length(sides[0]) - length(sides[1]);
    let shares = sides.iter().filter(|side| !side.is_empty()).count().max(1);
    Some(sides.map(|side| match side.first() {
        Some(first) => (first - (spare / shares / 2) as i32, length(side) + spare / shares),
        None => (0, 0),
    }))
}

/// Fills the other area after a new plan, publishes the plan, and returns the place of an index, which is among the
/// entries.
fn rearrange(run: Run, base: usize, plan: Plan, entries: &[Entry], negative: bool, index: i32) -> usize {
    let area = plan.area_at(base);
    // Release, as all stores into the area: a reader that still goes by the last plan of this area, and sees one of
    // them, sees in the end that another plan was published meanwhile.
    (0..AREA).for_each(|offset| run.store(area + offset, 0, Ordering::Release));
    let mut used = 0;
    let mut place = None;
    for entry in entries {
        let cell = plan.cell(entry.negative, entry.index).unwrap_or_else(|| {
            used += 1;
            run.store(area + CELLS + 2 * (used - 1), table_word(entry.negative, entry.index), Ordering::Release);
            CELLS + 2 * (used - 1) + 1
        });
        if (entry.negative, entry.index) == (negative, index) {
            place = Some(cell);
        }
        run.add(area + cell, entry.count, Ordering::Release);
    }
    // Release: a reader that sees the plan sees the area that it describes.
    run.store(base + PLAN, plan.pack(), Ordering::Release);
    // The index is among the entries; were it not, the zero bucket would still keep the count.
    place.map_or(ZERO, |cell| plan.area_at(0) + cell)
}

/// What all threads together have counted.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub(crate) zero: u64,
    pub(crate) infinite: [u64; 2],
    /// Resolution, sign, index and count of the occupied buckets, of each thread by itself.
    pub(crate) buckets: Vec<(i32, bool, i32, u64)>,
}

impl Counted {
    pub(crate) fn clear(&mut self) {
        self.buckets.clear();
        (self.zero, self.infinite) = (0, [0, 0]);
    }
}

/// All words of a run that are read, in one order: classic buckets, native words before the areas, the current area.
fn copy(shape: Shape, word: impl Fn(usize) -> u64, into: &mut Vec<u64>) {
    let base = HEAD + shape.classic;
    into.clear();
    into.extend((HEAD..base + AREAS).map(&word));
    if let Some(plan) = Plan::unpack(into[shape.classic + PLAN]) {
        let area = plan.area_at(base);
        into.extend((area..area + AREA).map(word));
    }
}

/// Adds what a copied run holds; `None` if classic and native buckets cannot be of the same observations. The number of
/// observations.
fn take(shape: Shape, words: &[u64], classic: &mut [u64], counted: &mut Counted) -> Option<u64> {
    let (buckets, native) = words.split_at(shape.classic);
    let plan = Plan::unpack(native[PLAN]);
    let entries = plan.map_or_else(Vec::new, |plan| occupied(plan, &|offset| native[AREAS + offset]));
    let outside = native[ZERO] + native[INFINITE] + native[NEGATIVE_INFINITE];
    let number = outside + entries.iter().map(|entry| entry.count).sum::<u64>();
    let more = buckets.iter().sum::<u64>().wrapping_sub(number);
    if shape.classic > 0 && more > 1 {
        return None;
    }
    classic.iter_mut().zip(buckets).for_each(|(total, count)| *total += count);
    if shape.classic > 0 && more == 1 {
        *classic.get_mut(native[LAST] as usize)? -= 1;
    }
    counted.zero += native[ZERO];
    counted.infinite[0] += native[INFINITE];
    counted.infinite[1] += native[NEGATIVE_INFINITE];
    if let Some(plan) = plan {
        counted.buckets.extend(entries.iter().map(|entry| (plan.schema, entry.negative, entry.index, entry.count)));
    }
    Some(number)
}

fn try_read(
    run: Run,
    key: u64,
    shape: Shape,
    classic: &mut [u64],
    counted: &mut Counted,
    scratch: &mut [Vec<u64>; 2],
) -> Option<f64> {
    let [first, second] = scratch;
    copy(shape, |offset| run.load(offset, Ordering::Acquire), first);
    // Which sum is the right one is known only once the counts are: both are taken.
    let sums = [0, 1].map(|parity| run.load(SUMS + parity, Ordering::Acquire));
    copy(shape, |offset| run.load(offset, Ordering::Acquire), second);
    // The loads above are Acquire, so this one comes after them; partner are the stores of `rearrange`.
    let plan = run.load(HEAD + shape.classic + PLAN, Ordering::Relaxed);
    if first != second || plan != second[shape.classic + PLAN] || !run.still(key) {
        return None;
    }
    let number = take(shape, first, classic, counted)?;
    Some(f64::from_bits(sums[(number & 1) as usize]))
}

fn read_copy(copied: &Chunk, shape: Shape, classic: &mut [u64], counted: &mut Counted, scratch: &mut Vec<u64>) -> f64 {
    let word = |offset: usize| copied.words[offset].load(Ordering::Relaxed);
    copy(shape, word, scratch);
    // The owner copied between two observations, so the counts always agree.
    let number = take(shape, scratch, classic, counted).unwrap_or_default();
    f64::from_bits(word(SUMS + (number & 1) as usize))
}

/// Adds one arena's share, and returns its sum. Bounded, as in `histogram.rs`.
pub(crate) fn read(
    arena: &Arena,
    place: Place,
    shape: Shape,
    classic: &mut [u64],
    counted: &mut Counted,
    scratch: &mut [Vec<u64>; 2],
) -> f64 {
    let run = arena.peek(place.slot);
    if run.generation() != place.key() {
        return 0.0;
    }
    for _ in 0..ATTEMPTS {
        if let Some(sum) = try_read(run, place.key(), shape, classic, counted, scratch) {
            return sum;
        }
    }
    let parts = std::cell::RefCell::new((classic, counted, scratch));
    let attempt = |run| {
        let (classic, counted, scratch) = &mut *parts.borrow_mut();
        try_read(run, place.key(), shape, classic, counted, scratch)
    };
    let from_copy = |copied: &Chunk| {
        let (classic, counted, scratch) = &mut *parts.borrow_mut();
        read_copy(copied, shape, classic, counted, &mut scratch[0])
    };
    help::ask(arena, place, attempt, from_copy).unwrap_or(0.0)
}
