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
/// drives them out one by one and no faster, and those that wait in the kernel's queue have their turn.
const TENURE: Duration = Duration::from_millis(100);

/// The places of one server.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    /// Whose places are taken.
    taken: Arc<Mutex<Vec<Activity>>>,
    /// A place is free again, or a connection has become idle, or has not.
    changed: Arc<Notify>,
}

/// A connection's place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) activity: Activity,
    room: Room,
}

impl Room {
    /// A place for a connection that begins now. If none is free, the connection that has been idle longest is asked to
    /// leave; if none is idle, this waits.
    //
    // Only the task that accepts waits here, so that a notification for one reaches it; one that comes before it waits is
    // kept.
    pub(super) async fn place(&self) -> Place {
        loop {
            let asks_at = match self.take(Instant::now()) {
                Ok(place) => return place,
                Err(asks_at) => asks_at,
            };
            tokio::select! {
                () = self.changed.notified() => {}
                () = until(asks_at) => {}
            }
        }
    }

    /// A free place; or else when it is time to ask again, if not only upon a change.
    fn take(&self, now: Instant) -> Result<Place, Option<Instant>> {
        let mut taken = self.taken();
        if taken.len() < PLACES {
            let activity = Activity::new(Arc::clone(&self.changed));
            taken.push(activity.clone());
            return Ok(Place { activity, room: self.clone() });
        }
        let idle = || taken.iter().filter_map(|activity| Some((activity.idle_since()?, activity)));
        if idle().any(|(_, activity)| activity.is_asked()) {
            return Err(None);
        }
        let Some((since, longest)) = idle().min_by_key(|(since, _)| *since) else { return Err(None) };
        if since + TENURE > now {
            return Err(Some(since + TENURE));
        }
        longest.ask_to_leave();
        Err(None)
    }

    /// A vector of handles is whole whoever panicked.
    fn taken(&self) -> MutexGuard<'_, Vec<Activity>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
