//! What does a constant declaration hold? Everything here can be built in a `const`.

/// The type of a metric family, in the words of the exposition formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MetricType {
    /// A total that only rises.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// Observations counted in buckets, with their sum.
    Histogram,
    /// Text that never changes, as labels of a series whose value is 1.
    Info,
    /// A set of states, each on or off.
    StateSet,
    /// Precomputed quantiles, sum and count; only a collector that passes on somebody else's numbers has a use for it.
    Summary,
    /// A value of which nothing more is known.
    Unknown,
}

/// The values that a label can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelValues {
    /// Every value is known beforehand; a value's index is its place here.
    Enumerated(&'static [&'static str]),
    /// Known only at run time: strings and numbers.
    Dynamic,
}

/// One label of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelDeclaration {
    /// The label's name.
    pub name: &'static str,
    /// Its values.
    pub values: LabelValues,
    /// Whether it may be left out (`Option`).
    pub optional: bool,
}

impl LabelDeclaration {
    /// A mandatory label.
    pub const fn new(name: &'static str, values: LabelValues) -> Self {
        Self { name, values, optional: false }
    }

    /// How many values it has, counting "left out" as one where it is optional; `None` for a dynamic label.
    pub const fn cardinality(&self) -> Option<usize> {
        match self.values {
            LabelValues::Enumerated(values) => Some(values.len() + self.optional as usize),
            LabelValues::Dynamic => None,
        }
    }
}

/// How a native (exponential) histogram is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NativeDeclaration {
    /// The upper bound of the ratio between two neighbouring bucket bounds; 1.1 unless told otherwise.
    pub factor: f64,
    /// Observations whose absolute value is at most this count as zero.
    pub zero_threshold: f64,
    /// How many buckets may be occupied before the resolution is halved.
    pub max_buckets: u16,
}

impl NativeDeclaration {
    /// Factor 1.1, zero threshold 2⁻¹²⁸, at most 160 buckets: the field's defaults.
    pub const DEFAULT: Self = Self { factor: 1.1, zero_threshold: 2.938_735_877_055_719e-39, max_buckets: 160 };
}

/// What one replica can bear, for autoscaling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Autoscale {
    /// The target and its meaning.
    pub target: AutoscaleTarget,
    /// How the series of one replica become one number; needed where labels remain.
    pub combine: Option<Combine>,
    /// The window over which a gauge is averaged, in seconds.
    pub over_seconds: Option<f64>,
    /// The least number of replicas.
    pub min: Option<u32>,
    /// The greatest number of replicas.
    pub max: Option<u32>,
    /// The scale-down stabilisation window in seconds.
    pub scale_down_seconds: Option<u32>,
}

/// The meaning of an autoscaling target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AutoscaleTarget {
    /// A gauge that each replica has of its own.
    PerPod(f64),
    /// A gauge that every replica reports alike; the target is for one replica, the value is the fleet's.
    Shared(f64),
    /// A counter's rate per replica.
    PerSecond(f64),
    /// Mean concurrency per replica, from a busy-seconds counter.
    Concurrency(f64),
}

/// How several series become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// They are added up.
    Sum,
    /// The greatest counts.
    Max,
}

/// A service level objective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// The share of events that must be good, in (0, 1).
    pub ratio: f64,
    /// What makes an event good.
    pub bound: ObjectiveBound,
    /// The window over which the share is owed, in seconds.
    pub window_seconds: u64,
}

/// What makes an event good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ObjectiveBound {
    /// A histogram's observation is at most this, which is one of its bucket bounds.
    AtMost(f64),
    /// A counter: its series are good unless `label` has one of `bad`.
    Bad {
        /// The label that tells good from bad.
        label: &'static str,
        /// The values that are bad.
        bad: &'static [&'static str],
    },
    /// A counter of all events that has a counter of the bad ones beside it: what an HTTP layer does that judges each
    /// request itself. The objective covers the series of both in which `label` is `value`.
    Counted {
        /// The name of the counter of bad events, without a registry's prefix.
        bad_counter: &'static str,
        /// The label that tells one objective from another, in both counters.
        label: &'static str,
        /// The label's value for this objective.
        value: &'static str,
    },
}

