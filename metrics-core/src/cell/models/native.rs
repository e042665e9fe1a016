//! Are native buckets, their windows and their sum read as they belong together?
//!
//! Models have two cells, one table entry and so small windows that each observation of another index moves them.

use loom::thread;

use super::{PLACE, Thread, directory, outcomes};
use crate::cell::directory::Directory;
use crate::cell::histogram::HEAD;
use crate::cell::native::{Counted, Kind, Shape, WORDS, downscale, observe, read};

const NATIVE: Shape = Shape { classic: 0, schema: 2 };
/// With one classic bucket and `+Inf`.
const BOTH: Shape = Shape { classic: 2, ..NATIVE };

/// An observation: its index at the finest resolution of the models, and what it adds to the sum.
type Observation = (i32, f64);

impl Thread {
    fn observe_native(&self, shape: Shape, (index, amount): Observation) {
        let words = HEAD + shape.classic + WORDS;
        let bucket = usize::from(index > 0);
        let index_at = |schema| downscale(index, (NATIVE.schema - schema) as u32);
        let kind = if index == ZERO { Kind::Zero } else { Kind::Finite { negative: index < 0 } };
        self.record(PLACE, words, |run| observe(run, shape, kind, bucket, amount, index_at));
    }
}

/// Stands for an observation in the zero bucket.
const ZERO: i32 = i32::MIN;

/// How many of these observations, in their order, a reading holds. Fails if it holds anything else.
fn read_prefix(directory: &Directory, shape: Shape, observations: &[Observation]) -> usize {
    let (mut classic, mut counted) = (vec![0; shape.classic], Counted::default());
    let mut scratch = [Vec::new(), Vec::new()];
    let read = |arena| read(arena, PLACE, shape, &mut classic, &mut counted, &mut scratch);
    let sum: f64 = directory.arenas().map(read).sum();
    let number = counted.zero + counted.buckets.iter().map(|bucket| bucket.3).sum::<u64>();
    let held = &observations[..number as usize];
    assert_eq!(sum, held.iter().map(|observation| observation.1).sum::<f64>(), "{counted:?}");
    assert_eq!(counted.zero, held.iter().filter(|observation| observation.0 == ZERO).count() as u64, "{counted:?}");
    for &(schema, negative, index, count) in &counted.buckets {
        let here = |observation: &&Observation| {
            let at = |index| downscale(index, (NATIVE.schema - schema) as u32);
            observation.0 != ZERO && at(observation.0) == index && (observation.0 < 0) == negative
        };
        assert_eq!(held.iter().filter(here).count() as u64, count, "{counted:?}");
    }
    if shape.classic > 0 {
        let above = held.iter().filter(|observation| observation.0 > 0).count() as u64;
        assert_eq!(classic, [number - above, above], "{counted:?}");
    }
    held.len()
}

/// The first observation is made before the reader begins; the others beside its two readings.
fn beside_readings<const N: usize>(shape: Shape, observations: [Observation; N], readings: usize) -> Vec<usize> {
    let directory = directory();
    let writer = Thread::new(directory);
    writer.observe_native(shape, observations[0]);
    let reader =
        thread::spawn(move || (0..readings).map(|_| read_prefix(directory, shape, &observations)).collect::<Vec<_>>());
    observations[1..].iter().for_each(|observation| writer.observe_native(shape, *observation));
    let seen = reader.join().unwrap();
    assert!(seen.is_sorted(), "{seen:?}");
    assert_eq!(read_prefix(directory, shape, &observations), N);
    seen
}

#[test]
fn a_reading_beside_an_observation_within_the_window_is_consistent() {
    let seen = outcomes(3, || beside_readings(NATIVE, [(1, 1.0), (1, 10.0)], 1));
    assert_eq!(seen, [vec![1], vec![2]].into());
}

#[test]
fn a_reading_beside_a_window_that_moves_is_consistent() {
    let seen = outcomes(3, || beside_readings(NATIVE, [(1, 1.0), (3, 10.0)], 1));
    assert_eq!(seen, [vec![1], vec![2]].into());
}

/// The second observation fills the other area, the third comes back to the first one, at half the resolution.
#[test]
fn a_reading_beside_a_resolution_that_falls_is_consistent() {
    let seen = outcomes(1, || beside_readings(NATIVE, [(1, 1.0), (9, 10.0), (5, 100.0), (-3, 1000.0)], 1));
    assert_eq!(seen.len(), 4, "{seen:?}");
}

#[test]
fn readings_beside_windows_that_move_twice_never_fall() {
    let seen = outcomes(2, || beside_readings(NATIVE, [(1, 1.0), (3, 10.0), (ZERO, 0.5)], 2));
    assert_eq!(seen.len(), 6, "{seen:?}");
}

#[test]
fn classic_and_native_buckets_are_of_the_same_observations() {
    let seen = outcomes(2, || beside_readings(BOTH, [(1, 1.0), (-1, 10.0), (1, 100.0)], 1));
    assert_eq!(seen, [vec![1], vec![2], vec![3]].into());
}
