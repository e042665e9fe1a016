//! What does the catalogue look like as JSON?
//!
//! Schema `metrics-catalogue/1`; a member that does not apply is left out, and a reader ignores members it does not know.
//!
//! | member | where | value |
//! |---|---|---|
//! | `schema` | top | `"metrics-catalogue/1"`; the number rises when a member changes its meaning or goes |
//! | `groups` | top | list of `{name, metrics}` in the order of declaration |
//! | `name`, `type`, `help` | metric | texts; type is `counter`, `gauge`, `histogram`, `info`, `stateset`, `summary` or `unknown` |
//! | `unit` | metric | text such as `seconds` |
//! | `const_labels` | metric | list of `{name, value}` |
//! | `labels` | metric | list of `{name, values, optional}`; without `values` they are known only at run time |
//! | `histogram` | metric | `{bounds, native: {factor, zero_threshold, max_buckets}}`; no `bounds`: no classic buckets |
//! | `zero_init`, `max_series` | metric | whether its series exist from the start; its cap |
//! | `autoscale` | metric | `{target: {per_pod, shared, per_second or concurrency: number}, combine, over_seconds, min, max, scale_down_seconds}` |
//! | `objectives` | metric | list of `{ratio, window_seconds}` and one of `at_most: number`, `bad: {label, values}`, `counted: {bad_counter, label, value}` |
//! | `declared` | metric | `{file, line}` |
//!
//! Written by hand because the shape is small and fixed: serde in the crate that every service links would cost more
//! build time than this file saves.

use std::fmt::Write as _;

use super::Catalogue;
use super::model::{Bound, Group, Histogram, Label, Metric, Objective};
use crate::descriptor::{Autoscale, AutoscaleTarget, Combine, MetricType};

/// The name and version of the schema that [`Catalogue::json`] writes.
pub const SCHEMA: &str = "metrics-catalogue/1";

impl Catalogue {
    /// The catalogue as JSON: two spaces a level, a newline at the end, the same bytes for the same declarations.
    ///
    /// The members are listed at the head of `metrics-core/src/catalogue/json.rs` and in the guide on autoscaling.
    pub fn json(&self) -> String {
        let groups = list(self.groups().iter().map(group));
        let mut out = String::new();
        object([("schema", Some(string(SCHEMA))), ("groups", Some(groups))]).write(&mut out, 0);
        out.push('\n');
        out
    }
}

/// A JSON value that can be written with indentation.
enum Json {
    /// A scalar, already in JSON's own notation.
    Scalar(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Self::Scalar(text) => out.push_str(text),
            Self::List(items) if items.iter().all(|item| matches!(item, Self::Scalar(_))) => write_line(out, items),
            Self::List(items) => write_block(out, depth, ['[', ']'], items, |out, item| item.write(out, depth + 1)),
            Self::Object(members) => write_block(out, depth, ['{', '}'], members, |out, (name, value)| {
                let _ = write!(out, "\"{name}\": ");
                value.write(out, depth + 1);
            }),
        }
    }
}

fn write_line(out: &mut String, items: &[Json]) {
    out.push('[');
    for (place, item) in items.iter().enumerate() {
        out.push_str(if place == 0 { "" } else { ", " });
        item.write(out, 0);
    }
    out.push(']');
}

