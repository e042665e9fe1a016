//! How does Prometheus learn of the pods?

use metrics_core::catalogue::Catalogue;

use super::{Artefact, Plan, yaml};
use crate::error::Result;
use crate::kubernetes::meta::{LabelSelector, Map, Object, Spec};
use crate::kubernetes::network::{Service, ServicePort};
use crate::kubernetes::scrape::{
    Endpoint, Endpoints, FileDiscovery, KubernetesDiscovery, Monitor, Namespaces, PatchMetadata, PatchSpec,
    PatchTemplate, PodTemplatePatch, Relabel, ScrapeConfig, ScrapeConfigs,
};
use crate::promql::Span;
use crate::settings::{Environment, Scrape};

const MONITORING: &str = "monitoring.coreos.com/v1";
/// The label that tells the Service for scrapes from the workload's others.
const COMPONENT: (&str, &str) = ("app.kubernetes.io/component", "metrics");
const NEEDS_PROMETHEUS_3: &str = "Native histograms are scraped: Prometheus 3.8 or later.";

/// Which kinds of histogram Prometheus is told to keep; nothing where there are only classic ones, which is what every
/// version does of its own accord.
#[derive(Clone, Copy)]
struct Histograms {
    native: Option<bool>,
    classic: Option<bool>,
}

pub(super) fn write(plan: &Plan<'_>, files: &mut Vec<Artefact>) -> Result<()> {
    match plan.environment.options.scrape {
        Scrape::PodMonitor => files.push(pod_monitor(plan)?),
        Scrape::ServiceMonitor => files.extend(service_monitor(plan)?),
        Scrape::Annotations => files.push(annotations(plan)?),
        Scrape::ScrapeConfig => files.push(scrape_config(plan)?),
    }
    Ok(())
}

fn histograms(catalogue: &Catalogue) -> Histograms {
    let all = || catalogue.metrics().filter_map(|metric| metric.histogram.as_ref());
    let native = all().any(|histogram| histogram.native.is_some());
    let classic = native && all().any(|histogram| !histogram.bounds.is_empty());
    Histograms { native: native.then_some(true), classic: classic.then_some(true) }
}

fn remarks(histograms: Histograms) -> &'static [&'static str] {
    if histograms.native.is_some() { &[NEEDS_PROMETHEUS_3] } else { &[] }
}

fn monitor(plan: &Plan<'_>, selected: Map, endpoints: impl Fn(Vec<Endpoint>) -> Endpoints) -> Monitor {
    let options = &plan.environment.options;
    let histograms = histograms(plan.catalogue);
    let endpoint =
        Endpoint { port: options.port.clone(), path: options.path.clone(), interval: options.interval().to_string() };
    Monitor {
        job_label: "app.kubernetes.io/name",
        selector: LabelSelector::new(selected),
        scrape_native_histograms: histograms.native,
        scrape_classic_histograms: histograms.classic,
        endpoints: endpoints(vec![endpoint]),
    }
}

fn pod_monitor(plan: &Plan<'_>) -> Result<Artefact> {
    let spec = monitor(plan, plan.environment.pod_labels(), Endpoints::OfPods);
    let object = Object::new(MONITORING, "PodMonitor", plan.environment, Spec { spec });
    yaml(plan, "podmonitor.yaml", remarks(histograms(plan.catalogue)), &object)
}

fn service_monitor(plan: &Plan<'_>) -> Result<[Artefact; 2]> {
    let options = &plan.environment.options;
    // The workload's other Services bear its name too, and a pod scraped through two of them counts twice.
    let (component, metrics) = COMPONENT;
    let mut selected = plan.environment.pod_labels();
    selected.insert(component.to_owned(), metrics.to_owned());
    let spec = monitor(plan, selected, Endpoints::OfServices);
    let object = Object::new(MONITORING, "ServiceMonitor", plan.environment, Spec { spec });
    let service = Service {
        cluster_ip: "None",
        selector: plan.environment.pod_labels(),
        ports: vec![ServicePort {
            name: options.port.clone(),
            port: options.port_number.unwrap_or_default(),
            target_port: options.port.clone(),
        }],
    };
    let service = Object::new("v1", "Service", plan.environment, Spec { spec: service });
    let service = service.named(format!("{}-metrics", options.workload)).with_label(component, metrics);
    Ok([
        yaml(plan, "servicemonitor.yaml", remarks(histograms(plan.catalogue)), &object)?,
        yaml(
            plan,
            "service.yaml",
            &["The Service that the ServiceMonitor selects; no address, one endpoint a pod."],
            &service,
        )?,
    ])
}

