//! Which place in the route table has a route that axum has found? Told by where its text stands, without reading it.
//!
//! axum keeps one text a route, shared by all requests, except under nested services, where it makes a new one for each.
//! Addresses are used again, so a slot holds a clone of the route whose address it knows: while it does, nothing else can
//! stand there. Slots are filled once; whatever finds its slot taken is looked up by its text.

use std::sync::OnceLock;

use super::matched_path::{self, RouteId};

/// How many routes are known by address; of nested services' texts as many are held at most.
const SLOTS: usize = 256;

/// A route, and its place in the table unless it is not counted.
type Known = (RouteId, Option<u32>);

/// What the route table said of routes that are held.
#[derive(Debug)]
pub(crate) struct ByAddress {
    slots: Box<[OnceLock<Known>]>,
}

impl ByAddress {
    pub(crate) fn new() -> Self {
        Self { slots: (0..SLOTS).map(|_| OnceLock::new()).collect() }
    }

    /// What was remembered: the route's place in the table, or none if it is not counted.
    #[inline]
    pub(crate) fn find(&self, route: &RouteId) -> Option<Option<u32>> {
        let (known, place) = self.slot(route).get()?;
        std::ptr::eq(matched_path::text(known), matched_path::text(route)).then_some(*place)
    }

    /// Remembers it, if there is room.
    #[cold]
    pub(crate) fn remember(&self, route: &RouteId, place: Option<u32>) {
        // Taken meanwhile: then it stays as it is.
        let _ = self.slot(route).set((RouteId::clone(route), place));
    }

    /// Whether there is room.
    pub(crate) fn has_room(&self, route: &RouteId) -> bool {
        self.slot(route).get().is_none()
    }

    #[inline]
    fn slot(&self, route: &RouteId) -> &OnceLock<Known> {
        // Texts begin where allocations do: the lowest bits tell nothing.
        &self.slots[(matched_path::text(route).as_ptr().addr() >> 4) % SLOTS]
    }
}
