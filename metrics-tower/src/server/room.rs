//! Who has one of the places, and who gives one up for the next connection?

use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::activity::Activity;

/// How many connections there may be.
const PLACES: usize = 64;
/// How long a connection may be idle before it can be asked to leave: enough to send a request in. A flood of connections
/// drives them out one by one and no faster, and those that wait in the kernel's queue have their turn. And how long
/// another one waits for such a connection before one that is not idle is asked.
const TENURE: Duration = Duration::from_millis(100);

/// The places of one server.
#[derive(Clone, Debug)]
pub(super) struct Room {
    /// Whose places are taken.
    taken: Arc<Mutex<Vec<Activity>>>,
    /// A place is free again, or a connection has become idle, or has not.
    changed: Arc<Notify>,
    /// How long an answer may take if another connection wants the place.
    tenure: Duration,
}

/// A connection's place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) activity: Activity,
    room: Room,
}

impl Room {
    pub(super) fn new(tenure: Duration) -> Self {
        Self { taken: Arc::default(), changed: Arc::default(), tenure }
    }

    /// A place for a connection that begins now. If none is free, another connection is asked to leave.
    //
    // Only the task that accepts waits here, so that a notification for one reaches it; one that comes before it waits is
    // kept.
    pub(super) async fn place(&self) -> Place {
        let since = Instant::now();
        loop {
            let asks_at = match self.take(since, Instant::now()) {
                Ok(place) => return place,
                Err(asks_at) => asks_at,
            };
            tokio::select! {
                () = self.changed.notified() => {}
                () = until(asks_at) => {}
            }
        }
    }

    /// A free place for who has waited since then; or else when it is time to ask again, if not only upon a change.
    fn take(&self, since: Instant, now: Instant) -> Result<Place, Option<Instant>> {
        let mut taken = self.taken();
        if taken.len() < PLACES {
            let activity = Activity::new(Arc::clone(&self.changed));
            taken.push(activity.clone());
            return Ok(Place { activity, room: self.clone() });
        }
        // Whichever of these can be had first.
        let asks_at = [idle(&taken, now), self.busy(&taken, now), oldest(&taken, since, now)];
        let mut later = None;
        for asks in asks_at {
            match asks {
                Asks::Leaves => return Err(None),
                Asks::Now(activity) => {
                    activity.ask_to_leave();
                    return Err(None);
                }
                Asks::At(moment) => later = Some(later.map_or(moment, |later: Instant| later.min(moment))),
                Asks::Never => {}
            }
        }
        Err(later)
    }

    /// Of those that are busy, the one whose answer takes longest, if it does for too long.
    fn busy<'a>(&self, taken: &'a [Activity], now: Instant) -> Asks<'a> {
        Asks::first(taken.iter().filter_map(|activity| Some((activity.busy_since()? + self.tenure, activity))), now)
    }

    /// A vector of handles is whole whoever panicked.
    fn taken(&self) -> MutexGuard<'_, Vec<Activity>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Can a connection be asked to leave?
enum Asks<'a> {
    /// One has been, and does so at once.
    Leaves,
    Now(&'a Activity),
    At(Instant),
    Never,
}

impl<'a> Asks<'a> {
    /// The first whose time has come, where each has one.
    fn first(due: impl Iterator<Item = (Instant, &'a Activity)>, now: Instant) -> Self {
        match due.min_by_key(|(due, _)| *due) {
            Some((due, _)) if due > now => Self::At(due),
            Some((_, activity)) if activity.is_asked() => Self::Leaves,
            Some((_, activity)) => Self::Now(activity),
            None => Self::Never,
        }
    }
}

/// Of those that are idle, the one that has been for longest.
fn idle(taken: &[Activity], now: Instant) -> Asks<'_> {
    let idle = || taken.iter().filter_map(|activity| Some((activity.idle_since()? + TENURE, activity)));
    if idle().any(|(_, activity)| activity.is_asked()) { Asks::Leaves } else { Asks::first(idle(), now) }
}

/// The one whose answer began first, which ends behind it; one at a time.
fn oldest(taken: &[Activity], since: Instant, now: Instant) -> Asks<'_> {
    if taken.iter().any(Activity::is_asked) {
        return Asks::Never;
    }
    // The same that will have taken too long first: otherwise two would leave.
    let oldest = taken.iter().min_by_key(|activity| activity.began());
    oldest.map_or(Asks::Never, |oldest| if since + TENURE > now { Asks::At(since + TENURE) } else { Asks::Now(oldest) })
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.taken().retain(|activity| !activity.is(&self.activity));
        self.room.changed.notify_one();
    }
}
