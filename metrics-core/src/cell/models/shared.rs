//! Is a shared cell handed out again only when no writer of its last series is inside?

use loom::thread;

use super::{Thread, directory, outcomes};
use crate::cell::shared::{SharedCell, guarded, is_announced};
use crate::sync::Ordering;

const CELL: u32 = 0;

/// What `metric/shared.rs` does between a removal and the next series: true if the cell could be handed out.
fn reissue(directory: &'static crate::cell::directory::Directory, cell: &SharedCell) -> bool {
    cell.retire(2);
    if is_announced(|| directory.arenas(), CELL) {
        return false;
    }
    cell.value.store(0, Ordering::Release);
    cell.retire(3);
    true
}

fn write_old(writer: &Thread, cell: &SharedCell) {
    guarded(writer.arena, cell, CELL, 1, |value| value.store(7, Ordering::Relaxed));
}

fn first_generation() -> &'static SharedCell {
    let cell: &'static SharedCell = Box::leak(Box::new(SharedCell::new()));
    cell.retire(1);
    cell
}

#[test]
fn a_cell_that_is_handed_out_again_is_zero_and_stays_so() {
    let seen = outcomes(None, || {
        let (directory, cell) = (directory(), first_generation());
        let writer = Thread::new(directory);
        let reissues = thread::spawn(move || reissue(directory, cell));
        write_old(&writer, cell);
        let reissued = reissues.join().unwrap();
        (reissued, cell.value.load(Ordering::Relaxed))
    });
    assert_eq!(seen, [(false, 7), (false, 0), (true, 0)].into());
}

#[test]
fn a_writer_on_a_thread_that_is_new_is_seen_too() {
    let seen = outcomes(None, || {
        let (directory, cell) = (directory(), first_generation());
        let reissues = thread::spawn(move || reissue(directory, cell));
        write_old(&Thread::new(directory), cell);
        let reissued = reissues.join().unwrap();
        (reissued, cell.value.load(Ordering::Relaxed))
    });
    assert_eq!(seen, [(false, 7), (false, 0), (true, 0)].into());
}

#[test]
fn writers_of_both_generations_do_not_meet() {
    let seen = outcomes(None, || {
        let (directory, cell) = (directory(), first_generation());
        let (old, new) = (Thread::new(directory), Thread::new(directory));
        let reissues = thread::spawn(move || {
            let reissued = reissue(directory, cell);
            if reissued {
                guarded(new.arena, cell, CELL, 3, |value| value.store(9, Ordering::Relaxed));
            }
            reissued
        });
        write_old(&old, cell);
        write_old(&old, cell);
        let reissued = reissues.join().unwrap();
        (reissued, cell.value.load(Ordering::Relaxed))
    });
    assert_eq!(seen, [(false, 7), (false, 0), (true, 9)].into());
}

/// A handle that keeps its series, and a reader of it: the value of another series is never taken for its own.
#[test]
fn a_reader_of_the_last_generation_takes_no_value_of_the_next() {
    let seen = outcomes(None, || {
        let (directory, cell) = (directory(), first_generation());
        cell.value.store(7, Ordering::Release);
        let reader = thread::spawn(move || {
            // As `Gauge::value`.
            let value = cell.value.load(Ordering::Acquire);
            (cell.generation() == 1).then_some(value)
        });
        assert!(reissue(directory, cell));
        cell.value.store(9, Ordering::Release);
        reader.join().unwrap()
    });
    assert_eq!(seen, [None, Some(7)].into());
}
