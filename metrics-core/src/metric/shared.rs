//! Which shared cells are in use? Cells are never freed, so that every handle may point to one.

use once_cell::sync::OnceCell;

use crate::cell::local;
use crate::cell::run::Place;
use crate::cell::shared::{SharedCell, is_announced};
use crate::sync::{Mutex, Ordering};

/// Cells of the first block; each further block has twice as many.
const FIRST: usize = 64;
const BLOCKS: usize = 24;

static BLOCKS_OF_CELLS: [OnceCell<Box<[SharedCell]>>; BLOCKS] = [const { OnceCell::new() }; BLOCKS];
static POOL: Mutex<Pool> = Mutex::new(Pool { fresh: 1, returned: Vec::new() });

struct Pool {
    /// The first cell that was never handed out. Cell 0 is never: it is where handles write that found no room.
    fresh: u32,
    /// Cells that came back. Some may still be announced by a writer.
    returned: Vec<Place>,
}

/// The cell with this number, which was handed out.
pub(crate) fn cell(index: u32) -> &'static SharedCell {
    let (block, at) = position(index);
    let cells = BLOCKS_OF_CELLS[block].get_or_init(|| (0..FIRST << block).map(|_| SharedCell::new()).collect());
    &cells[at]
}

fn position(index: u32) -> (usize, usize) {
    let shifted = index as usize + FIRST;
    let block = shifted.ilog2() as usize - FIRST.ilog2() as usize;
    (block, shifted - (FIRST << block))
}

/// A cell at zero, of a generation that was never handed out; `None` if all are in use. `slot` is the cell's number.
pub(crate) fn allocate() -> Option<Place> {
    let mut pool = POOL.lock();
    let free = |place: &Place| !is_announced(local::arenas, place.slot);
    // From the end, where the cells lie that came back last: at most as many are passed over as there are threads.
    let place = match pool.returned.iter().rposition(free) {
        Some(at) => pool.returned.swap_remove(at),
        None => {
            let slot = pool.fresh;
            if position(slot).0 >= BLOCKS {
                return None;
            }
            pool.fresh += 1;
            Place { slot, generation: 1 }
        }
    };
    let cell = cell(place.slot);
    // Release: a scrape that sees it, or a later value, sees that the cell's last series ended (`family/alive.rs`).
    cell.value.store(0, Ordering::Release);
    cell.retire(place.key());
    Some(place)
}

/// Takes a cell back: records of its handles are dropped from now on.
pub(crate) fn free(place: Place) {
    let cell = cell(place.slot);
    // A generation is never used twice: a cell that has used all of them stays away.
    cell.retire(u64::from(place.generation) + 1);
    if let Some(generation) = place.generation.checked_add(1) {
        POOL.lock().returned.push(Place { generation, ..place });
    }
}
