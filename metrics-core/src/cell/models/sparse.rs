//! Does a lookup without the lock find the series that it looks for, or none, and never another one's?
//!
//! The buckets are the real ones. The records, of which each has a handle word and labels, and what is done with them is
//! repeated here as it stands in `family/sparse`: texts and hashing, which need no model, come with those.

#[path = "../../family/table/buckets.rs"]
mod buckets;
#[path = "../../family/table/segments.rs"]
mod segments;

use loom::thread;

use self::buckets::{Buckets, Found};
use self::segments::Segments;
use super::outcomes;
use crate::sync::{AtomicU64, Mutex, Ordering, fence};

type Labels = [u64; 2];

/// Labels that have one hash, and the first half in common.
const HASH: u32 = 6;
const ONE: Labels = [1, 1];
const OTHER: Labels = [1, 2];

/// What a lookup came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    Series(u64),
    Nothing,
    Unsure,
}

#[derive(Default)]
struct Record {
    handle: AtomicU64,
    labels: [AtomicU64; 2],
}

struct Table {
    buckets: Buckets,
    records: [Record; 9],
    /// How many series there are, and how many there ever were: the last one's handle.
    writer: Mutex<(usize, u64)>,
}

impl Table {
    /// One of this execution, with so many buckets to begin with.
    fn leaked(buckets: u32) -> &'static Self {
        let (buckets, records) = (Buckets::new(buckets), Default::default());
        Box::leak(Box::new(Self { buckets, records, writer: Mutex::new((0, 0)) }))
    }

    /// As `Index::matches`.
    fn matches(&self, at: usize, sought: Labels) -> Option<u64> {
        let record = &self.records[at];
        let handle = record.handle.load(Ordering::Acquire);
        if handle == 0 || (0..2).any(|at| record.labels[at].load(Ordering::Relaxed) != sought[at]) {
            return None;
        }
        fence(Ordering::Acquire);
        (record.handle.load(Ordering::Relaxed) == handle).then_some(handle)
    }

    fn find(&self, hash: u32, sought: Labels) -> Found<u64> {
        self.buckets.find(hash, |at: usize| self.matches(at, sought))
    }

    fn seen(&self, hash: u32, sought: Labels) -> Seen {
        match self.find(hash, sought) {
            Found::Entry(handle) => Seen::Series(handle),
            Found::Nothing(_) => Seen::Nothing,
            Found::Unsure => Seen::Unsure,
        }
    }

    /// As `Sparse::insert`. Under the lock.
    fn insert(&self, writer: &mut (usize, u64), hash: u32, at: usize, labels: Labels) -> u64 {
        fence(Ordering::Release);
        let record = &self.records[at];
        (0..2).for_each(|at| record.labels[at].store(labels[at], Ordering::Relaxed));
        *writer = (writer.0 + 1, writer.1 + 1);
        record.handle.store(writer.1, Ordering::Release);
        self.buckets.insert(hash, at, writer.0);
        writer.1
    }

    fn put(&self, hash: u32, at: usize, labels: Labels) -> u64 {
        self.insert(&mut self.writer.lock(), hash, at, labels)
    }

    /// As `Sparse::take`.
    fn remove(&self, hash: u32, at: usize) {
        let mut writer = self.writer.lock();
        self.records[at].handle.store(0, Ordering::Relaxed);
        fence(Ordering::Release);
        self.buckets.remove(hash, at);
        writer.0 -= 1;
    }

    /// As `Sparse::find_or_make`.
    fn find_or_make(&self, labels: Labels) -> u64 {
        let absent = match self.find(HASH, labels) {
            Found::Entry(handle) => return handle,
            miss => miss.nothing(),
        };
        let mut writer = self.writer.lock();
        if !absent.is_some_and(|version| self.buckets.are_as_of(version)) {
            if let Found::Entry(handle) = self.find(HASH, labels) {
                return handle;
            }
        }
        let at = writer.0;
        self.insert(&mut writer, HASH, at, labels)
    }
}