fn write_block<T>(out: &mut String, depth: usize, ends: [char; 2], items: &[T], each: impl Fn(&mut String, &T)) {
    out.push(ends[0]);
    for (place, item) in items.iter().enumerate() {
        out.push_str(if place == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        each(out, item);
    }
    if !items.is_empty() {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(ends[1]);
}

fn group(group: &Group) -> Json {
    object([("name", Some(string(&group.name))), ("metrics", Some(list(group.metrics.iter().map(metric))))])
}

fn metric(metric: &Metric) -> Json {
    let declared = object([("file", Some(string(&metric.file))), ("line", Some(plain(metric.line)))]);
    object([
        ("name", Some(string(&metric.name))),
        ("type", Some(string(type_name(metric.kind)))),
        ("unit", metric.unit.as_deref().map(string)),
        ("help", Some(string(&metric.help))),
        ("const_labels", some_list(metric.const_labels.iter().map(const_label))),
        ("labels", some_list(metric.labels.iter().map(label))),
        ("histogram", metric.histogram.as_ref().map(histogram)),
        ("zero_init", Some(plain(metric.zero_init))),
        ("max_series", metric.max_series.map(plain)),
        ("autoscale", metric.autoscale.as_ref().map(autoscale)),
        ("objectives", some_list(metric.objectives.iter().map(objective))),
        ("declared", Some(declared)),
    ])
}

fn const_label((name, value): &(String, String)) -> Json {
    object([("name", Some(string(name))), ("value", Some(string(value)))])
}

fn label(label: &Label) -> Json {
    let values = label.values.as_ref().map(|values| list(values.iter().map(|value| string(value))));
    object([("name", Some(string(&label.name))), ("values", values), ("optional", Some(plain(label.optional)))])
}

fn histogram(histogram: &Histogram) -> Json {
    let native = histogram.native.map(|native| {
        object([
            ("factor", Some(number(native.factor))),
            ("zero_threshold", Some(number(native.zero_threshold))),
            ("max_buckets", Some(plain(native.max_buckets))),
        ])
    });
    object([("bounds", some_list(histogram.bounds.iter().copied().map(number))), ("native", native)])
}

fn autoscale(autoscale: &Autoscale) -> Json {
    let target = match autoscale.target {
        AutoscaleTarget::PerPod(target) => ("per_pod", Some(number(target))),
        AutoscaleTarget::Shared(target) => ("shared", Some(number(target))),
        AutoscaleTarget::PerSecond(target) => ("per_second", Some(number(target))),
        AutoscaleTarget::Concurrency(target) => ("concurrency", Some(number(target))),
    };
    let combine = autoscale.combine.map(|combine| match combine {
        Combine::Sum => string("sum"),
        Combine::Max => string("max"),
    });
    object([
        ("target", Some(object([target]))),
        ("combine", combine),
        ("over_seconds", autoscale.over_seconds.map(number)),
        ("min", autoscale.min.map(plain)),
        ("max", autoscale.max.map(plain)),
        ("scale_down_seconds", autoscale.scale_down_seconds.map(plain)),
    ])
}

fn objective(objective: &Objective) -> Json {
    let bound = match &objective.bound {
        Bound::AtMost(bound) => ("at_most", Some(number(*bound))),
        Bound::Bad { label, values } => {
            let values = list(values.iter().map(|value| string(value)));
            ("bad", Some(object([("label", Some(string(label))), ("values", Some(values))])))
        }
        Bound::Counted { bad_counter, label, value } => {
            let members = [("bad_counter", bad_counter), ("label", label), ("value", value)];
            ("counted", Some(object(members.map(|(name, text)| (name, Some(string(text)))))))
        }
    };
    object([("ratio", Some(number(objective.ratio))), ("window_seconds", Some(plain(objective.window_seconds))), bound])
}

pub(super) fn type_name(kind: MetricType) -> &'static str {
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

fn object<const N: usize>(members: [(&'static str, Option<Json>); N]) -> Json {
    Json::Object(members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

fn list(items: impl Iterator<Item = Json>) -> Json {
    Json::List(items.collect())
}

fn some_list(items: impl Iterator<Item = Json>) -> Option<Json> {
    let items: Vec<_> = items.collect();
    (!items.is_empty()).then_some(Json::List(items))
}

fn plain(value: impl ToString) -> Json {
    Json::Scalar(value.to_string())
}

/// The shortest text that reads back as the same number. JSON has no other numbers than finite ones; a declaration
/// with another one is refused by whoever reads the `null`.
fn number(value: f64) -> Json {
    Json::Scalar(match value.abs() {
        _ if !value.is_finite() => "null".to_owned(),
        0.0 | 1e-5..1e16 => value.to_string(),
        _ => format!("{value:e}"),
    })
}

fn string(text: &str) -> Json {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    Json::Scalar(out)
}

#[cfg(test)]
mod tests {
    use super::super::Catalogue;
    use crate::descriptor::{Descriptor, NativeDeclaration};
    use crate::{Declaration, LabelDeclaration, LabelValues, MetricType};

    #[test]
    fn every_member_has_its_place() {
        const LABELS: &[LabelDeclaration] =
            &[LabelDeclaration::new("method", LabelValues::Enumerated(&["card", "transfer"]))];
        let latency = Declaration::new(MetricType::Histogram, "charge_seconds", "Time \"to\" charge.\n\u{1}")
            .with_unit("seconds")
            .with_labels(LABELS)
            .with_buckets(&[0.5, 1.0])
            .with_native(NativeDeclaration::DEFAULT, true)
            .declared_at("src/shop.rs", 7);
        let json = Catalogue::new().with_group("Shop", |describe| describe(Descriptor::from(latency))).json();
        assert_eq!(
            json,
            r#"{
  "schema": "metrics-catalogue/1",
  "groups": [
    {
      "name": "Shop",
      "metrics": [
        {
          "name": "charge_seconds",
          "type": "histogram",
          "unit": "seconds",
          "help": "Time \"to\" charge.\n\u0001",
          "labels": [
            {
              "name": "method",
              "values": ["card", "transfer"],
              "optional": false
            }
          ],
          "histogram": {
            "bounds": [0.5, 1],
            "native": {
              "factor": 1.1,
              "zero_threshold": 2.938735877055719e-39,
              "max_buckets": 160
            }
          },
          "zero_init": true,
          "declared": {
            "file": "src/shop.rs",
            "line": 7
          }
        }
      ]
    }
  ]
}
"#
        );
    }
}
