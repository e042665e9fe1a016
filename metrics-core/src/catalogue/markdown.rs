//! What does the catalogue look like as a reference page?

use std::fmt::Write as _;

use super::json::type_name;
use super::model::{Bound, Group, Label, Metric, Objective};
use super::{Catalogue, starting_query};
use crate::descriptor::{Autoscale, AutoscaleTarget};

impl Catalogue {
    /// The catalogue as Markdown, without a heading of the first level: a section a group, below it one a metric.
    pub fn markdown(&self) -> String {
        let groups: Vec<_> = self.groups().iter().map(group).collect();
        groups.join("\n")
    }
}

fn group(group: &Group) -> String {
    let metrics: Vec<_> = group.metrics.iter().map(metric).collect();
    format!("## {}\n\n{}", group.name, metrics.join("\n"))
}

fn metric(metric: &Metric) -> String {
    let mut out = format!("### `{}`\n\n{}\n\n", metric.name, one_line(&metric.help));
    let mut item = |name: &str, text: String| {
        let _ = writeln!(out, "- {name}: {text}");
    };
    item("Type", kind(metric));
    item("Unit", metric.unit.clone().unwrap_or_else(|| "none".to_owned()));
    item("Labels", labels(metric));
    if let Some(autoscale) = &metric.autoscale {
        item("Scales the service", scaling(autoscale));
    }
    for one in &metric.objectives {
        item("Objective", objective(one));
    }
    item("Declared in", format!("`{}`", metric.file));
    item("To start with", format!("`{}`", starting_query(metric)));
    out
}

fn kind(metric: &Metric) -> String {
    let name = type_name(metric.kind);
    let Some(histogram) = &metric.histogram else { return name.to_owned() };
    let bounds: Vec<_> = histogram.bounds.iter().map(f64::to_string).collect();
    let classic = (!bounds.is_empty()).then(|| format!("buckets up to {}", bounds.join(", ")));
    let native = histogram.native.map(|native| format!("native, factor {}", native.factor));
    let parts: Vec<_> = [classic, native].into_iter().flatten().collect();
    format!("{name} ({})", parts.join("; "))
}

fn labels(metric: &Metric) -> String {
    let fixed = metric.const_labels.iter().map(|(name, value)| format!("`{name}` (always `{value}`)"));
    let all: Vec<_> = fixed.chain(metric.labels.iter().map(label)).collect();
    if all.is_empty() { "none".to_owned() } else { all.join("; ") }
}

fn label(label: &Label) -> String {
    let values = match &label.values {
        Some(values) => self::values(values),
        None => "known at run time".to_owned(),
    };
    let optional = if label.optional { ", or left out" } else { "" };
    format!("`{}` ({values}{optional})", label.name)
}

/// Each value; of numbers that count up by one, such as statuses, the first and the last.
fn values(values: &[String]) -> String {
    let follows = |one: &String, next: &String| match (one.parse::<u32>(), next.parse::<u32>()) {
        (Ok(one), Ok(next)) => one.checked_add(1) == Some(next),
        _ => false,
    };
    let runs = values.chunk_by(|one, next| follows(one, next)).map(|run| match run {
        [first, _, _, .., last] => format!("`{first}` to `{last}`"),
        few => few.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", "),
    });
    runs.collect::<Vec<_>>().join(", ")
}

fn scaling(autoscale: &Autoscale) -> String {
    match autoscale.target {
        AutoscaleTarget::PerPod(target) => format!("{target} a replica"),
        AutoscaleTarget::Shared(target) => format!("{target} a replica, of one value that all replicas report"),
        AutoscaleTarget::PerSecond(target) => format!("{target} per second a replica"),
        AutoscaleTarget::Concurrency(target) => format!("a mean of {target} in progress a replica"),
    }
}

fn objective(objective: &Objective) -> String {
    let good = match &objective.bound {
        Bound::AtMost(bound) => format!("at most {bound}"),
        Bound::Bad { label, values } => format!("`{label}` is none of {}", values.join(", ")),
        Bound::Counted { bad_counter, label, value } => {
            format!("not counted in `{bad_counter}{{{label}=\"{value}\"}}`")
        }
    };
    let days = objective.window_seconds as f64 / 86_400.0;
    format!("{} % within {days} days; good is: {good}", percent(objective.ratio))
}

/// 0.999 as `99.9`: twelve digits are more than an objective has, and hide what binary fractions add.
fn percent(ratio: f64) -> f64 {
    (ratio * 1e14).round() / 1e12
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::Catalogue;
    use crate::descriptor::{Objective, ObjectiveBound};
    use crate::{Declaration, LabelDeclaration, LabelValues, MetricType};

    #[test]
    fn numbers_that_count_up_are_told_by_their_ends() {
        let of = |values: &[&str]| super::values(&values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["body", "100", "101", "102", "103", "_OTHER"]), "`body`, `100` to `103`, `_OTHER`");
        assert_eq!(of(&["1", "2", "3", "5"]), "`1`, `2`, `3`, `5`");
    }

    #[test]
    fn a_metric_has_all_that_a_reader_looks_for() {
        const LABELS: &[LabelDeclaration] = &[
            LabelDeclaration::new("method", LabelValues::Enumerated(&["card", "transfer"])),
            LabelDeclaration::new("shop", LabelValues::Dynamic),
        ];
        const OBJECTIVES: &[Objective] =
            &[Objective { ratio: 0.999, bound: ObjectiveBound::AtMost(0.5), window_seconds: 30 * 86_400 }];
        let latency = Declaration::new(MetricType::Histogram, "charge_seconds", "Time to\ncharge.")
            .with_unit("seconds")
            .with_labels(LABELS)
            .with_buckets(&[0.5, 1.0])
            .with_objectives(OBJECTIVES)
            .declared_at("src/shop.rs", 7);
        let markdown = Catalogue::new().with_group("Shop", |describe| describe(latency.into())).markdown();
        assert_eq!(
            markdown,
            "## Shop\n\n### `charge_seconds`\n\nTime to charge.\n\n\
             - Type: histogram (buckets up to 0.5, 1)\n\
             - Unit: seconds\n\
             - Labels: `method` (`card`, `transfer`); `shop` (known at run time)\n\
             - Objective: 99.9 % within 30 days; good is: at most 0.5\n\
             - Declared in: `src/shop.rs`\n\
             - To start with: `histogram_quantile(0.99, sum by (le, method) (rate(charge_seconds_bucket[5m])))`\n"
        );
    }
}
