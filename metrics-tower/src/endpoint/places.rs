//! May another scrape begin, and has this one been given up on?

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The places for scrapes that run at the same time. A place that has not been used for a while is free again, without
/// a timer: whoever wants one looks.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    // Held for a few instructions, never while anything is encoded or sent.
    places: Arc<Mutex<Vec<Option<Taken>>>>,
    patience: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Taken {
    ticket: u64,
    /// Since when it waits for its reader; `None` while a piece is made, for which no reader is to blame.
    waits: Option<Instant>,
}

/// A place; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    index: usize,
    ticket: u64,
}

impl Places {
    pub(crate) fn new(count: usize, patience: Duration) -> Self {
        Self { places: Arc::new(Mutex::new(vec![None; count])), patience }
    }

    pub(crate) fn count(&self) -> usize {
        self.with(|places| places.len())
    }

    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// A free place, or one whose reader has stopped reading. It does not expire before [`Place::wait`].
    pub(crate) fn take(&self, now: Instant) -> Option<Place> {
        self.with(|places| {
            let free = |place: &Option<Taken>| place.is_none_or(|taken| self.expired(taken, now));
            let index = places.iter().position(free)?;
            let ticket = places[index].map_or(0, |taken| taken.ticket) + 1;
            places[index] = Some(Taken { ticket, waits: None });
            Some(Place { places: self.clone(), index, ticket })
        })
    }

    fn expired(&self, taken: Taken, now: Instant) -> bool {
        taken.waits.is_some_and(|since| now.saturating_duration_since(since) > self.patience)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Option<Taken>>) -> T) -> T {
        work(&mut self.places.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Place {
    /// Says that the reader wants the next piece, which is made now; false if it was silent for too long.
    pub(crate) fn keep(&self, now: Instant) -> bool {
        self.places.with(|places| match &mut places[self.index] {
            Some(taken) if taken.ticket == self.ticket && !self.places.expired(*taken, now) => {
                taken.waits = None;
                true
            }
            _ => false,
        })
    }

    /// Says that a piece is made, and that it is the reader's turn.
    pub(crate) fn wait(&self, now: Instant) {
        self.places.with(|places| {
            if let Some(taken) = places[self.index].as_mut().filter(|taken| taken.ticket == self.ticket) {
                taken.waits = Some(now);
            }
        });
    }

    pub(crate) fn patience(&self) -> Duration {
        self.places.patience
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

    #[test]
    fn there_are_as_many_places_as_said_and_a_dropped_one_is_free() {
        let (places, now) = (Places::new(2, PATIENCE), Instant::now());
        let first = places.take(now).unwrap();
        let second = places.take(now).unwrap();
        assert!(places.take(now).is_none());
        drop(first);
        let third = places.take(now).unwrap();
        assert!(second.keep(now) && third.keep(now));
    }

    #[test]
    fn a_silent_reader_loses_its_place_and_cannot_free_its_successors() {
        let (places, start) = (Places::new(1, PATIENCE), Instant::now());
        let silent = places.take(start).unwrap();
        silent.wait(start);
        assert!(places.take(start + PATIENCE).is_none());
        let later = start + PATIENCE + Duration::from_millis(1);
        let successor = places.take(later).unwrap();
        assert!(!silent.keep(later));
        drop(silent);
        assert!(places.take(later).is_none());
        assert!(successor.keep(later));
    }

    #[test]
    fn a_reader_that_comes_back_too_late_has_lost_its_place_even_if_nobody_took_it() {
        let (places, start) = (Places::new(1, PATIENCE), Instant::now());
        let place = places.take(start).unwrap();
        for waits in 1..3 {
            place.wait(start + PATIENCE * (waits - 1));
            assert!(place.keep(start + PATIENCE * waits));
        }
        place.wait(start + PATIENCE * 2);
        assert!(!place.keep(start + PATIENCE * 3 + Duration::from_millis(1)));
    }

    #[test]
    fn a_piece_may_take_longer_than_a_reader_may_be_silent() {
        let (places, start) = (Places::new(1, PATIENCE), Instant::now());
        let place = places.take(start).unwrap();
        let made = start + PATIENCE * 3;
        assert!(places.take(made).is_none(), "it is in use");
        place.wait(made);
        assert!(place.keep(made + PATIENCE));
        assert!(places.take(made + PATIENCE * 9).is_none(), "the next piece is made");
    }
}
