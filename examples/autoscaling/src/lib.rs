//! What does a service declare that is scaled by its own metrics?
#![forbid(unsafe_code)]

use std::time::Duration;

use metrics_core::catalogue::Catalogue;
use metrics_core::{Gauge, Metrics};
use metrics_tower::HttpMetrics;
use metrics_tower::http::Slo;

pub mod stop;

/// A month, the window of the objective.
const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// What the service knows beside its requests.
#[derive(Metrics)]
#[metrics(prefix = "autoscaled")]
pub struct AutoscaledMetrics {
    /// Jobs that wait in the queue which all replicas share, as this replica last read it.
    #[metric(autoscale(shared = 30, min = 1, max = 12))]
    pub queue_depth: Gauge,
}

/// What is recorded of requests, and what one replica bears: 10 at a time, or 15 a second.
pub fn http() -> HttpMetrics {
    HttpMetrics::server()
        .with_autoscale_active(10.0)
        .with_autoscale_busy(10.0)
        .with_autoscale_requests(15.0)
        .with_replicas(1, 12)
        .with_slo(Slo::availability("work", 0.99, MONTH))
}

/// Everything that is declared; `metrics-kube` makes the files in `deploy/` of it.
pub fn catalogue() -> Catalogue {
    let http = http();
    Catalogue::new()
        .with::<AutoscaledMetrics>()
        .with_group("HTTP", |describe| http.describe(describe))
        .with_group("Process", metrics_os::describe)
        .with_group("Build", metrics_os::describe_build_info(&[]))
}
