//! How is a gauge that only goes up and down kept per thread? As two rising totals, the increments and the decrements.

use super::directory::Arena;
use super::run::{Place, Run};
use crate::sync::Ordering;

/// Key, increments, decrements.
pub(crate) const WORDS: usize = 3;

#[inline(always)]
pub(crate) fn increment(run: Run, amount: u64) {
    run.add(1, amount, Ordering::Relaxed);
}

#[inline(always)]
pub(crate) fn decrement(run: Run, amount: u64) {
    // Release: whoever reads this decrement reads the increment that came before it, on whichever thread that was.
    run.add(2, amount, Ordering::Release);
}

/// Increments minus decrements, never below zero: all decrements are read before any increment, so that of each pair the
/// increment is seen if the decrement is.
///
/// `arenas` are asked for twice: the increment may be in an arena that came after the decrements were read.
pub(crate) fn read<'a, I: Iterator<Item = &'a Arena>>(arenas: impl Fn() -> I, place: Place) -> u64 {
    let total = |offset| {
        let runs = arenas().map(|arena| arena.peek(place.slot)).filter(|run| run.generation() == place.key());
        let loaded =
            runs.map(|run| (run, run.load(offset, Ordering::Relaxed))).filter(|(run, _)| run.still(place.key()));
        loaded.fold(0_u64, |sum, (_, amount)| sum.wrapping_add(amount))
    };
    // The fence in `still` makes these loads acquiring ones: pairs with the Release of `decrement`.
    let down = total(2);
    total(1).saturating_sub(down)
}

/// Whether there are as many decrements as increments, of a place that nobody hands out meanwhile: then all that was done
/// before any of the decrements comes before what the caller does next.
pub(crate) fn is_even<'a, I: Iterator<Item = &'a Arena>>(arenas: impl Fn() -> I, place: Place) -> bool {
    let total = |offset, ordering| {
        let runs = arenas().map(|arena| arena.peek(place.slot)).filter(|run| run.generation() == place.key());
        runs.fold(0_u64, |sum, run| sum.wrapping_add(run.load(offset, ordering)))
    };
    // Acquire: pairs with the Release of `decrement`. First, as in `read`.
    let down = total(2, Ordering::Acquire);
    total(1, Ordering::Relaxed) == down
}
