//! What do a NetworkPolicy and a Service consist of?

use serde::Serialize;

use super::meta::{LabelSelector, Map};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NetworkPolicy {
    pub(crate) pod_selector: LabelSelector,
    pub(crate) policy_types: [&'static str; 1],
    pub(crate) ingress: Vec<Ingress>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Ingress {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) from: Vec<Peer>,
    pub(crate) ports: Vec<PolicyPort>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Peer {
    pub(crate) namespace_selector: LabelSelector,
    pub(crate) pod_selector: LabelSelector,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyPort {
    pub(crate) protocol: &'static str,
    pub(crate) port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_port: Option<u16>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Service {
    #[serde(rename = "clusterIP")]
    pub(crate) cluster_ip: &'static str,
    pub(crate) selector: Map,
    pub(crate) ports: Vec<ServicePort>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServicePort {
    pub(crate) name: String,
    pub(crate) port: u16,
    pub(crate) target_port: String,
}
