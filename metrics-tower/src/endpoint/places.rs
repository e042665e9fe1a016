//! May another scrape begin, and has this one been given up on?

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The places for scrapes that run at the same time. A place that has not been used for a while is free again, and so is
/// the one that has been taken longest, if it has been for long and no other is free; without a timer: whoever wants one
/// looks.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    // Held for a few instructions, never while anything is encoded or sent.
    places: Arc<Mutex<Vec<Option<Taken>>>>,
    patience: Duration,
    /// How long an answer has its place whoever else wants one.
    tenure: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Taken {
    ticket: u64,
    began: Instant,
    waits: Waits,
}

/// Since when an answer waits for its reader; `None` while a piece is made, for which no reader is to blame.
type Waits = Option<Instant>;

/// A place; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    index: usize,
    ticket: u64,
    began: Instant,
    waits: Waits,
}

/// Why an answer has no place any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Its reader was silent for too long.
    Stalled,
    /// Another scrape has its place.
    Displaced,
}

impl Places {
    pub(crate) fn new(count: usize, patience: Duration, tenure: Duration) -> Self {
        Self { places: Arc::new(Mutex::new(vec![None; count])), patience, tenure }
    }

    pub(crate) fn count(&self) -> usize {
        self.with(|places| places.len())
    }

    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    pub(crate) fn tenure(&self) -> Duration {
        self.tenure
    }

    /// A free place, or one whose reader has stopped reading, or else the one that has been taken longest, if that is long
    /// enough. It does not expire before [`Place::wait`].
    pub(crate) fn take(&self, now: Instant) -> Option<Place> {
        self.with(|places| {
            let free = |place: &Option<Taken>| place.is_none_or(|taken| self.expired(taken.waits, now));
            let index = places.iter().position(free).or_else(|| self.oldest(places, now))?;
            let ticket = places[index].map_or(0, |taken| taken.ticket) + 1;
            places[index] = Some(Taken { ticket, began: now, waits: None });
            Some(Place { places: self.clone(), index, ticket, began: now, waits: None })
        })
    }

    fn expired(&self, waits: Waits, now: Instant) -> bool {
        waits.is_some_and(|since| now.saturating_duration_since(since) > self.patience)
    }

    /// The place that has been taken longest, if it can be asked for.
    fn oldest(&self, places: &[Option<Taken>], now: Instant) -> Option<usize> {
        let taken = places.iter().enumerate().filter_map(|(index, place)| Some((place.as_ref()?.began, index)));
        let (began, index) = taken.min()?;
        (now.saturating_duration_since(began) > self.tenure).then_some(index)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Option<Taken>>) -> T) -> T {
        work(&mut self.places.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Place {
    /// Says that the reader wants the next piece, which is made now.
    ///
    /// # Errors
    /// If the place is lost.
    pub(crate) fn keep(&mut self, now: Instant) -> Result<(), Lost> {
        if self.places.expired(self.waits, now) {
            return Err(Lost::Stalled);
        }
        self.waits = None;
        if self.note() { Ok(()) } else { Err(Lost::Displaced) }
    }

    /// Says that a piece is made, and that it is the reader's turn.
    pub(crate) fn wait(&mut self, now: Instant) {
        self.waits = Some(now);
        self.note();
    }

    /// Tells others who it waits for; false if the place is another's.
    fn note(&self) -> bool {
        self.places.with(|places| {
            let own = places[self.index].as_mut().filter(|taken| taken.ticket == self.ticket);
            own.map(|taken| taken.waits = self.waits).is_some()
        })
    }

    pub(crate) fn patience(&self) -> Duration {
        self.places.patience
    }

    /// How long it has been taken.
    pub(crate) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.with(|places| {
            let place = &mut places[self.index];
            if place.is_some_and(|taken| taken.ticket == self.ticket) {
                *place = None;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);
    const FOR_EVER: Duration = Duration::MAX;
    const MOMENT: Duration = Duration::from_millis(1);

    #[test]
    fn there_are_as_many_places_as_said_and_a_dropped_one_is_free() {
        let (places, now) = (Places::new(2, PATIENCE, FOR_EVER), Instant::now());
        let first = places.take(now).unwrap();
        let mut second = places.take(now).unwrap();
        assert!(places.take(now).is_none());
        drop(first);
        let mut third = places.take(now).unwrap();
        assert_eq!([second.keep(now), third.keep(now)], [Ok(()); 2]);
    }

    #[test]
    fn a_silent_reader_loses_its_place_and_cannot_free_its_successors() {
        let (places, start) = (Places::new(1, PATIENCE, FOR_EVER), Instant::now());
        let mut silent = places.take(start).unwrap();
        silent.wait(start);
        assert!(places.take(start + PATIENCE).is_none());
        let later = start + PATIENCE + MOMENT;
        let mut successor = places.take(later).unwrap();
        assert_eq!(silent.keep(later), Err(Lost::Stalled));
        drop(silent);
        assert!(places.take(later).is_none());
        assert_eq!(successor.keep(later), Ok(()));
    }

    #[test]
    fn a_reader_that_comes_back_too_late_has_lost_its_place_even_if_nobody_took_it() {
        let (places, start) = (Places::new(1, PATIENCE, FOR_EVER), Instant::now());
        let mut place = places.take(start).unwrap();
        for waits in 1..3 {
            place.wait(start + PATIENCE * (waits - 1));
            assert_eq!(place.keep(start + PATIENCE * waits), Ok(()));
        }
        place.wait(start + PATIENCE * 2);
        assert_eq!(place.keep(start + PATIENCE * 3 + MOMENT), Err(Lost::Stalled));
    }

    #[test]
    fn a_piece_may_take_longer_than_a_reader_may_be_silent() {
        let (places, start) = (Places::new(1, PATIENCE, FOR_EVER), Instant::now());
        let mut place = places.take(start).unwrap();
        let made = start + PATIENCE * 3;
        assert!(places.take(made).is_none(), "it is in use");
        place.wait(made);
        assert_eq!(place.keep(made + PATIENCE), Ok(()));
        assert!(places.take(made + PATIENCE * 9).is_none(), "the next piece is made");
    }

    #[test]
    fn the_place_that_was_taken_first_is_given_to_another_after_its_tenure_and_only_where_none_is_free() {
        const TENURE: Duration = Duration::from_secs(3);
        let (places, start) = (Places::new(2, PATIENCE, TENURE), Instant::now());
        let mut first = places.take(start).unwrap();
        let mut second = places.take(start + MOMENT).unwrap();
        assert!(places.take(start + TENURE).is_none(), "nobody has been there for longer");
        let later = start + TENURE + MOMENT * 2;
        assert_eq!([first.keep(later), second.keep(later)], [Ok(()); 2], "nobody asked for it");
        let mut third = places.take(later).unwrap();
        assert_eq!([first.keep(later), second.keep(later), third.keep(later)], [Err(Lost::Displaced), Ok(()), Ok(())]);
        drop(first);
        assert_eq!(third.keep(later), Ok(()), "it was freed by who had lost it");
        drop(second);
        places.take(later + TENURE * 2).unwrap();
        assert_eq!(third.keep(later + TENURE * 2), Ok(()), "another one was free");
    }
}
