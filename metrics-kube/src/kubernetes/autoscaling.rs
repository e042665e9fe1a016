//! What does a HorizontalPodAutoscaler consist of?

use serde::Serialize;

use super::meta::LabelSelector;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HorizontalPodAutoscaler {
    pub(crate) scale_target_ref: ObjectReference,
    pub(crate) min_replicas: u32,
    pub(crate) max_replicas: u32,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) behavior: Behavior,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ObjectReference {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type")]
pub(crate) enum Metric {
    Pods {
        pods: PodsMetric,
    },
    Object {
        object: ObjectMetric,
    },
    External {
        external: PodsMetric,
    },
    Resource {
        resource: ResourceMetric,
    },
    #[serde(rename_all = "camelCase")]
    ContainerResource {
        container_resource: ResourceMetric,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct PodsMetric {
    pub(crate) metric: MetricIdentifier,
    pub(crate) target: Target,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ObjectMetric {
    pub(crate) described_object: ObjectReference,
    pub(crate) metric: MetricIdentifier,
    pub(crate) target: Target,
}

#[derive(Debug, Serialize)]
pub(crate) struct MetricIdentifier {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) selector: Option<LabelSelector>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ResourceMetric {
    pub(crate) name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) container: Option<String>,
    pub(crate) target: Target,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type")]
pub(crate) enum Target {
    #[serde(rename_all = "camelCase")]
    AverageValue { average_value: String },
    #[serde(rename_all = "camelCase")]
    Utilization { average_utilization: u32 },
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Behavior {
    pub(crate) scale_down: ScaleDown,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScaleDown {
    pub(crate) stabilization_window_seconds: u64,
}