fn annotations(plan: &Plan<'_>) -> Result<Artefact> {
    let options = &plan.environment.options;
    let port = options.port_number.unwrap_or_default().to_string();
    let pairs =
        [("prometheus.io/scrape", "true"), ("prometheus.io/path", &options.path), ("prometheus.io/port", &port)];
    let annotations: Map = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let metadata = PatchMetadata { labels: plan.environment.pod_labels(), annotations };
    let patch = PodTemplatePatch { spec: PatchSpec { template: PatchTemplate { metadata } } };
    let kind = options.workload_kind.word().to_lowercase();
    let command = format!(
        "kubectl -n {} patch {kind} {} --patch-file pod-annotations.patch.yaml",
        options.namespace, options.workload
    );
    let remarks = [
        &*command,
        "The chart's job for pods reads these; on a Service they would lose the label `pod`, which scaling needs.",
    ];
    yaml(plan, "pod-annotations.patch.yaml", &remarks, &patch)
}

fn scrape_config(plan: &Plan<'_>) -> Result<Artefact> {
    let options = &plan.environment.options;
    let histograms = histograms(plan.catalogue);
    let in_cluster = options.target_files.is_empty();
    let config = ScrapeConfig {
        job_name: options.workload.clone(),
        scrape_interval: options.interval().to_string(),
        scrape_timeout: options.interval().min(Span::seconds(10)).to_string(),
        metrics_path: options.path.clone(),
        scrape_native_histograms: histograms.native,
        always_scrape_classic_histograms: histograms.classic,
        kubernetes_sd_configs: if in_cluster { vec![discovery(plan.environment)] } else { Vec::new() },
        file_sd_configs: if in_cluster { Vec::new() } else { vec![files(plan.environment)] },
        relabel_configs: if in_cluster { relabelling(plan.environment) } else { Vec::new() },
    };
    let remarks = [&["For `scrape_configs` of prometheus.yml."], remarks(histograms)].concat();
    yaml(plan, "scrape-config.yaml", &remarks, &ScrapeConfigs { scrape_configs: vec![config] })
}

fn discovery(environment: &Environment) -> KubernetesDiscovery {
    let namespaces = Namespaces { names: vec![environment.options.namespace.clone()] };
    KubernetesDiscovery { role: "pod", namespaces }
}

fn files(environment: &Environment) -> FileDiscovery {
    FileDiscovery { files: environment.options.target_files.clone(), refresh_interval: "1s" }
}

/// Just the pods and the port, with the labels that scaling and rules need.
fn relabelling(environment: &Environment) -> Vec<Relabel> {
    let options = &environment.options;
    let keep = |label, value: &str| Relabel {
        source_labels: [label],
        regex: Some(value.to_owned()),
        action: "keep",
        target_label: None,
    };
    let copy =
        |label, target| Relabel { source_labels: [label], regex: None, action: "replace", target_label: Some(target) };
    let ended = Relabel {
        source_labels: ["__meta_kubernetes_pod_phase"],
        regex: Some("Pending|Succeeded|Failed".to_owned()),
        action: "drop",
        target_label: None,
    };
    vec![
        keep("__meta_kubernetes_pod_label_app_kubernetes_io_name", &options.workload),
        keep("__meta_kubernetes_pod_container_port_name", &options.port),
        ended,
        copy("__meta_kubernetes_namespace", "namespace"),
        copy("__meta_kubernetes_pod_name", "pod"),
        copy("__meta_kubernetes_pod_container_name", "container"),
    ]
}
