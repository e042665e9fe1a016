//! Which place in the route table has a route that axum has found? Told by where its text stands, without reading it.
//!
//! axum keeps one text a route, shared by all requests, except under nested services, where it makes a new one for each.
//! Addresses are used again, so a slot holds a clone of the route whose address it knows: while it does, nothing else can
//! stand there. Slots are filled once; whatever finds its slot taken is looked up by its text.

use std::sync::OnceLock;

use super::matched_path::{self, RouteId};
use super::routes::RoutePlace;

/// How many routes are known by address; of nested services' texts as many are held at most.
const SLOTS: usize = 256;

/// A route, and what the table said of it.
type Known = (RouteId, RoutePlace);

/// What the route table said of routes that are held.
#[derive(Debug)]
pub(crate) struct ByAddress {
    slots: Box<[OnceLock<Known>]>,
}

impl ByAddress {
    pub(crate) fn new() -> Self {
        Self { slots: (0..SLOTS).map(|_| OnceLock::new()).collect() }
    }

    /// What was remembered.
    #[inline]
    pub(crate) fn find(&self, route: &RouteId) -> Option<RoutePlace> {
        let is_it = |known: &&Known| std::ptr::eq(matched_path::text(&known.0), matched_path::text(route));
        // Two slots an address: a few routes that happen to share one are all remembered.
        let [first, second] = self.slots(route);
        first.get().filter(is_it).or_else(|| second.get().filter(is_it)).map(|known| known.1)
    }

    /// Remembers it, if there is room.
    pub(crate) fn remember(&self, route: &RouteId, place: RoutePlace) {
        if let Some(slot) = self.slots(route).into_iter().find(|slot| slot.get().is_none()) {
            // Taken meanwhile: then it stays as it is.
            let _ = slot.set((RouteId::clone(route), place));
        }
    }

    #[inline]
    fn slots(&self, route: &RouteId) -> [&OnceLock<Known>; 2] {
        // Texts begin where allocations do: the lowest bits tell nothing.
        let at = (matched_path::text(route).as_ptr().addr() >> 4) % SLOTS;
        [&self.slots[at], &self.slots[at ^ 1]]
    }
}
