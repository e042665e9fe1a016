//! What does prometheus-adapter's configuration consist of?

use std::collections::BTreeMap;

use serde::Serialize;

/// The configuration file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Config {
    pub(crate) rules: Vec<Rule>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) external_rules: Vec<Rule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource_rules: Option<ResourceRules>,
}

/// The same in the places where the Helm chart looks.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Values {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prometheus: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metrics_relist_interval: Option<String>,
    pub(crate) extra_arguments: Vec<String>,
    pub(crate) rules: ValuesRules,
}

#[derive(Debug, Serialize)]
pub(crate) struct Address {
    pub(crate) url: String,
    pub(crate) port: u16,
    pub(crate) path: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct ValuesRules {
    pub(crate) custom: Vec<Rule>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) external: Vec<Rule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<ResourceRules>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule {
    pub(crate) series_query: String,
    pub(crate) resources: Resources,
    pub(crate) name: Name,
    pub(crate) metrics_query: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Name {
    pub(crate) matches: String,
    #[serde(rename = "as")]
    pub(crate) served: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Resources {
    pub(crate) overrides: BTreeMap<&'static str, Resource>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Resource {
    pub(crate) resource: &'static str,
}

impl Resources {
    /// Label and resource, for each label that names one.
    pub(crate) fn new<const N: usize>(labels: [(&'static str, &'static str); N]) -> Self {
        Self { overrides: labels.into_iter().map(|(label, resource)| (label, Resource { resource })).collect() }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ResourceRules {
    pub(crate) cpu: ResourceRule,
    pub(crate) memory: ResourceRule,
    pub(crate) window: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResourceRule {
    pub(crate) container_query: String,
    pub(crate) node_query: String,
    pub(crate) resources: Resources,
    pub(crate) container_label: &'static str,
}
