//! What does the operating system know about the process?

use metrics_core::{Collector, Descriptor, Error, MetricType, Number, Registry, Samples};
use metrics_process::collector::{Metrics, collect};

/// The process' cpu time, memory, file descriptors, threads and start time under the names that all client libraries of
/// Prometheus use, read in each scrape. What the system does not tell is left out: Linux tells everything.
///
/// A scrape costs a few reads of `/proc/self`, some ten microseconds.
#[derive(Debug, Default)]
pub struct ProcessCollector(());

/// Registers a [`ProcessCollector`].
///
/// # Errors
/// If one of its names is taken.
pub fn register(registry: &Registry) -> Result<(), Error> {
    registry.register_collector(ProcessCollector::new())
}

/// Tells a catalogue what [`register`] registers, for those who generate configuration from it:
/// `Catalogue::new().with_group("Process", metrics_os::describe)`.
pub fn describe(describe: &mut dyn FnMut(Descriptor)) {
    ProcessCollector::new().describe().into_iter().for_each(describe);
}

impl ProcessCollector {
    /// A collector for the process that runs.
    pub fn new() -> Self {
        Self(())
    }
}

/// Name, type, unit, help, and where the value is.
struct Row {
    name: &'static str,
    kind: MetricType,
    unit: Option<&'static str>,
    help: &'static str,
    value: fn(&Metrics) -> Option<Number>,
}

/// Names and help as Prometheus' guide for client libraries gives them.
const ROWS: [Row; 8] = [
    Row {
        name: "process_cpu_seconds_total",
        kind: MetricType::Counter,
        unit: Some("seconds"),
        help: "Total user and system CPU time spent in seconds.",
        value: |metrics| metrics.cpu_seconds_total.map(Number::Float),
    },
    gauge("process_open_fds", None, "Number of open file descriptors.", |metrics| {
        metrics.open_fds.map(Number::Unsigned)
    }),
    gauge("process_max_fds", None, "Maximum number of open file descriptors.", |metrics| {
        metrics.max_fds.map(Number::Unsigned)
    }),
    gauge("process_virtual_memory_bytes", Some("bytes"), "Virtual memory size in bytes.", |metrics| {
        metrics.virtual_memory_bytes.map(Number::Unsigned)
    }),
    gauge(
        "process_virtual_memory_max_bytes",
        Some("bytes"),
        "Maximum amount of virtual memory available in bytes.",
        |metrics| metrics.virtual_memory_max_bytes.map(limit),
    ),
    gauge("process_resident_memory_bytes", Some("bytes"), "Resident memory size in bytes.", |metrics| {
        metrics.resident_memory_bytes.map(Number::Unsigned)
    }),
    gauge(
        "process_start_time_seconds",
        Some("seconds"),
        "Start time of the process since unix epoch in seconds.",
        |metrics| metrics.start_time_seconds.map(Number::Unsigned),
    ),
    gauge("process_threads", None, "Number of OS threads in the process.", |metrics| {
        metrics.threads.map(Number::Unsigned)
    }),
];

const fn gauge(
    name: &'static str,
    unit: Option<&'static str>,
    help: &'static str,
    value: fn(&Metrics) -> Option<Number>,
) -> Row {
    Row { name, kind: MetricType::Gauge, unit, help, value }
}

/// No limit is told as 0, and exposed as other libraries do: as the greatest number there is.
fn limit(bytes: u64) -> Number {
    Number::Unsigned(if bytes == 0 { u64::MAX } else { bytes })
}

impl Collector for ProcessCollector {
    fn describe(&self) -> Vec<Descriptor> {
        let descriptor = |row: &Row| {
            let mut descriptor = Descriptor::new(row.kind, row.name, row.help);
            descriptor.unit = row.unit.map(Into::into);
            // `process_start_time_seconds` is a moment, not a duration, whatever our rules make of its name.
            descriptor.foreign = true;
            descriptor
        };
        ROWS.iter().map(descriptor).collect()
    }

    fn collect(&self, samples: &mut Samples<'_>) {
        let metrics = collect();
        for row in &ROWS {
            if let Some(value) = (row.value)(&metrics) {
                samples.add_number(row.name, &[], value);
            }
        }
    }
}
