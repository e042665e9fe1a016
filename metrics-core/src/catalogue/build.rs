//! How is a catalogue put together?

use super::model::{Group, Metric};
use crate::descriptor::Descriptor;
use crate::registry::Metrics;

/// Everything that is declared, group by group. See the [module](self::super).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    groups: Vec<Group>,
    prefix: String,
    const_labels: Vec<(String, String)>,
}

impl Catalogue {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A catalogue of groups that are already described, such as those read back from a file.
    pub fn from_groups(groups: Vec<Group>) -> Self {
        Self { groups, ..Self::default() }
    }

    /// What is added from here on is exposed as `prefix_name`, as by a registry made with the same prefix.
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// What is added from here on carries this label, as by a registry made with the same label.
    pub fn with_label(mut self, name: &str, value: &str) -> Self {
        self.const_labels.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with the metrics of a struct, nested structs included. The group is named after the struct.
    pub fn with<M: Metrics>(self) -> Self {
        self.with_group(short_type_name::<M>(), |describe| M::describe(describe))
    }

    /// The same with the metrics of anything that can describe them, such as the configuration of an HTTP layer:
    /// `catalogue.with_group("HTTP", |describe| http.describe(describe))`.
    pub fn with_group(mut self, name: impl Into<String>, describe: impl FnOnce(&mut dyn FnMut(Descriptor))) -> Self {
        let mut descriptors = Vec::new();
        describe(&mut |mut descriptor| {
            descriptor.const_labels.splice(0..0, self.const_labels.iter().cloned());
            descriptors.push(descriptor);
        });
        let mut group = Group::new(name.into(), descriptors, &self.prefix);
        group.metrics.retain(|metric| !self.contains(metric));
        self.groups.push(group);
        self
    }

    /// The groups, in the order in which they were added.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// All metrics, group by group.
    pub fn metrics(&self) -> impl Iterator<Item = &Metric> {
        self.groups.iter().flat_map(|group| &group.metrics)
    }

    /// The metric that is exposed under this name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics().find(|metric| metric.name == name)
    }

    /// Registering one definition twice hands back one metric, so it stands here once.
    fn contains(&self, metric: &Metric) -> bool {
        self.metrics().any(|known| known == metric)
    }
}

/// `shop::metrics::ShopMetrics<'_>` is `ShopMetrics`.
fn short_type_name<T>() -> String {
    let full = std::any::type_name::<T>();
    let plain = full.split('<').next().unwrap_or(full);
    plain.rsplit("::").next().unwrap_or(plain).to_owned()
}

#[cfg(test)]
mod tests {
    use super::Catalogue;
    use crate::descriptor::{Autoscale, AutoscaleTarget, Declaration, Descriptor, Objective, ObjectiveBound};
    use crate::{Error, MetricType, Metrics, Registry};

    struct ShopMetrics;

    impl Metrics for ShopMetrics {
        const DECLARATIONS: &'static [Declaration] =
            &[Declaration::new(MetricType::Gauge, "queue_depth", "Orders waiting.").with_autoscale(Autoscale {
                target: AutoscaleTarget::Shared(30.0),
                combine: None,
                over_seconds: None,
                min: None,
                max: None,
                scale_down_seconds: None,
            })];

        fn describe(describe: &mut dyn FnMut(Descriptor)) {
            Self::DECLARATIONS.iter().for_each(|declaration| describe((*declaration).into()));
        }

        fn register(_: &Registry) -> Result<Self, Error> {
            Ok(Self)
        }
    }

    #[test]
    fn a_group_is_named_after_its_struct() {
        let catalogue = Catalogue::new().with::<ShopMetrics>();
        assert_eq!(catalogue.groups()[0].name, "ShopMetrics");
        assert_eq!(catalogue.metric("queue_depth").unwrap().help, "Orders waiting.");
    }

    #[test]
    fn prefix_and_label_apply_to_what_follows() {
        let catalogue =
            Catalogue::new().with::<ShopMetrics>().with_prefix("eu").with_label("region", "eu").with::<ShopMetrics>();
        let names: Vec<_> = catalogue.metrics().map(|metric| (&*metric.name, metric.const_labels.len())).collect();
        assert_eq!(names, [("queue_depth", 0), ("eu_queue_depth", 1)]);
    }

    #[test]
    fn the_prefix_reaches_the_counter_that_an_objective_names() {
        const COUNTED: ObjectiveBound =
            ObjectiveBound::Counted { bad_counter: "bad_total", label: "slo", value: "fast" };
        const OBJECTIVES: &[Objective] = &[Objective { ratio: 0.9, bound: COUNTED, window_seconds: 60 }];
        let catalogue = Catalogue::new().with_prefix("shop").with_group("HTTP", |describe| {
            describe(Declaration::new(MetricType::Counter, "all_total", "All.").with_objectives(OBJECTIVES).into());
        });
        let bound = &catalogue.metric("shop_all_total").unwrap().objectives[0].bound;
        assert!(matches!(bound, super::super::Bound::Counted { bad_counter, .. } if bad_counter == "shop_bad_total"));
    }

    #[test]
    fn a_metric_that_is_described_twice_stands_once() {
        let catalogue = Catalogue::new().with::<ShopMetrics>().with::<ShopMetrics>();
        assert_eq!(catalogue.metrics().count(), 1);
    }
}
