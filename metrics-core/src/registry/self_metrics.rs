//! What does the library tell about itself?

use std::sync::{Arc, Weak};

use super::group::Member;
use super::{Collector, Inner, Registry, Samples};
use crate::Error;
use crate::descriptor::{Descriptor, LabelDescriptor, LabelValues, MetricType};
use crate::encode::Number;
use crate::metric::ignored_total;

const IGNORED: &str = "metrics_ignored_records_total";
const LEFT_OUT: &str = "metrics_left_out_rows_total";
const SERIES: &str = "metrics_family_series";
const COLLECTED: &str = "metrics_collector_duration_seconds";
const OVERFLOWED: &str = "metrics_family_overflowed_total";

/// Registers the self-metrics; see [`Registry::register_self_metrics`].
pub(crate) fn register(registry: &Registry) -> Result<(), Error> {
    // Without the prefix of the handle: the names are the same in every program.
    let plain = Registry { prefix: "".into(), ..registry.clone() };
    let present =
        plain.groups().iter().any(|group| group.members.iter().any(|member| member.descriptor.name == IGNORED));
    if present {
        return Ok(());
    }
    plain.register_collector(SelfMetrics { registry: Arc::downgrade(plain.inner()) })
}

/// The members of one name are one family.
fn tell_family(members: &[Member], samples: &mut Samples<'_>) {
    let Some(name) = members.first().map(|member| [Some(member.descriptor.name.as_str())]) else { return };
    let overflowed: Vec<u64> = members.iter().filter_map(|member| member.source.overflowed()).collect();
    if !overflowed.is_empty() {
        let series: usize = members.iter().map(|member| member.source.len()).sum();
        samples.add_number(SERIES, &name, Number::Unsigned(series as u64));
        samples.add_number(OVERFLOWED, &name, Number::Unsigned(overflowed.iter().sum()));
    }
    if let Some(took) = members.iter().find_map(|member| member.source.collected_in()) {
        samples.add(COLLECTED, &name, took.as_secs_f64());
    }
}

/// Weak, because the registry keeps its collectors alive.
struct SelfMetrics {
    registry: Weak<Inner>,
}

impl Collector for SelfMetrics {
    fn describe(&self) -> Vec<Descriptor> {
        let family = |mut descriptor: Descriptor| {
            let name = "family".into();
            descriptor.labels = vec![LabelDescriptor { name, values: LabelValues::Dynamic, optional: false }];
            descriptor
        };
        let counter = |name: &str, help: &'static str| Descriptor::new(MetricType::Counter, name, help);
        let help = "How long the collector of this family, and of others of the same collector, took the last time.";
        let collected = family(Descriptor::new(MetricType::Gauge, COLLECTED, help));
        vec![
            counter(
                IGNORED,
                "Records of this process that were ignored: amounts, observations or labels that are not allowed.",
            ),
            counter(LEFT_OUT, "Rows that could not be written into a scrape."),
            family(Descriptor::new(MetricType::Gauge, SERIES, "Series of a family with a dynamic label.")),
            family(counter(OVERFLOWED, "Lookups in a family that went to an overflow series.")),
            Descriptor { unit: Some("seconds".into()), ..collected },
        ]
    }

    fn collect(&self, samples: &mut Samples<'_>) {
        let Some(inner) = self.registry.upgrade() else { return };
        samples.add_number(IGNORED, &[], Number::Unsigned(ignored_total()));
        samples.add_number(LEFT_OUT, &[], Number::Unsigned(inner.left_out()));
        let groups = inner.state.lock().groups();
        for group in groups.iter() {
            tell_family(&group.members, samples);
        }
    }
}
