//! Which query shows a metric best to somebody who sees it for the first time?

use super::model::Metric;
use crate::descriptor::MetricType;

/// A PromQL query to start with: the rate of a counter, the 99th percentile of a histogram, the value of a gauge, each
/// by those labels whose values are known beforehand. Other labels may have thousands of values and are summed away.
pub fn starting_query(metric: &Metric) -> String {
    let name = &metric.name;
    match metric.kind {
        MetricType::Counter => by(metric, &[], "sum", &format!("rate({name}[5m])")),
        MetricType::Histogram => quantile(metric),
        MetricType::Gauge | MetricType::Unknown if metric.labels.is_empty() => name.clone(),
        MetricType::Gauge | MetricType::Unknown => by(metric, &[], "sum", name),
        MetricType::Info | MetricType::StateSet | MetricType::Summary => name.clone(),
    }
}

fn quantile(metric: &Metric) -> String {
    let name = &metric.name;
    let rate = match metric.has_classic_buckets() {
        true => by(metric, &["le"], "sum", &format!("rate({name}_bucket[5m])")),
        false => by(metric, &[], "sum", &format!("rate({name}[5m])")),
    };
    format!("histogram_quantile(0.99, {rate})")
}

fn by(metric: &Metric, first: &[&str], aggregate: &str, inner: &str) -> String {
    let known = metric.labels.iter().filter(|label| label.values.is_some()).map(|label| &*label.name);
    let labels: Vec<_> = first.iter().copied().chain(known).collect();
    match labels.is_empty() {
        true => format!("{aggregate}({inner})"),
        false => format!("{aggregate} by ({}) ({inner})", labels.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Catalogue;
    use super::starting_query;
    use crate::descriptor::NativeDeclaration;
    use crate::{Declaration, LabelDeclaration, LabelValues, MetricType};

    const LABELS: &[LabelDeclaration] = &[
        LabelDeclaration::new("customer", LabelValues::Dynamic),
        LabelDeclaration::new("method", LabelValues::Enumerated(&["card"])),
    ];

    fn query(declaration: Declaration) -> String {
        let catalogue = Catalogue::new().with_group("", |describe| describe(declaration.into()));
        starting_query(catalogue.metrics().next().unwrap())
    }

    #[test]
    fn each_type_has_its_query() {
        let of = |kind| Declaration::new(kind, "x", "");
        let labelled = |kind| of(kind).with_labels(LABELS);
        let native = labelled(MetricType::Histogram).with_native(NativeDeclaration::DEFAULT, false);
        for (declaration, expected) in [
            (of(MetricType::Counter), "sum(rate(x[5m]))"),
            (labelled(MetricType::Counter), "sum by (method) (rate(x[5m]))"),
            (of(MetricType::Gauge), "x"),
            (labelled(MetricType::Gauge), "sum by (method) (x)"),
            (of(MetricType::Histogram), "histogram_quantile(0.99, sum by (le) (rate(x_bucket[5m])))"),
            (native, "histogram_quantile(0.99, sum by (method) (rate(x[5m])))"),
            (of(MetricType::Info), "x"),
        ] {
            assert_eq!(query(declaration), expected);
        }
    }
}
