//! What was recorded, told without any encoder? `--expected` prints it, for whoever compares what a scraper saw.

use metrics_core::{Descriptor, MetricType};
use serde_json::{Value, json};

/// Every family that was recorded, in order.
#[derive(Default)]
pub(crate) struct Ledger(Vec<Entry>);

/// A family with its series.
pub(crate) struct Entry {
    family: Value,
    series: Vec<Value>,
}

impl Ledger {
    /// The entry of a new family; what is said to it belongs to this family.
    pub(crate) fn family(&mut self, definition: impl Into<Descriptor>) -> &mut Entry {
        self.0.push(Entry { family: family(&definition.into()), series: Vec::new() });
        self.last()
    }

    /// The entry of the family that came last.
    ///
    /// # Panics
    /// If there is none.
    pub(crate) fn last(&mut self) -> &mut Entry {
        self.0.last_mut().expect("a family has been noted")
    }

    /// All of it: a list of families. Numbers are texts, because JSON knows no NaN and few integers.
    pub(crate) fn to_json(&self) -> String {
        let families = self.0.iter().map(|entry| {
            let mut family = entry.family.clone();
            family["series"] = Value::Array(entry.series.clone());
            family
        });
        Value::Array(families.collect()).to_string()
    }
}

impl Entry {
    /// A series with this value.
    pub(crate) fn value(&mut self, labels: &[(&str, &str)], value: impl ToString) -> &mut Self {
        let value = value.to_string();
        self.push(json!({ "labels": object(labels), "value": value }))
    }

    /// A series whose value goes on rising.
    pub(crate) fn rising(&mut self) -> &mut Self {
        self.push(json!({ "labels": {}, "value": "rising" }))
    }

    /// A histogram's observations.
    pub(crate) fn observed(&mut self, values: &[f64]) -> &mut Self {
        let values: Vec<String> = values.iter().map(|value| format!("{value:e}")).collect();
        self.push(json!({ "labels": {}, "observed": values }))
    }

    /// One more observation of the last series.
    pub(crate) fn observe(&mut self, value: f64) -> &mut Self {
        let observed = self.series.last_mut().and_then(|series| series["observed"].as_array_mut());
        observed.into_iter().for_each(|values| values.push(format!("{value:e}").into()));
        self
    }

    /// A summary.
    pub(crate) fn summary(&mut self, quantiles: &[(f64, f64)], sum: f64, count: u64) -> &mut Self {
        let quantiles: Vec<_> = quantiles.iter().map(|(of, value)| [format!("{of:e}"), value.to_string()]).collect();
        self.push(
            json!({ "labels": {}, "quantiles": quantiles, "sum": format!("{sum:e}"), "count": count.to_string() }),
        )
    }

    /// The family is the first of a collector.
    pub(crate) fn collected(&mut self) {
        self.family["collected"] = true.into();
    }

    /// An exemplar of the last series.
    pub(crate) fn exemplar(&mut self, value: f64, trace: u128, span: u64) -> &mut Self {
        let exemplar = json!({
            "value": format!("{value:e}"), "trace_id": format!("{trace:032x}"), "span_id": format!("{span:016x}"),
        });
        if let Some(series) = self.series.last_mut().and_then(Value::as_object_mut) {
            let exemplars = series.entry("exemplars").or_insert_with(|| json!([]));
            exemplars.as_array_mut().into_iter().for_each(|list| list.push(exemplar.clone()));
        }
        self
    }

    fn push(&mut self, series: Value) -> &mut Self {
        self.series.push(series);
        self
    }
}

fn family(descriptor: &Descriptor) -> Value {
    let buckets = descriptor.buckets.as_deref();
    json!({
        "name": descriptor.name,
        "type": kind(descriptor.kind),
        "help": descriptor.help,
        "unit": descriptor.unit.as_deref().unwrap_or_default(),
        "classic": descriptor.classic,
        // None: the default ones, which the reader knows from the documentation.
        "buckets": buckets.map(|bounds| bounds.iter().map(|bound| format!("{bound:e}")).collect::<Vec<_>>()),
        "native": descriptor.native.map(|native| json!({
            "factor": native.factor.to_string(), "zero_threshold": format!("{:e}", native.zero_threshold),
        })),
    })
}

fn kind(kind: MetricType) -> &'static str {
    match kind {
        MetricType::Counter => "counter",
        MetricType::Gauge => "gauge",
        MetricType::Histogram => "histogram",
        MetricType::Info => "info",
        MetricType::StateSet => "stateset",
        MetricType::Summary => "summary",
        MetricType::Unknown => "unknown",
    }
}

fn object(labels: &[(&str, &str)]) -> Value {
    labels
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
