//! What does a ScaledObject consist of?

use serde::Serialize;

use super::autoscaling::Behavior;
use super::meta::Map;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScaledObject {
    pub(crate) scale_target_ref: ScaleTarget,
    pub(crate) min_replica_count: u32,
    pub(crate) max_replica_count: u32,
    pub(crate) polling_interval: u64,
    pub(crate) cooldown_period: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fallback: Option<Fallback>,
    pub(crate) advanced: Advanced,
    pub(crate) triggers: Vec<Trigger>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScaleTarget {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fallback {
    pub(crate) failure_threshold: u32,
    pub(crate) replicas: u32,
    pub(crate) behavior: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Advanced {
    pub(crate) horizontal_pod_autoscaler_config: AutoscalerConfig,
}

#[derive(Debug, Serialize)]
pub(crate) struct AutoscalerConfig {
    pub(crate) behavior: Behavior,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trigger {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) metric_type: &'static str,
    pub(crate) metadata: Map,
}