/// What lookups of these labels come to while the series of [`ONE`] goes and that of [`OTHER`] takes its record.
fn seen_while_replaced(sought: Labels) -> std::collections::BTreeSet<Seen> {
    outcomes(None, move || {
        let table = Table::leaked(2);
        table.put(HASH, 0, ONE);
        let reader = thread::spawn(move || table.seen(HASH, sought));
        table.remove(HASH, 0);
        table.put(HASH, 0, OTHER);
        reader.join().unwrap()
    })
}

#[test]
fn a_lookup_finds_its_series_though_it_has_gone_and_never_the_one_that_took_its_record() {
    assert_eq!(seen_while_replaced(ONE), [Seen::Series(1), Seen::Nothing, Seen::Unsure].into());
}

#[test]
fn a_lookup_of_a_series_that_takes_a_record_never_finds_the_one_that_had_it() {
    assert_eq!(seen_while_replaced(OTHER), [Seen::Series(2), Seen::Nothing, Seen::Unsure].into());
}

/// The last entry of a bucket goes where another one was.
#[test]
fn a_series_that_stays_is_never_missed_while_another_one_of_its_bucket_goes() {
    let seen = outcomes(None, || {
        let table = Table::leaked(2);
        table.put(HASH, 0, ONE);
        table.put(HASH, 1, OTHER);
        let reader = thread::spawn(move || table.seen(HASH, OTHER));
        table.remove(HASH, 0);
        reader.join().unwrap()
    });
    assert_eq!(seen, [Seen::Series(2), Seen::Unsure].into());
}

/// A third bucket takes over what is its own of the first, and what stays there closes up.
#[test]
fn a_series_is_never_missed_while_its_bucket_is_split() {
    const MOVES: u32 = 6;
    const STAYS: u32 = 4;
    for (hash, sought, handle) in [(MOVES, ONE, 1), (STAYS, OTHER, 2)] {
        let seen = outcomes(3, move || {
            let table = Table::leaked(2);
            table.put(MOVES, 0, ONE);
            table.put(STAYS, 1, OTHER);
            let reader = thread::spawn(move || table.seen(hash, sought));
            table.put(STAYS + 1, 2, [3, 3]);
            reader.join().unwrap()
        });
        assert_eq!(seen, [Seen::Series(handle), Seen::Unsure].into());
    }
}

/// The last entry of a line goes into the next one, and back to where another one was when the bucket is shorter.
#[test]
fn a_series_is_never_missed_while_its_bucket_gets_longer_and_shorter() {
    let seen = outcomes(2, || {
        let table = Table::leaked(16);
        for at in 0..8 {
            table.put(HASH, at, [2, at as u64]);
        }
        let reader = thread::spawn(move || table.seen(HASH, [2, 7]));
        table.put(HASH, 8, ONE);
        table.remove(HASH, 0);
        table.remove(HASH, 1);
        reader.join().unwrap()
    });
    assert_eq!(seen, [Seen::Series(8), Seen::Unsure].into());
}

#[test]
fn two_threads_that_miss_one_series_make_it_once() {
    let seen = outcomes(None, || {
        let table = Table::leaked(2);
        let other = thread::spawn(move || table.find_or_make(ONE));
        let handles = (table.find_or_make(ONE), other.join().unwrap());
        assert_eq!(table.writer.lock().0, 1);
        handles
    });
    assert_eq!(seen, [(1, 1)].into());
}

/// The lookup may be right that there was nothing, and somebody else may have been here before the lock.
#[test]
fn what_was_made_between_a_miss_and_the_lock_is_found_and_what_went_is_made_anew() {
    let seen = outcomes(None, || {
        let table = Table::leaked(2);
        table.put(HASH, 0, ONE);
        let other = thread::spawn(move || table.find_or_make(ONE));
        table.remove(HASH, 0);
        table.find_or_make(ONE);
        (other.join().unwrap(), table.writer.lock().0)
    });
    assert_eq!(seen, [(1, 1), (2, 1)].into());
}
