//! Which options does an environment have?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::one_of::{FleetValues, ResourceRules, Scaler, Scrape, WorkloadKind};
use crate::promql::Span;

/// How one environment differs from the next. Everything but the first two has a default.
///
/// ```
/// use metrics_kube::Options;
///
/// let mut options = Options::new("shop", "shop-backend");
/// options.container = Some("app".to_owned());
/// # assert_eq!(options.path, "/metrics");
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// The namespace of the workload.
    pub namespace: String,
    /// The workload's name, which is also the value of its label `app.kubernetes.io/name`.
    pub workload: String,
    /// `Deployment` (the default) or `StatefulSet`.
    #[serde(default = "deployment", skip_serializing_if = "is_deployment")]
    pub workload_kind: WorkloadKind,
    /// The container to read where a pod has several that expose the same metrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// `adapter` (the default) or `keda`.
    #[serde(default = "adapter")]
    pub scaler: Scaler,
    /// `podmonitor` (the default), `servicemonitor`, `annotations` or `scrape_config`.
    #[serde(default = "pod_monitor")]
    pub scrape: Scrape,
    /// `object` (the default) or `external`.
    #[serde(default = "object", skip_serializing_if = "is_object")]
    pub fleet_values: FleetValues,
    /// Whether the adapter answers for cpu and memory, and from what: `cadvisor`, or `process` for one machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_rules: Option<ResourceRules>,
    /// The label `release` that kube-prometheus-stack looks for: the name of its Helm release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Further labels of the objects.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The name of the container port that serves the metrics.
    #[serde(default = "metrics_port")]
    pub port: String,
    /// Its number, which annotations, Service and NetworkPolicy need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port_number: Option<u16>,
    /// The path that serves the metrics.
    #[serde(default = "metrics_path")]
    pub path: String,
    /// How often Prometheus scrapes; 15 s, and with `annotations` the minute of the plain chart, which they cannot change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrape_interval: Option<Span>,
    /// The window of every rate that scales; four scrapes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_window: Option<Span>,
    /// Where Prometheus answers, as the scaler reaches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prometheus: Option<String>,
    /// A header for a Prometheus of several tenants: `X-Scope-OrgID=shop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_header: Option<String>,
    /// The namespace that Prometheus runs in; `monitoring`.
    #[serde(default = "monitoring")]
    pub prometheus_namespace: String,
    /// Labels that tell one group of replicas from another, such as `cluster` in a Prometheus above several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_labels: Vec<String>,
    /// The least number of replicas, in the place of what is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_replicas: Option<u32>,
    /// The greatest number of replicas, in the place of what is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_replicas: Option<u32>,
    /// How long a lower wish must stand before it is followed; 5 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_down_window: Option<Span>,
    /// Cpu beside the metrics: `80%` of the request, or `200m` a pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// The metrics that scale here, by their names as exposed; all that are declared to, unless some are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
    /// Metrics that something else than the workload exports, so that they are there while it has no replica.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exported_elsewhere: Vec<String>,
    /// The window of every objective, in the place of what is declared: a day shows in minutes what a month shows in hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective_window: Option<Span>,
    /// How many events a burn rate needs in its long window before it alerts; 20.
    #[serde(default = "twenty")]
    pub minimum_events: u32,
    /// Whether kube-state-metrics is there, which two alerts and a panel need.
    #[serde(default = "yes")]
    pub kube_state_metrics: bool,
    /// Whether a stub of Alertmanager's routes is written.
    #[serde(default)]
    pub alertmanager_route: bool,
    /// Whether a NetworkPolicy is written that lets only Prometheus reach the metrics port.
    #[serde(default)]
    pub network_policy: bool,
    /// For `scrape_config` outside a cluster: the files that name the targets, in the place of Kubernetes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target_files: Vec<String>,
    /// A line for the head of every file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Options {
    /// The defaults for this workload.
    pub fn new(namespace: &str, workload: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            workload: workload.to_owned(),
            workload_kind: deployment(),
            container: None,
            scaler: adapter(),
            scrape: pod_monitor(),
            fleet_values: object(),
            resource_rules: None,
            release: None,
            labels: BTreeMap::new(),
            port: metrics_port(),
            port_number: None,
            path: metrics_path(),
            scrape_interval: None,
            rate_window: None,
            prometheus: None,
            tenant_header: None,
            prometheus_namespace: monitoring(),
            group_labels: Vec::new(),
            min_replicas: None,
            max_replicas: None,
            scale_down_window: None,
            cpu: None,
            signals: Vec::new(),
            exported_elsewhere: Vec::new(),
            objective_window: None,
            minimum_events: twenty(),
            kube_state_metrics: yes(),
            alertmanager_route: false,
            network_policy: false,
            target_files: Vec::new(),
            note: None,
        }
    }

    /// How often Prometheus scrapes.
    pub(crate) fn interval(&self) -> Span {
        self.scrape_interval.unwrap_or(match self.scrape {
            Scrape::Annotations => Span::seconds(60),
            Scrape::PodMonitor | Scrape::ServiceMonitor | Scrape::ScrapeConfig => Span::seconds(15),
        })
    }
}

fn deployment() -> WorkloadKind {
    WorkloadKind::Deployment
}

fn is_deployment(kind: &WorkloadKind) -> bool {
    *kind == WorkloadKind::Deployment
}

fn adapter() -> Scaler {
    Scaler::Adapter
}

fn pod_monitor() -> Scrape {
    Scrape::PodMonitor
}

fn object() -> FleetValues {
    FleetValues::Object
}

fn is_object(values: &FleetValues) -> bool {
    *values == FleetValues::Object
}

fn metrics_port() -> String {
    "metrics".to_owned()
}

fn metrics_path() -> String {
    "/metrics".to_owned()
}

fn monitoring() -> String {
    "monitoring".to_owned()
}

fn twenty() -> u32 {
    20
}

fn yes() -> bool {
    true
}
