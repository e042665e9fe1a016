//! What came back, and when? The generator's own count, to hold the metrics against.

use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::{SystemTime, UNIX_EPOCH},
};

/// The counts of one run.
#[derive(Debug)]
pub(crate) struct Tally(Mutex<Counts>);

#[derive(Debug, Serialize)]
struct Counts {
    /// Seconds since 1970.
    started: f64,
    /// Requests that got no answer.
    failed: u64,
    /// Answers by path and status code.
    answers: BTreeMap<&'static str, BTreeMap<u16, u64>>,
    /// When each answer was complete, in seconds since 1970, in order.
    answered_at: Vec<f64>,
}

impl Tally {
    /// Nothing yet.
    pub(crate) fn start() -> Self {
        Self(Mutex::new(Counts { started: now(), failed: 0, answers: BTreeMap::new(), answered_at: Vec::new() }))
    }

    /// One answer is complete.
    pub(crate) fn answered(&self, path: &'static str, status: u16) {
        let mut counts = self.counts();
        *counts.answers.entry(path).or_default().entry(status).or_default() += 1;
        counts.answered_at.push(now());
    }

    /// One request got no answer.
    pub(crate) fn failed(&self) {
        self.counts().failed += 1;
    }

    /// All of it.
    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&*self.counts())
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().expect("no step under this lock panics")
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
