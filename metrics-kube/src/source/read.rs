//! How is a catalogue read back from JSON? The schema is documented in metrics-core's `catalogue/json.rs`.

use metrics_core::MetricType;
use metrics_core::catalogue::{Bound, Catalogue, Group, Histogram, Label, Metric, Objective, SCHEMA};
use metrics_core::descriptor::{Autoscale, AutoscaleTarget, Combine, NativeDeclaration};
use serde::Deserialize;

use crate::error::{Result, error};

/// Reads what [`Catalogue::json`] wrote.
///
/// # Errors
///
/// If the text is no JSON, of another schema, or a member is missing or of the wrong type.
pub fn read_catalogue(json: &str) -> Result<Catalogue> {
    #[derive(Deserialize)]
    struct Versioned {
        schema: String,
    }
    let versioned: Versioned = serde_json::from_str(json)
        .map_err(|cause| error!("this is no catalogue ({cause}); a program writes one with `Catalogue::json()`"))?;
    if versioned.schema != SCHEMA {
        return Err(error!(
            "this is a catalogue of schema `{}`, and this program reads `{SCHEMA}`; use the same version of both crates",
            versioned.schema
        ));
    }
    let file: File = serde_json::from_str(json).map_err(|cause| error!("this catalogue cannot be read: {cause}"))?;
    Ok(Catalogue::from_groups(file.groups.into_iter().map(Group::from).collect()))
}

#[derive(Deserialize)]
struct File {
    groups: Vec<FileGroup>,
}

#[derive(Deserialize)]
struct FileGroup {
    name: String,
    metrics: Vec<FileMetric>,
}

#[derive(Deserialize)]
struct FileMetric {
    name: String,
    #[serde(rename = "type")]
    kind: Kind,
    unit: Option<String>,
    help: String,
    #[serde(default)]
    const_labels: Vec<FileConstLabel>,
    #[serde(default)]
    labels: Vec<FileLabel>,
    histogram: Option<FileHistogram>,
    zero_init: bool,
    max_series: Option<u32>,
    autoscale: Option<FileAutoscale>,
    #[serde(default)]
    objectives: Vec<FileObjective>,
    declared: Declared,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Counter,
    Gauge,
    Histogram,
    Info,
    StateSet,
    Summary,
    Unknown,
}

#[derive(Deserialize)]
struct FileConstLabel {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct FileLabel {
    name: String,
    values: Option<Vec<String>>,
    optional: bool,
}

#[derive(Deserialize)]
struct FileHistogram {
    #[serde(default)]
    bounds: Vec<f64>,
    native: Option<FileNative>,
}

#[derive(Deserialize)]
struct FileNative {
    factor: f64,
    zero_threshold: f64,
    max_buckets: u16,
}

#[derive(Deserialize)]
struct FileAutoscale {
    target: FileTarget,
    combine: Option<FileCombine>,
    over_seconds: Option<f64>,
    min: Option<u32>,
    max: Option<u32>,
    scale_down_seconds: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FileTarget {
    PerPod(f64),
    Shared(f64),
    PerSecond(f64),
    Concurrency(f64),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum FileCombine {
    Sum,
    Max,
}

#[derive(Deserialize)]
struct FileObjective {
    ratio: f64,
    window_seconds: u64,
    #[serde(flatten)]
    bound: FileBound,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FileBound {
    AtMost(f64),
    Bad { label: String, values: Vec<String> },
    Counted { bad_counter: String, label: String, value: String },
}

#[derive(Deserialize)]
struct Declared {
    file: String,
    line: u32,
}

impl From<FileGroup> for Group {
    fn from(group: FileGroup) -> Self {
        Self { name: group.name, metrics: group.metrics.into_iter().map(Metric::from).collect() }
    }
}

impl From<FileMetric> for Metric {
    fn from(metric: FileMetric) -> Self {
        Self {
            name: metric.name,
            kind: metric.kind.into(),
            unit: metric.unit,
            help: metric.help,
            const_labels: metric.const_labels.into_iter().map(|label| (label.name, label.value)).collect(),
            labels: metric.labels.into_iter().map(Label::from).collect(),
            histogram: metric.histogram.map(Histogram::from),
            zero_init: metric.zero_init,
            max_series: metric.max_series,
            autoscale: metric.autoscale.map(Autoscale::from),
            objectives: metric.objectives.into_iter().map(Objective::from).collect(),
            file: metric.declared.file,
            line: metric.declared.line,
        }
    }
}

impl From<Kind> for MetricType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Counter => Self::Counter,
            Kind::Gauge => Self::Gauge,
            Kind::Histogram => Self::Histogram,
            Kind::Info => Self::Info,
            Kind::StateSet => Self::StateSet,
            Kind::Summary => Self::Summary,
            Kind::Unknown => Self::Unknown,
        }
    }
}

impl From<FileLabel> for Label {
    fn from(label: FileLabel) -> Self {
        Self { name: label.name, values: label.values, optional: label.optional }
    }
}

impl From<FileHistogram> for Histogram {
    fn from(histogram: FileHistogram) -> Self {
        let native = histogram.native.map(|native| NativeDeclaration {
            factor: native.factor,
            zero_threshold: native.zero_threshold,
            max_buckets: native.max_buckets,
        });
        Self { bounds: histogram.bounds, native }
    }
}

impl From<FileAutoscale> for Autoscale {
    fn from(autoscale: FileAutoscale) -> Self {
        Self {
            target: match autoscale.target {
                FileTarget::PerPod(target) => AutoscaleTarget::PerPod(target),
                FileTarget::Shared(target) => AutoscaleTarget::Shared(target),
                FileTarget::PerSecond(target) => AutoscaleTarget::PerSecond(target),
                FileTarget::Concurrency(target) => AutoscaleTarget::Concurrency(target),
            },
            combine: autoscale.combine.map(|combine| match combine {
                FileCombine::Sum => Combine::Sum,
                FileCombine::Max => Combine::Max,
            }),
            over_seconds: autoscale.over_seconds,
            min: autoscale.min,
            max: autoscale.max,
            scale_down_seconds: autoscale.scale_down_seconds,
        }
    }
}

impl From<FileObjective> for Objective {
    fn from(objective: FileObjective) -> Self {
        let bound = match objective.bound {
            FileBound::AtMost(bound) => Bound::AtMost(bound),
            FileBound::Bad { label, values } => Bound::Bad { label, values },
            FileBound::Counted { bad_counter, label, value } => Bound::Counted { bad_counter, label, value },
        };
        Self { ratio: objective.ratio, bound, window_seconds: objective.window_seconds }
    }
}
