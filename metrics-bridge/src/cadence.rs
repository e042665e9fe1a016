//! How does a cadence client record here? It changes the sink that it is made with.

use std::cell::Cell;
use std::io;
use std::panic::RefUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::cadence::MetricSink;
use parking_lot::Mutex;

use crate::record::{Bridge, Worker};

/// How many threads record at the same time without waiting for each other.
const WORKERS: usize = 8;

thread_local! {
    static THREAD: Cell<Option<usize>> = const { Cell::new(None) };
}

/// A sink that records what a client emits.
///
/// A line that is refused is counted, and is the error that the client's error handler gets. Sampled lines count for
/// all that they stand for.
///
/// ```
/// use cadence::prelude::*;
/// use cadence::StatsdClient;
/// use metrics_bridge::cadence::BridgeSink;
/// use metrics_bridge::map::Mapper;
/// use metrics_bridge::record::{Bridge, BridgeOptions};
/// use metrics_core::Registry;
///
/// let registry = Registry::new();
/// let bridge = Bridge::new(&registry, Mapper::default(), BridgeOptions::default())?;
/// let client = StatsdClient::from_sink("shop", BridgeSink::new(&bridge)); // was: a UdpMetricSink
/// client.count_with_tags("orders", 3).with_tag("payment", "card").send();
/// assert_eq!(registry.sample("shop_orders_total", &[("payment", "card")]), Some(3.0));
/// # Ok::<(), metrics_core::Error>(())
/// ```
#[derive(Debug)]
pub struct BridgeSink {
    workers: [Mutex<Worker>; WORKERS],
}

impl BridgeSink {
    /// A sink into a bridge.
    pub fn new(bridge: &Bridge) -> Self {
        Self { workers: std::array::from_fn(|_| Mutex::new(bridge.worker())) }
    }
}

// What a panic leaves behind is at worst a series that is to be resolved again.
impl RefUnwindSafe for BridgeSink {}

impl MetricSink for BridgeSink {
    fn emit(&self, metric: &str) -> io::Result<usize> {
        let mut worker = self.workers[thread() % WORKERS].lock();
        worker.tick();
        let lines = metric.lines().filter(|line| !line.is_empty());
        let mut refused = None;
        for line in lines {
            refused = worker.line(line.as_bytes()).err().or(refused);
        }
        match refused {
            None => Ok(metric.len()),
            Some(refused) => Err(io::Error::new(io::ErrorKind::InvalidInput, refused)),
        }
    }
}

/// A sink that gives everything to two others, the first one's errors first: for the time in which both worlds run.
#[derive(Debug)]
pub struct TeeSink<A, B> {
    first: A,
    second: B,
}

impl<A: MetricSink, B: MetricSink> TeeSink<A, B> {
    /// Emits to both.
    pub fn new(first: A, second: B) -> Self {
        Self { first, second }
    }
}

impl<A: MetricSink, B: MetricSink> MetricSink for TeeSink<A, B> {
    fn emit(&self, metric: &str) -> io::Result<usize> {
        let (first, second) = (self.first.emit(metric), self.second.emit(metric));
        first.and(second)
    }

    fn flush(&self) -> io::Result<()> {
        let (first, second) = (self.first.flush(), self.second.flush());
        first.and(second)
    }
}

/// A number of this thread; neighbours have different ones.
fn thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    THREAD.with(|thread| {
        let number = thread.get().unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed));
        thread.set(Some(number));
        number
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::cadence::prelude::*;
    use ::cadence::{SpyMetricSink, StatsdClient};
    use metrics_core::Registry;

    use super::*;
    use crate::map::Mapper;
    use crate::record::BridgeOptions;

    fn bridge(registry: &Registry) -> Bridge {
        Bridge::new(registry, Mapper::default(), BridgeOptions::default()).unwrap()
    }

    #[test]
    fn everything_a_client_can_send_is_recorded() {
        let registry = Registry::new();
        let client = StatsdClient::builder("shop", BridgeSink::new(&bridge(&registry))).with_tag("env", "prod").build();
        client.incr("orders").unwrap();
        client.count("orders", 4_i64).unwrap();
        client.count_with_tags("orders", 1_i64).with_sampling_rate(0.1).send();
        client.time("charge", 250_u64).unwrap();
        client.time("charge", vec![250_u64, 500]).unwrap();
        client.gauge("depth", 7.5).unwrap();
        client.histogram("size", 3_u64).unwrap();
        client.distribution("latency", 0.2).unwrap();
        for user in 0..50 {
            client.set("users", user % 10).unwrap();
        }
        let sample =
            |name| registry.sample(name, &[("env", "prod")]).unwrap_or_else(|| panic!("{}", registry.encode_text()));
        assert_eq!(sample("shop_orders_total"), 15.0);
        assert_eq!(sample("shop_charge_seconds_count"), 3.0);
        assert_eq!(sample("shop_charge_seconds_sum"), 1.0);
        assert_eq!(sample("shop_depth"), 7.5);
        assert_eq!(sample("shop_size_sum"), 3.0);
        assert_eq!(sample("shop_latency_count"), 1.0);
        assert_eq!(sample("shop_users"), 10.0);
    }

    #[test]
    fn a_refused_record_reaches_the_error_handler() {
        let registry = Registry::new();
        let client = StatsdClient::from_sink("shop", BridgeSink::new(&bridge(&registry)));
        let error = client.count("orders", -4_i64).unwrap_err();
        assert!(error.to_string().contains("a count is negative; a total cannot fall, send a gauge"), "{error}");
        assert_eq!(registry.sample("metrics_bridge_refused_total", &[("reason", "negative_count")]), Some(1.0));
    }

    #[test]
    fn a_tee_emits_to_both() {
        let registry = Registry::new();
        let (lines, spy) = SpyMetricSink::new();
        let client = StatsdClient::from_sink("shop", TeeSink::new(spy, BridgeSink::new(&bridge(&registry))));
        client.count("orders", 2_i64).unwrap();
        assert_eq!(lines.recv().unwrap(), b"shop.orders:2|c");
        assert_eq!(registry.sample("shop_orders_total", &[]), Some(2.0));
    }

    #[test]
    fn threads_lose_nothing() {
        let registry = Registry::new();
        let client = Arc::new(StatsdClient::from_sink("shop", BridgeSink::new(&bridge(&registry))));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                let client = Arc::clone(&client);
                scope.spawn(move || (0..1000).for_each(|_| drop(client.incr("orders").unwrap())));
            }
        });
        assert_eq!(registry.sample("shop_orders_total", &[]), Some(16_000.0));
    }
}
