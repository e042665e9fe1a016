//! Do presets, prefixes and metrics that are switched off show in every generated file, or is a name written down somewhere?

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use metrics_core::catalogue::Catalogue;
use metrics_kube::Artefact;
use metrics_tower::HttpMetrics;
use metrics_tower::http::Slo;

const SETTINGS: &str = "\
catalogues: [catalogue.json]
environments:
  adapter: {namespace: shop, workload: shop, alertmanager_route: true, network_policy: true, port_number: 9464}
  keda: {namespace: shop, workload: shop, scaler: keda, prometheus: 'http://prometheus:9090'}
";

/// Everything that is made for a layer which scales by requests in flight and has an objective.
fn generated(name: &str, http: HttpMetrics) -> Vec<Artefact> {
    let month = Duration::from_secs(30 * 86_400);
    let http = http.with_autoscale_active(10.0).with_replicas(1, 12).with_slo(Slo::availability("work", 0.99, month));
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let catalogue = Catalogue::new().with_group("HTTP", |describe| http.describe(describe));
    fs::write(folder.join("catalogue.json"), catalogue.json()).unwrap();
    fs::write(folder.join("metrics-kube.yaml"), SETTINGS).unwrap();
    metrics_kube::generate(&folder).unwrap()
}

/// Files whose business is the signal, by what their names end with.
const OF_THE_SIGNAL: [&str; 8] = [
    "adapter/hpa.yaml",
    "adapter/prometheus-adapter.yaml",
    "adapter/prometheus-adapter-values.yaml",
    "keda/scaledobject.yaml",
    "prometheus-rules.yaml",
    "prometheus-rules.states.test.yaml",
    "dashboard.json",
    "METRICS.md",
];

#[test]
fn names_come_from_the_configuration_alone() {
    let cases = [
        ("axum", HttpMetrics::axum_prometheus(), "axum_http_requests_pending", "axum_http_requests_total"),
        ("classic", HttpMetrics::classic(), "http_requests_in_flight", "http_requests_total"),
        (
            "prefixed",
            HttpMetrics::server().with_prefix("shop"),
            "shop_http_server_active_requests",
            "shop_http_server_requests_total",
        ),
    ];
    for (name, http, signal, requests) in cases {
        let mut of_the_signal = 0;
        for file in generated(name, http.clone()) {
            // Objectives are counted by this layer alone: no preset has other names for them.
            let bare = file.content.replace("shop_http_server_", "").replace("http_server_slo_", "");
            assert!(!bare.contains("http_server_"), "{name}: {} has a name that no configuration gave", file.name);
            if OF_THE_SIGNAL.iter().any(|end| file.name.ends_with(end)) {
                of_the_signal += 1;
                assert!(file.content.contains(signal), "{name}: {} lacks {signal}", file.name);
            }
        }
        assert_eq!(of_the_signal, 12, "{name}");

        let dashboard =
            |files: Vec<Artefact>| files.into_iter().find(|file| file.name == "adapter/dashboard.json").unwrap();
        assert!(
            dashboard(generated(name, http.clone().with_requests_total(true))).content.contains(requests),
            "{name}"
        );
        for file in generated(name, http.with_requests_total(false)) {
            assert!(!file.content.contains(requests), "{name}: {} has what is switched off", file.name);
        }
    }
}
