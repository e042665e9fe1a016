//! What was sent, and what did the shop see? Counted by hand, with other means than those that are judged.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// What the clients sent, as far as its end was forced.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// All requests, whatever became of them.
    pub(crate) total: AtomicU64,
    /// Requests with a method that nobody has, answered.
    pub(crate) odd_methods: AtomicU64,
    /// Requests with CONNECT, answered.
    pub(crate) tunnels: AtomicU64,
    /// Requests whose handler panics.
    pub(crate) panics: AtomicU64,
    /// Requests whose body fails.
    pub(crate) broken: AtomicU64,
    /// Heads that were never finished.
    pub(crate) half_heads: AtomicU64,
}

/// What a middleware saw that knows nothing of the layer.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Requests that reached the shop.
    pub(crate) started: AtomicU64,
    /// Half heads that did: none may.
    pub(crate) half_heads: AtomicU64,
    /// Handlers that ran and never answer: whoever asked has left before the head.
    pub(crate) held: AtomicU64,
    /// Bodies that were begun and that nobody reads to their end.
    pub(crate) flooded: AtomicU64,
    by_method: Mutex<BTreeMap<String, u64>>,
    by_status: Mutex<BTreeMap<u16, u64>>,
    waiting: Mutex<HashMap<u64, oneshot::Sender<()>>>,
}

impl Seen {
    /// A request with this method has reached the shop; nine methods and CONNECT are told apart, in these letters only.
    pub(crate) fn started(&self, method: &str) {
        self.started.fetch_add(1, Relaxed);
        let told = "GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY".split(' ').any(|known| known == method);
        *lock(&self.by_method).entry(if told { method } else { "_OTHER" }.to_owned()).or_default() += 1;
    }

    pub(crate) fn by_method(&self) -> BTreeMap<String, u64> {
        lock(&self.by_method).clone()
    }

    pub(crate) fn answered(&self, status: u16) {
        *lock(&self.by_status).entry(status).or_default() += 1;
    }

    pub(crate) fn by_status(&self) -> BTreeMap<u16, u64> {
        lock(&self.by_status).clone()
    }

    /// Word from the handler of this request that it runs.
    pub(crate) fn expect(&self, request: u64) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        lock(&self.waiting).insert(request, sender);
        receiver
    }

    /// The handler of this request runs.
    pub(crate) fn runs(&self, request: u64) {
        if let Some(sender) = lock(&self.waiting).remove(&request) {
            // Whoever no longer waits needs no word.
            let _ = sender.send(());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