/// A metric as it is declared in code: constant, and the raw material of everything that is generated from it.
///
/// ```
/// use metrics_core::{Declaration, MetricType};
///
/// const ORDERS: Declaration = Declaration::new(MetricType::Counter, "orders_total", "Orders placed.");
/// const LATENCY: Declaration = Declaration::new(MetricType::Histogram, "charge_duration_seconds", "Time to charge a card.")
///     .with_unit("seconds")
///     .with_buckets(&[0.01, 0.1, 1.0]);
/// # assert_eq!(LATENCY.unit, Some("seconds"));
/// # assert_eq!(ORDERS.name, "orders_total");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Declaration {
    /// The name as it is exposed, suffixes included, without a registry's prefix.
    pub name: &'static str,
    /// The type.
    pub kind: MetricType,
    /// The unit, which is a suffix of the name.
    pub unit: Option<&'static str>,
    /// What it tells.
    pub help: &'static str,
    /// The labels, in the order in which they are written.
    pub labels: &'static [LabelDeclaration],
    /// A histogram's upper bounds without `+Inf`; `None` for the default ones.
    pub buckets: Option<&'static [f64]>,
    /// Whether a histogram is native: alone if [`Self::classic`] is false, or beside its classic buckets.
    pub native: Option<NativeDeclaration>,
    /// Whether a histogram has classic buckets.
    pub classic: bool,
    /// Whether all series of an enumerable label set exist from the start.
    pub zero_init: bool,
    /// The most series that a family with a dynamic label keeps; `None` for the default.
    pub max_series: Option<u32>,
    /// The longest label value in bytes; `None` for the default of 1 KiB.
    pub max_value_bytes: Option<u32>,
    /// What one replica can bear.
    pub autoscale: Option<Autoscale>,
    /// The service level objectives.
    pub objectives: &'static [Objective],
    /// The file that declares it.
    pub file: &'static str,
    /// The line in that file.
    pub line: u32,
}

impl Declaration {
    /// A metric without unit and labels, declared where this is called.
    #[track_caller]
    pub const fn new(kind: MetricType, name: &'static str, help: &'static str) -> Self {
        let place = core::panic::Location::caller();
        Self {
            name,
            kind,
            unit: None,
            help,
            labels: &[],
            buckets: None,
            native: None,
            classic: true,
            zero_init: true,
            max_series: None,
            max_value_bytes: None,
            autoscale: None,
            objectives: &[],
            file: place.file(),
            line: place.line(),
        }
    }

    /// The same with a unit.
    pub const fn with_unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }

    /// The same with labels.
    pub const fn with_labels(mut self, labels: &'static [LabelDeclaration]) -> Self {
        self.labels = labels;
        self
    }

    /// The same with a histogram's upper bounds, without `+Inf`.
    pub const fn with_buckets(mut self, buckets: &'static [f64]) -> Self {
        self.buckets = Some(buckets);
        self
    }

    /// The same as a native histogram; `classic` tells whether it keeps classic buckets beside.
    pub const fn with_native(mut self, native: NativeDeclaration, classic: bool) -> Self {
        self.native = Some(native);
        self.classic = classic;
        self
    }

    /// The same with or without its enumerable series at zero from the start.
    pub const fn with_zero_init(mut self, zero_init: bool) -> Self {
        self.zero_init = zero_init;
        self
    }

    /// The same with another cap on the series of a dynamic family.
    pub const fn with_max_series(mut self, max_series: u32) -> Self {
        self.max_series = Some(max_series);
        self
    }

    /// The same with another limit on the length of a label value; a longer one goes to the overflow series.
    pub const fn with_max_value_bytes(mut self, max_value_bytes: u32) -> Self {
        self.max_value_bytes = Some(max_value_bytes);
        self
    }

    /// The same with an autoscaling target.
    pub const fn with_autoscale(mut self, autoscale: Autoscale) -> Self {
        self.autoscale = Some(autoscale);
        self
    }

    /// The same with service level objectives.
    pub const fn with_objectives(mut self, objectives: &'static [Objective]) -> Self {
        self.objectives = objectives;
        self
    }

    /// The same, declared elsewhere.
    pub const fn declared_at(mut self, file: &'static str, line: u32) -> Self {
        self.file = file;
        self.line = line;
        self
    }
}
