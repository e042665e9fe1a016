//! Which series does a request of this route belong to? Resolved once and remembered.
//!
//! A table of routes, found by the hash of their text and compared in full, each with the few series that it has had, and
//! more room for a route that has had many: those of 128 tenants, say. Slots are filled once, by whoever comes first, and
//! never emptied, so that a look-up is a few loads. What does not fit is not remembered and goes to the families every
//! time, which costs a hash of all labels for each metric; their cap bounds it. A route that is not in the table, beyond a
//! thousand or longer than a kilobyte, takes its label along, which are two small allocations a request.

use std::hash::BuildHasher;
use std::sync::OnceLock;

use foldhash::fast::RandomState;

use super::labels::Key;
use super::rules::Rules;

/// How many slots for routes there are.
const ROUTES: usize = 1024;
/// How many slots are tried for a route.
const ROUTE_PROBES: usize = 16;
/// How many series are remembered a route.
const SERIES: usize = 16;
/// How many slots are tried for a series.
const SERIES_PROBES: usize = 8;
/// How many more are remembered of a route for which these were too few, as they are with labels from extensions.
const MORE_SERIES: usize = 256;
/// How many slots are tried for one of them.
const MORE_PROBES: usize = 16;
/// Longer texts are not remembered, so that the table stays small whatever a route function answers.
const MAX_ROUTE_LENGTH: usize = 1024;

/// Where the label of a route stands. A number, so that it is handed on in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RoutePlace(u16);

impl RoutePlace {
    /// The request has no route.
    pub(crate) const NONE: Self = Self(u16::MAX);
    /// The request is not counted.
    pub(crate) const SKIPPED: Self = Self(u16::MAX - 1);
    /// Not in the table, but with the request.
    pub(crate) const BEYOND: Self = Self(u16::MAX - 2);

    fn known(at: usize) -> Self {
        debug_assert!(at < ROUTES);
        Self(at as u16)
    }

    fn at(self) -> usize {
        self.0.into()
    }
}

/// The label of a route that is not in the table. Boxed twice, because it is rare and everything else should be small.
pub(crate) type Beyond = Option<Box<Box<str>>>;

/// The route of one request, small enough to travel with it.
//
// Place and size are one number: what is stored in parts and then copied as a whole the processor has to wait for.
#[derive(Debug)]
pub(crate) struct RouteRef {
    /// The place, and above it the size of the request's body.
    place_and_size: u64,
    beyond: Beyond,
}

/// Where the size stands.
const SIZE_SHIFT: u32 = u16::BITS;
/// No body is as long: 256 terabytes.
const UNKNOWN_SIZE: u64 = u64::MAX >> SIZE_SHIFT;

impl RouteRef {
    pub(crate) const NONE: Self = Self { place_and_size: u64::MAX, beyond: None };

    /// It takes along how large the request's body is.
    #[inline]
    pub(crate) fn new(place: RoutePlace, beyond: Beyond, request_size: Option<u64>) -> Self {
        let size = request_size.unwrap_or(UNKNOWN_SIZE).min(UNKNOWN_SIZE);
        Self { place_and_size: size << SIZE_SHIFT | u64::from(place.0), beyond }
    }

    #[inline]
    fn place(&self) -> RoutePlace {
        RoutePlace(self.place_and_size as u16)
    }

    /// The size of the request's body, where that is known and wanted.
    #[inline]
    pub(crate) fn request_size(&self) -> Option<u64> {
        Some(self.place_and_size >> SIZE_SHIFT).filter(|size| *size < UNKNOWN_SIZE)
    }
}

/// The routes seen so far, with a remembered value (`S`) for each key of each.
#[derive(Debug)]
pub(crate) struct RouteTable<S> {
    slots: Box<[OnceLock<Box<Route<S>>>]>,
    hasher: RandomState,
    none: Remembered<S>,
}

#[derive(Debug)]
struct Route<S> {
    text: Box<str>,
    label: Box<str>,
    skipped: bool,
    remembered: Remembered<S>,
}

impl<S> RouteTable<S> {
    pub(crate) fn new() -> Self {
        let slots = (0..ROUTES).map(|_| OnceLock::new()).collect();
        Self { slots, hasher: RandomState::default(), none: Remembered::default() }
    }

    /// The place of a route, which is looked up under `rules` when it is first seen; `beyond` becomes its label if it is in
    /// no place.
    pub(crate) fn resolve(&self, text: &str, rules: &Rules, beyond: &mut Beyond) -> RoutePlace {
        if text.len() <= MAX_ROUTE_LENGTH {
            let start = self.hasher.hash_one(text) as usize;
            for probe in 0..ROUTE_PROBES {
                let at = start.wrapping_add(probe) % ROUTES;
                let route = self.slots[at].get_or_init(|| Box::new(Route::new(text, rules)));
                if *route.text == *text {
                    return if route.skipped { RoutePlace::SKIPPED } else { RoutePlace::known(at) };
                }
            }
        }
        if rules.skips(text) {
            return RoutePlace::SKIPPED;
        }
        *beyond = Some(Box::new(rules.group(text).unwrap_or(text).into()));
        RoutePlace::BEYOND
    }

