//! What do scrape objects consist of?

use serde::Serialize;

use super::meta::{LabelSelector, Map};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Monitor {
    pub(crate) job_label: &'static str,
    pub(crate) selector: LabelSelector,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scrape_native_histograms: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scrape_classic_histograms: Option<bool>,
    #[serde(flatten)]
    pub(crate) endpoints: Endpoints,
}

#[derive(Debug, Serialize)]
pub(crate) enum Endpoints {
    #[serde(rename = "podMetricsEndpoints")]
    OfPods(Vec<Endpoint>),
    #[serde(rename = "endpoints")]
    OfServices(Vec<Endpoint>),
}

#[derive(Debug, Serialize)]
pub(crate) struct Endpoint {
    pub(crate) port: String,
    pub(crate) path: String,
    pub(crate) interval: String,
}

/// What Prometheus' own configuration file takes under `scrape_configs`.
#[derive(Debug, Serialize)]
pub(crate) struct ScrapeConfigs {
    pub(crate) scrape_configs: Vec<ScrapeConfig>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ScrapeConfig {
    pub(crate) job_name: String,
    pub(crate) scrape_interval: String,
    pub(crate) scrape_timeout: String,
    pub(crate) metrics_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scrape_native_histograms: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) always_scrape_classic_histograms: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) kubernetes_sd_configs: Vec<KubernetesDiscovery>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) file_sd_configs: Vec<FileDiscovery>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) relabel_configs: Vec<Relabel>,
}

#[derive(Debug, Serialize)]
pub(crate) struct KubernetesDiscovery {
    pub(crate) role: &'static str,
    pub(crate) namespaces: Namespaces,
}

#[derive(Debug, Serialize)]
pub(crate) struct Namespaces {
    pub(crate) names: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct FileDiscovery {
    pub(crate) files: Vec<String>,
    pub(crate) refresh_interval: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Relabel {
    pub(crate) source_labels: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) regex: Option<String>,
    pub(crate) action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target_label: Option<&'static str>,
}

/// A patch of a workload's pod template.
#[derive(Debug, Serialize)]
pub(crate) struct PodTemplatePatch {
    pub(crate) spec: PatchSpec,
}

#[derive(Debug, Serialize)]
pub(crate) struct PatchSpec {
    pub(crate) template: PatchTemplate,
}

#[derive(Debug, Serialize)]
pub(crate) struct PatchTemplate {
    pub(crate) metadata: PatchMetadata,
}

#[derive(Debug, Serialize)]
pub(crate) struct PatchMetadata {
    pub(crate) labels: Map,
    pub(crate) annotations: Map,
}
