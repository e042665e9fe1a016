//! What do the sockets tell about themselves?

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics_core::{Collector, Descriptor, Error, MetricType, Number, Registry, Samples};
use parking_lot::Mutex;

use super::kernel::KernelDrops;
use super::queue::Queue;
use super::socket::Socket;
use super::tee::Passed;
use crate::record::Bridge;

const DATAGRAMS: &str = "metrics_bridge_datagrams_total";
const RECEIVED: &str = "metrics_bridge_received_bytes_total";
const DROPS: &str = "metrics_bridge_kernel_drops_total";
const ERRORS: &str = "metrics_bridge_receive_errors_total";
const RECEIVE_BUFFER: &str = "metrics_bridge_receive_buffer_bytes";
const QUEUED: &str = "metrics_bridge_queued_bytes";
const PASSED_ON: &str = "metrics_bridge_passed_on_total";
const NOT_PASSED_ON: &str = "metrics_bridge_not_passed_on_total";

/// The sockets of a bridge by name. One that is bound again counts on.
#[derive(Default)]
pub(crate) struct Sockets {
    sockets: Mutex<BTreeMap<String, Vec<Arc<SocketStats>>>>,
}

/// What is counted of one socket.
#[derive(Default)]
pub(super) struct SocketStats {
    datagrams: AtomicU64,
    bytes: AtomicU64,
    pub(super) receive_errors: AtomicU64,
    passed_on: AtomicU64,
    not_passed_on: AtomicU64,
    kernel: Option<KernelDrops>,
    /// What the kernel keeps for the socket.
    pub(super) receive_buffer: usize,
    queue: Option<Arc<Queue>>,
}

impl SocketStats {
    pub(super) fn received(&self, bytes: usize) {
        self.datagrams.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn passed_on(&self, passed: Passed) {
        self.passed_on.fetch_add(u64::from(passed.sent), Ordering::Relaxed);
        self.not_passed_on.fetch_add(passed.lost, Ordering::Relaxed);
    }
}

impl Sockets {
    pub(crate) fn register(registry: &Registry) -> Result<Arc<Self>, Error> {
        let sockets = Arc::new(Self::default());
        registry.register_collector(SocketsCollector(Arc::clone(&sockets)))?;
        Ok(sockets)
    }

    pub(super) fn open(&self, socket: &Socket, queue: Option<Arc<Queue>>) -> Arc<SocketStats> {
        let kernel = socket.lossy_descriptor().and_then(KernelDrops::of);
        let (receive_buffer, _) = socket.receive_buffer();
        let stats = Arc::new(SocketStats { kernel, receive_buffer, queue, ..SocketStats::default() });
        self.sockets.lock().entry(socket.name()).or_default().push(Arc::clone(&stats));
        stats
    }
}

struct SocketsCollector(Arc<Sockets>);

impl Collector for SocketsCollector {
    fn describe(&self) -> Vec<Descriptor> {
        let of_socket = |kind, name, help| {
            let mut descriptor = Descriptor::new(kind, name, help);
            descriptor.add_label("socket");
            descriptor
        };
        let counter = |name, help| of_socket(MetricType::Counter, name, help);
        let bytes = |kind, name, help| {
            let mut descriptor = of_socket(kind, name, help);
            descriptor.unit = Some("bytes".into());
            descriptor
        };
        let kept = "What the kernel keeps of a socket until it is read, by its own count.";
        vec![
            counter(DATAGRAMS, "Datagrams that arrived at a socket."),
            bytes(MetricType::Counter, RECEIVED, "Bytes that arrived at a socket."),
            bytes(MetricType::Gauge, RECEIVE_BUFFER, kept),
            bytes(MetricType::Gauge, QUEUED, "Bytes of datagrams that are read and not yet recorded."),
            counter(DROPS, "Datagrams that the kernel dropped because the socket's buffer was full."),
            counter(ERRORS, "Reads of a socket that failed."),
            counter(PASSED_ON, "Datagrams that were sent on unchanged."),
            counter(NOT_PASSED_ON, "Datagrams that could not be sent on, or that nobody took where they were sent to."),
        ]
    }

    fn collect(&self, samples: &mut Samples<'_>) {
        let sockets = self.0.sockets.lock().clone();
        for (name, stats) in &sockets {
            let buffer = stats.last().map_or(0, |stats| stats.receive_buffer as u64);
            samples.add_number(RECEIVE_BUFFER, &[Some(name)], Number::Unsigned(buffer));
            let mut add = |family: &str, value: &dyn Fn(&SocketStats) -> u64| {
                let sum = stats.iter().map(|stats| value(stats)).sum();
                samples.add_number(family, &[Some(name)], Number::Unsigned(sum));
            };
            add(DATAGRAMS, &|stats| stats.datagrams.load(Ordering::Relaxed));
            add(RECEIVED, &|stats| stats.bytes.load(Ordering::Relaxed));
            add(ERRORS, &|stats| stats.receive_errors.load(Ordering::Relaxed));
            add(QUEUED, &|stats| stats.queue.as_ref().map_or(0, |queue| queue.waiting_bytes() as u64));
            add(PASSED_ON, &|stats| stats.passed_on.load(Ordering::Relaxed));
            add(NOT_PASSED_ON, &|stats| stats.not_passed_on.load(Ordering::Relaxed));
            if stats.iter().any(|stats| stats.kernel.is_some()) {
                add(DROPS, &|stats| stats.kernel.as_ref().map_or(0, KernelDrops::read));
            }
        }
    }
}

impl Bridge {
    /// The sockets' metrics, registered with the first socket.
    pub(super) fn sockets(&self) -> Result<Arc<Sockets>, Error> {
        let mut sockets = self.inner().sockets.lock();
        if let Some(sockets) = &*sockets {
            return Ok(Arc::clone(sockets));
        }
        let registered = Sockets::register(self.inner().families.registry())?;
        *sockets = Some(Arc::clone(&registered));
        Ok(registered)
    }
}