    /// The label of a route.
    pub(crate) fn label<'a>(&'a self, route: &'a RouteRef) -> Option<&'a str> {
        match self.known(route.place()) {
            Some(route) => Some(&route.label),
            None => route.beyond.as_deref().map(|text| &**text),
        }
    }

    #[inline]
    fn known(&self, place: RoutePlace) -> Option<&Route<S>> {
        self.slots.get(place.at())?.get().map(|route| &**route)
    }

    /// Uses what is remembered of this route and key, or what `make` makes.
    #[inline]
    pub(crate) fn with<R>(
        &self,
        route: &RouteRef,
        key: &Key,
        make: impl FnOnce(Option<&str>) -> S,
        used: impl FnOnce(&S) -> R,
    ) -> R {
        let (remembered, label) = match (self.known(route.place()), &route.beyond) {
            (Some(route), _) => (&route.remembered, Some(&*route.label)),
            (None, None) => (&self.none, None),
            (None, Some(text)) => return used(&make(Some(text))),
        };
        remembered.with(key, || make(label), used)
    }
}

/// Remembered values of another kind, by the place of a route in a [`RouteTable`].
#[derive(Debug)]
pub(crate) struct PlaceTable<S> {
    places: Box<[OnceLock<Box<Remembered<S>>>]>,
    none: Remembered<S>,
}

impl<S> PlaceTable<S> {
    pub(crate) fn new() -> Self {
        Self { places: (0..ROUTES).map(|_| OnceLock::new()).collect(), none: Remembered::default() }
    }

    /// Uses what is remembered of this route and key, or what `make` makes.
    pub(crate) fn with<R>(
        &self,
        route: &RouteRef,
        key: &Key,
        make: impl FnOnce() -> S,
        used: impl FnOnce(&S) -> R,
    ) -> R {
        match (self.places.get(route.place().at()), &route.beyond) {
            (Some(place), _) => place.get_or_init(Box::default).with(key, make, used),
            (None, None) => self.none.with(key, make, used),
            (None, Some(_)) => used(&make()),
        }
    }
}

impl<S> Route<S> {
    fn new(text: &str, rules: &Rules) -> Self {
        let label = rules.group(text).unwrap_or(text).into();
        Self { text: text.into(), label, skipped: rules.skips(text), remembered: Remembered::default() }
    }
}

/// Values by key: a few slots, each filled once.
#[derive(Debug)]
struct Remembered<S> {
    slots: [Slot<S>; SERIES],
    /// Made for a route that needs it.
    more: OnceLock<Box<[Slot<S>]>>,
}

type Slot<S> = OnceLock<(Key, S)>;

/// Where a key stands among slots.
enum Place<'a, S> {
    Known(&'a S),
    Empty(&'a Slot<S>),
    /// Neither here nor to be put here.
    Full,
}

#[inline]
fn place<'a, S>(slots: &'a [Slot<S>], probes: usize, key: &Key) -> Place<'a, S> {
    let start = key.mix();
    for probe in 0..probes {
        let slot = &slots[start.wrapping_add(probe) % slots.len()];
        match slot.get() {
            Some((known, series)) if known == key => return Place::Known(series),
            Some(_) => {}
            None => return Place::Empty(slot),
        }
    }
    Place::Full
}

impl<S> Default for Remembered<S> {
    fn default() -> Self {
        Self { slots: std::array::from_fn(|_| OnceLock::new()), more: OnceLock::new() }
    }
}

impl<S> Remembered<S> {
    #[inline]
    fn with<R>(&self, key: &Key, make: impl FnOnce() -> S, used: impl FnOnce(&S) -> R) -> R {
        match place(&self.slots, SERIES_PROBES, key) {
            Place::Known(series) => used(series),
            Place::Empty(slot) => Self::fill(slot, key, make(), used),
            Place::Full => self.with_more(key, make, used),
        }
    }

    #[inline(never)]
    fn with_more<R>(&self, key: &Key, make: impl FnOnce() -> S, used: impl FnOnce(&S) -> R) -> R {
        let more = self.more.get_or_init(|| (0..MORE_SERIES).map(|_| OnceLock::new()).collect());
        match place(more, MORE_PROBES, key) {
            Place::Known(series) => used(series),
            Place::Empty(slot) => Self::fill(slot, key, make(), used),
            Place::Full => used(&make()),
        }
    }

