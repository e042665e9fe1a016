//! Is a shared cell handed out again only when no writer of its last series is inside?

use loom::thread;

use super::{Thread, directory};
use crate::cell::shared::{SharedCell, guarded, is_announced};
use crate::sync::Ordering;

const CELL: u32 = 0;

/// What `metric/shared.rs` does between a removal and the next series: true if the cell could be handed out.
fn reissue(directory: &'static crate::cell::directory::Directory, cell: &SharedCell) -> bool {
    cell.retire(2);
    if is_announced(|| directory.arenas(), CELL) {
        return false;
    }
    cell.value.store(0, Ordering::Relaxed);
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
    loom::model(|| {
        let (directory, cell) = (directory(), first_generation());
        let writer = Thread::new(directory);
        let other = thread::spawn(move || write_old(&writer, cell));
        let reissued = reissue(directory, cell);
        other.join().unwrap();
        assert!(!reissued || cell.value.load(Ordering::Relaxed) == 0);
    });
}

#[test]
fn a_writer_on_a_thread_that_is_new_is_seen_too() {
    loom::model(|| {
        let (directory, cell) = (directory(), first_generation());
        let other = thread::spawn(move || write_old(&Thread::new(directory), cell));
        let reissued = reissue(directory, cell);
        other.join().unwrap();
        assert!(!reissued || cell.value.load(Ordering::Relaxed) == 0);
    });
}

#[test]
fn writers_of_both_generations_do_not_meet() {
    loom::model(|| {
        let (directory, cell) = (directory(), first_generation());
        let (old, new) = (Thread::new(directory), Thread::new(directory));
        let other = thread::spawn(move || {
            write_old(&old, cell);
            write_old(&old, cell);
        });
        let reissued = reissue(directory, cell);
        if reissued {
            guarded(new.arena, cell, CELL, 3, |value| value.store(9, Ordering::Relaxed));
        }
        other.join().unwrap();
        assert!(!reissued || cell.value.load(Ordering::Relaxed) == 9);
    });
}
