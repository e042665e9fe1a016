//! Do Kubernetes' own types hold every object that is written, with nothing left over?

mod common;

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use metrics_kube::generate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads the file into Kubernetes' type and writes it again: what the type does not know is gone then.
fn round_trip<T: DeserializeOwned + Serialize>(fixture: &str, name: &str) {
    let files = generate(common::fixture(fixture)).unwrap();
    let file = files.iter().find(|file| file.name == name).unwrap_or_else(|| panic!("{name} is not generated"));
    let ours: Value = yaml_serde::from_str(&file.content).unwrap();
    let object: T = yaml_serde::from_str(&file.content).unwrap();
    assert_eq!(serde_json::to_value(object).unwrap(), ours, "{name}");
}

#[test]
fn autoscalers_are_kubernetes_own() {
    round_trip::<HorizontalPodAutoscaler>("shop", "production/hpa.yaml");
    round_trip::<HorizontalPodAutoscaler>("ways", "service/hpa.yaml");
}

#[test]
fn other_objects_are_kubernetes_own() {
    round_trip::<NetworkPolicy>("shop", "production/networkpolicy.yaml");
    round_trip::<ConfigMap>("shop", "production/dashboard-configmap.yaml");
    round_trip::<Service>("ways", "service/service.yaml");
}