    /// Somebody else may fill the slot at the same time: then ours is used once and forgotten.
    #[cold]
    fn fill<R>(slot: &OnceLock<(Key, S)>, key: &Key, series: S, used: impl FnOnce(&S) -> R) -> R {
        match slot.set((*key, series)) {
            Ok(()) => used(&slot.get().expect("a slot that was just filled stays so").1),
            Err((_, series)) => used(&series),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::labels::Field;
    use super::super::rules::Pattern;
    use super::*;

    fn key(number: u16) -> Key {
        let mut key = Key::default();
        key.set(Field::Status, Some(number));
        key
    }

    fn known<S>(table: &RouteTable<S>, text: &str, rules: &Rules) -> RouteRef {
        let mut beyond = None;
        let place = table.resolve(text, rules, &mut beyond);
        assert_ne!(place, RoutePlace::SKIPPED);
        RouteRef::new(place, beyond, None)
    }

    #[test]
    fn a_route_is_found_again_by_its_text_wherever_that_stands_in_memory() {
        let table = RouteTable::<u32>::new();
        let rules = Rules::default();
        let one = known(&table, &String::from("/orders/{id}"), &rules);
        let other = known(&table, &String::from("/orders/{id}"), &rules);
        table.with(&one, &key(1), |_| 7, |_| ());
        assert_eq!(table.with(&other, &key(1), |_| 8, |&seen| seen), 7);
    }

    #[test]
    fn every_key_gets_its_own_series_however_many_there_are() {
        let table = RouteTable::<u32>::new();
        let route = known(&table, "/", &Rules::default());
        for round in 0..3 {
            for number in 0..100 {
                let seen = table.with(&route, &key(number), |_| u32::from(number), |&seen| seen);
                assert_eq!(seen, u32::from(number), "round {round}");
            }
        }
    }

    /// How many of so many tenants are remembered of one route, where a label from extensions tells them.
    fn remembered(tenants: u16, extra: u8) -> usize {
        let table = RouteTable::<u16>::new();
        let route = known(&table, "/", &Rules::default());
        let key = |tenant| {
            let mut key = key(200);
            key.set(Field::Extra(extra), Some(tenant));
            key
        };
        for tenant in 0..tenants {
            assert_eq!(table.with(&route, &key(tenant), |_| tenant, |&seen| seen), tenant);
        }
        let is_known = |tenant: &u16| table.with(&route, &key(*tenant), |_| u16::MAX, |&seen| seen) == *tenant;
        (0..tenants).filter(is_known).count()
    }

    #[test]
    fn the_series_of_128_tenants_are_remembered_and_of_more_as_many_as_there_is_room_for() {
        for extra in 0..4 {
            assert_eq!(remembered(128, extra), 128, "extra label {extra}");
            assert_eq!(remembered(1000, extra), SERIES + MORE_SERIES, "extra label {extra}");
        }
    }

    #[test]
    fn routes_beyond_the_table_keep_their_label() {
        let table = RouteTable::<String>::new();
        let rules = Rules::default();
        for number in 0..5000 {
            let text = format!("/route/{number}");
            let route = known(&table, &text, &rules);
            assert_eq!(table.label(&route), Some(&*text));
            let seen = table.with(&route, &key(0), |label| label.unwrap_or("none").to_owned(), Clone::clone);
            assert_eq!(seen, text);
        }
    }

    #[test]
    fn a_route_takes_the_size_of_the_request_along() {
        for size in [None, Some(0), Some(1), Some(UNKNOWN_SIZE - 1)] {
            let route = RouteRef::new(RoutePlace::known(1023), None, size);
            assert_eq!((route.place(), route.request_size()), (RoutePlace::known(1023), size));
        }
        assert_eq!(RouteRef::new(RoutePlace::NONE, None, Some(u64::MAX)).request_size(), None);
        assert_eq!((RouteRef::NONE.place(), RouteRef::NONE.request_size()), (RoutePlace::NONE, None));
    }

    #[test]
    fn a_long_route_is_not_kept() {
        let table = RouteTable::<u32>::new();
        let route = known(&table, &"x".repeat(MAX_ROUTE_LENGTH + 1), &Rules::default());
        assert_eq!(route.place(), RoutePlace::BEYOND);
    }

    #[test]
    fn values_of_another_kind_are_remembered_by_place() {
        let (table, other) = (RouteTable::<u32>::new(), PlaceTable::<String>::new());
        let rules = Rules::default();
        for round in 0..2 {
            for number in 0..3000 {
                let text = format!("/route/{}", number % 1500);
                let route = known(&table, &text, &rules);
                let made = || table.label(&route).unwrap_or_default().to_owned();
                assert_eq!(other.with(&route, &key(number % 3), made, Clone::clone), text, "round {round}");
            }
            assert_eq!(other.with(&RouteRef::NONE, &key(0), || "none".to_owned(), Clone::clone), "none");
        }
    }

    #[test]
    fn rules_hold_within_the_table_and_beyond_it() {
        let table = RouteTable::<u32>::new();
        let groups = vec![(Pattern::new("/static/*"), "/static".into())];
        let rules = Rules { skip: vec![Pattern::new("/metrics*")], groups };
        for number in 0..5000 {
            let metrics = table.resolve(&format!("/metrics{number}"), &rules, &mut None);
            assert_eq!(metrics, RoutePlace::SKIPPED);
            let route = known(&table, &format!("/static/{number}"), &rules);
            assert_eq!(table.label(&route), Some("/static"));
        }
    }
}
