//! What would it cost without a library?

use std::cell::Cell;
use std::hash::BuildHasher;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::{HANDLES, Row, rotate};
use crate::labels::{RequestLabels, requests};

/// The names that targets refer to.
pub(super) const FETCH_ADD: &str = "AtomicU64::fetch_add, one thread each";
pub(super) const STORE: &str = "AtomicU64::store, shared";
pub(super) const THREAD_LOCAL_F64: &str = "thread-local f64 add";
pub(super) const HASH: &str = "hash of three labels";
/// What a timer cannot do without.
const CLOCK: &str = "the clock, read twice";

thread_local! {
    static INTEGERS: [Cell<u64>; HANDLES] = const { [const { Cell::new(0) }; HANDLES] };
    static FLOATS: [Cell<f64>; HANDLES] = const { [const { Cell::new(0.0) }; HANDLES] };
    static ATOMICS: Atomics = const { Atomics([const { AtomicU64::new(0) }; HANDLES]) };
}

/// Beside nothing that another thread writes.
#[repr(align(128))]
struct Atomics([AtomicU64; HANDLES]);

pub(super) fn all() -> Vec<Row> {
    vec![thread_local(), thread_local_f64(), fetch_add(), shared_fetch_add(), store(), hash(), clock()]
}

/// A row of thread-local work: what each call of `work` has counted is added to the total when it returns.
fn counted(name: &'static str, work: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Row {
    let total = Arc::new(AtomicU64::new(0));
    let into = total.clone();
    let work = move |operations| {
        into.fetch_add(work(operations), Ordering::Relaxed);
    };
    Row::new(name, work, move || total.load(Ordering::Relaxed))
}

fn thread_local() -> Row {
    counted("thread-local add", |operations| {
        INTEGERS.with(|cells| {
            rotate(cells, operations, |cell| cell.set(cell.get() + 1));
            cells.iter().map(Cell::take).sum()
        })
    })
}

fn thread_local_f64() -> Row {
    counted(THREAD_LOCAL_F64, |operations| {
        FLOATS.with(|cells| {
            rotate(cells, operations, |cell| cell.set(cell.get() + black_box(1.0)));
            cells.iter().map(Cell::take).sum::<f64>() as u64
        })
    })
}

fn fetch_add() -> Row {
    counted(FETCH_ADD, |operations| {
        ATOMICS.with(|Atomics(cells)| {
            rotate(cells, operations, |cell| {
                cell.fetch_add(1, Ordering::Relaxed);
            });
            cells.iter().map(|cell| cell.swap(0, Ordering::Relaxed)).sum()
        })
    })
}

fn shared_fetch_add() -> Row {
    let cells: Arc<[AtomicU64; HANDLES]> = Arc::new([const { AtomicU64::new(0) }; HANDLES]);
    let read = cells.clone();
    let work = move |operations| {
        rotate(&cells, operations, |cell| {
            cell.fetch_add(1, Ordering::Relaxed);
        });
    };
    Row::new("AtomicU64::fetch_add, shared", work, move || {
        read.iter().map(|cell| cell.load(Ordering::Relaxed)).sum::<u64>()
    })
}

fn store() -> Row {
    let cells: [AtomicU64; HANDLES] = [const { AtomicU64::new(0) }; HANDLES];
    counted(STORE, move |operations| {
        rotate(&cells, operations, |cell| cell.store(black_box(5), Ordering::Relaxed));
        let all_set = cells.iter().take(operations as usize).all(|cell| cell.load(Ordering::Relaxed) == 5);
        if all_set { operations } else { 0 }
    })
}

fn hash() -> Row {
    let texts = requests();
    let hasher = foldhash::fast::RandomState::default();
    counted(HASH, move |operations| {
        let labels: [RequestLabels<'_>; HANDLES] = std::array::from_fn(|at| (&texts[at]).into());
        let mut hashed = 0;
        rotate(&labels, operations, |labels| {
            black_box(hasher.hash_one(labels));
            hashed += 1;
        });
        hashed
    })
}

fn clock() -> Row {
    counted(CLOCK, |operations| {
        let (items, mut read) = ([(); HANDLES], 0);
        rotate(&items, operations, |()| {
            let started = Instant::now();
            black_box(started.elapsed());
            read += 1;
        });
        read
    })
}
