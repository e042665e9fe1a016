//! What does a catalogue tell of a metric? Owned throughout, so that it can also be read back from a file.

use std::borrow::Cow;

use crate::descriptor::{Autoscale, Descriptor, LabelDescriptor, LabelValues, MetricType, NativeDeclaration};
use crate::descriptor::{Objective as DeclaredObjective, ObjectiveBound};
use crate::metric::buckets;

/// The metrics of one struct, or of one part such as the HTTP layer, in the order in which they are declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The struct's name, or what the part calls itself.
    pub name: String,
    /// Its metrics.
    pub metrics: Vec<Metric>,
}

/// One metric, as it will be exposed.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// The name as it is exposed, prefix and suffixes included.
    pub name: String,
    /// The type.
    pub kind: MetricType,
    /// The unit.
    pub unit: Option<String>,
    /// What it tells.
    pub help: String,
    /// Labels with one value for all series.
    pub const_labels: Vec<(String, String)>,
    /// The other labels, in the order in which they are written.
    pub labels: Vec<Label>,
    /// How a histogram is kept; `None` for every other type.
    pub histogram: Option<Histogram>,
    /// Whether all series of an enumerable label set exist from the start.
    pub zero_init: bool,
    /// The most series of a family with a dynamic label, `None` for the default.
    pub max_series: Option<u32>,
    /// What one replica can bear.
    pub autoscale: Option<Autoscale>,
    /// The service level objectives.
    pub objectives: Vec<Objective>,
    /// The file that declares it; of a crate outside the workspace only the part from the crate's folder on.
    pub file: String,
    /// The line in that file.
    pub line: u32,
}

/// A label and the values that it can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The label's name.
    pub name: String,
    /// All values, if they are known beforehand.
    pub values: Option<Vec<String>>,
    /// Whether it may be left out.
    pub optional: bool,
}

/// How a histogram is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// The upper bounds of the classic buckets without `+Inf`; empty if there are no classic buckets.
    pub bounds: Vec<f64>,
    /// The native buckets, if there are any.
    pub native: Option<NativeDeclaration>,
}

/// A share of events that must be good.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// The share, in (0, 1).
    pub ratio: f64,
    /// What makes an event good.
    pub bound: Bound,
    /// The window over which the share is owed, in seconds.
    pub window_seconds: u64,
}

/// What makes an event good; the owned form of [`ObjectiveBound`].
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// A histogram's observation is at most this.
    AtMost(f64),
    /// A counter's series are good unless `label` has one of `values`.
    Bad {
        /// The label that tells good from bad.
        label: String,
        /// The values that are bad.
        values: Vec<String>,
    },
    /// The bad events have a counter of their own.
    Counted {
        /// The name of that counter, prefix included.
        bad_counter: String,
        /// The label that tells one objective from another, in both counters.
        label: String,
        /// Its value for this objective.
        value: String,
    },
}

impl Metric {
    /// Whether the metric is a histogram that keeps classic buckets.
    pub fn has_classic_buckets(&self) -> bool {
        self.histogram.as_ref().is_some_and(|histogram| !histogram.bounds.is_empty())
    }
}

impl Group {
    pub(super) fn new(name: String, descriptors: Vec<Descriptor>, prefix: &str) -> Self {
        Self { name, metrics: descriptors.into_iter().map(|one| metric(one, prefix)).collect() }
    }
}

fn metric(descriptor: Descriptor, prefix: &str) -> Metric {
    let prefixed = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}_{name}") };
    Metric {
        name: prefixed(&descriptor.name),
        histogram: histogram(&descriptor),
        kind: descriptor.kind,
        unit: descriptor.unit.map(Cow::into_owned),
        help: descriptor.help.into_owned(),
        const_labels: descriptor.const_labels,
        labels: descriptor.labels.into_iter().map(label).collect(),
        zero_init: descriptor.zero_init,
        max_series: descriptor.max_series,
        autoscale: descriptor.autoscale,
        objectives: descriptor.objectives.iter().map(|one| objective(one, &prefixed)).collect(),
        file: portable(&descriptor.file),
        line: descriptor.line,
    }
}

fn histogram(descriptor: &Descriptor) -> Option<Histogram> {
    if descriptor.kind != MetricType::Histogram {
        return None;
    }
    let bounds = match (&descriptor.buckets, descriptor.classic) {
        (_, false) => Vec::new(),
        (Some(bounds), true) => bounds.to_vec(),
        (None, true) => buckets::DEFAULT.to_vec(),
    };
    Some(Histogram { bounds, native: descriptor.native })
}

fn label(label: LabelDescriptor) -> Label {
    let values = match label.values {
        LabelValues::Enumerated(values) => Some(values.iter().map(|value| (*value).to_owned()).collect()),
        LabelValues::Dynamic => None,
    };
    Label { name: label.name.into_owned(), values, optional: label.optional }
}

fn objective(declared: &DeclaredObjective, prefixed: &dyn Fn(&str) -> String) -> Objective {
    let bound = match declared.bound {
        ObjectiveBound::AtMost(bound) => Bound::AtMost(bound),
        ObjectiveBound::Bad { label, bad } => {
            Bound::Bad { label: label.to_owned(), values: bad.iter().map(|value| (*value).to_owned()).collect() }
        }
        ObjectiveBound::Counted { bad_counter, label, value } => {
            Bound::Counted { bad_counter: prefixed(bad_counter), label: label.to_owned(), value: value.to_owned() }
        }
    };
    Objective { ratio: declared.ratio, bound, window_seconds: declared.window_seconds }
}

/// The path from the crate's folder on if it is absolute: where a machine keeps its dependencies is nobody's business
/// and would make the same declaration look different on every machine.
fn portable(file: &str) -> String {
    let file = file.replace('\\', "/");
    let absolute = file.starts_with('/') || file.as_bytes().get(1) == Some(&b':');
    if !absolute {
        return file;
    }
    let Some(src) = file.rfind("/src/") else { return file.rsplit('/').next().unwrap_or_default().to_owned() };
    let folder = file[..src].rfind('/').map_or(0, |slash| slash + 1);
    file[folder..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::portable;

    #[test]
    fn a_place_outside_the_workspace_starts_at_its_crate() {
        assert_eq!(
            portable("/home/u/.cargo/registry/src/x-1/shop-0.3.0/src/http/mod.rs"),
            "shop-0.3.0/src/http/mod.rs"
        );
        assert_eq!(portable("C:\\crates\\shop\\src\\lib.rs"), "shop/src/lib.rs");
        assert_eq!(portable("/odd/place.rs"), "place.rs");
        assert_eq!(portable("shop/src/lib.rs"), "shop/src/lib.rs");
    }
}
