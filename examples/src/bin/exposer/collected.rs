//! Which shapes come only from a collector? Summaries, and numbers whose type nobody knows.

use metrics_core::{Collector, Descriptor, Error, MetricType, Registry, Samples};

use crate::ledger::Ledger;

const QUANTILES: [(f64, f64); 3] = [(0.0, 0.25), (0.5, 2.0), (0.99, f64::NAN)];

/// Somebody else's numbers.
struct Upstream;

fn families() -> [Descriptor; 3] {
    let mut summary = Descriptor::new(MetricType::Summary, "expo_upstream_seconds", "A summary with quantiles.");
    summary.unit = Some("seconds".into());
    let plain = Descriptor::new(MetricType::Summary, "expo_upstream_plain", "A summary without.");
    let unknown = Descriptor::new(MetricType::Unknown, "expo_mystery", "A number of no known type.");
    [summary, plain, unknown]
}

impl Collector for Upstream {
    fn describe(&self) -> Vec<Descriptor> {
        families().into()
    }

    fn collect(&self, samples: &mut Samples<'_>) {
        samples.add_summary("expo_upstream_seconds", &[], &QUANTILES, 600.5, 25);
        samples.add_summary("expo_upstream_plain", &[], &[], 0.0, 0);
        samples.add("expo_mystery", &[], -1.5);
    }
}

/// Registers the collector and notes what it will tell.
pub(crate) fn record(registry: &Registry, ledger: &mut Ledger) -> Result<(), Error> {
    let [summary, plain, unknown] = families();
    ledger.family(summary).summary(&QUANTILES, 600.5, 25).collected();
    ledger.family(plain).summary(&[], 0.0, 0);
    ledger.family(unknown).value(&[], -1.5);
    registry.register_collector(Upstream)
}
