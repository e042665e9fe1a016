//! What do Prometheus' rules and their tests consist of?

use serde::Serialize;

use super::meta::Map;

/// A rule file, and the `spec` of a PrometheusRule.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RuleFile {
    pub(crate) groups: Vec<RuleGroup>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct RuleGroup {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) interval: Option<String>,
    pub(crate) rules: Vec<Rule>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Rule {
    Recording {
        record: String,
        expr: String,
        labels: Map,
    },
    Alert {
        alert: &'static str,
        expr: String,
        #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
        pending: Option<String>,
        labels: Map,
        annotations: Map,
    },
}

/// A file of tests for `promtool test rules`.
#[derive(Debug, Serialize)]
pub(crate) struct TestFile {
    pub(crate) rule_files: Vec<String>,
    pub(crate) evaluation_interval: String,
    pub(crate) tests: Vec<Test>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) interval: String,
    pub(crate) input_series: Vec<InputSeries>,
    pub(crate) alert_rule_test: Vec<AlertTest>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct InputSeries {
    pub(crate) series: String,
    pub(crate) values: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct AlertTest {
    pub(crate) eval_time: String,
    pub(crate) alertname: &'static str,
    pub(crate) exp_alerts: Vec<ExpectedAlert>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ExpectedAlert {
    pub(crate) exp_labels: Map,
    pub(crate) exp_annotations: Map,
}
