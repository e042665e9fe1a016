//! The peers' layers, each as its documentation says.

use std::sync::Arc;

use axum::extract::MatchedPath;
use axum_otel_metrics::HttpMetricsLayerBuilder;
use axum_prometheus::PrometheusMetricLayer;
use benches::exchange::{answer, exchange};
use benches::rows::Row;
use metrics_lib::MetricsCore;
use metrics_lib::tower::RedLayer;
use opentelemetry_instrumentation_tower::http::server;
use tower::{Layer, service_fn};

pub(crate) const AXUM_PROMETHEUS: &str = "axum-prometheus 0.10";
pub(crate) const AXUM_OTEL_METRICS: &str = "axum-otel-metrics 0.14";
pub(crate) const OPENTELEMETRY_TOWER: &str = "opentelemetry-instrumentation-tower 0.19";
pub(crate) const METRICS_LIB: &str = "metrics-lib 2 RedLayer";

pub(crate) fn axum_prometheus() -> Row {
    let (layer, handle) = PrometheusMetricLayer::pair();
    let work = move |requests| {
        exchange(&mut layer.layer(service_fn(answer)), requests);
    };
    Row::new(AXUM_PROMETHEUS, work, move || sum(&handle.render(), "axum_http_requests_total"))
}

/// The sum of a metric's rows.
fn sum(text: &str, name: &str) -> u64 {
    let rows = text.lines().filter(|row| row.starts_with(name) && row[name.len()..].starts_with(['{', ' ']));
    rows.filter_map(|row| row.rsplit(' ').next()?.parse::<f64>().ok()).sum::<f64>() as u64
}

/// The count of the histogram of durations in what an exporter was given last.
macro_rules! counted {
    ($sdk:ident, $provider:expr, $exporter:expr) => {{
        use $sdk::metrics::data::{AggregatedMetrics, MetricData};
        let _ = $provider.force_flush();
        let all = $exporter.get_finished_metrics().unwrap_or_default();
        let metrics = all.last().into_iter().flat_map(|all| all.scope_metrics()).flat_map(|scope| scope.metrics());
        let duration = metrics.filter(|metric| metric.name() == "http.server.request.duration");
        duration
            .map(|metric| match metric.data() {
                AggregatedMetrics::F64(MetricData::Histogram(points)) => {
                    points.data_points().map(|point| point.count()).sum::<u64>()
                }
                _ => 0,
            })
            .sum()
    }};
}

pub(crate) fn axum_otel_metrics() -> Row {
    use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
    let exporter = InMemoryMetricExporter::default();
    let reader = PeriodicReader::builder(exporter.clone()).with_interval(HOUR).build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();
    let layer = HttpMetricsLayerBuilder::new().with_provider(provider.clone()).build();
    let work = move |requests| {
        exchange(&mut layer.layer(service_fn(answer)), requests);
    };
    Row::new(AXUM_OTEL_METRICS, work, move || counted!(opentelemetry_sdk, provider, exporter))
}

/// Without its spans, which are no metrics.
pub(crate) fn opentelemetry_tower() -> Row {
    use opentelemetry_sdk_33::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
    let exporter = InMemoryMetricExporter::default();
    let reader = PeriodicReader::builder(exporter.clone()).with_interval(HOUR).build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();
    opentelemetry_33::global::set_meter_provider(provider.clone());
    let layer = server::LayerBuilder::builder().with_tracing(false).build().ok().expect("it is right");
    let work = move |requests| {
        exchange(&mut layer.layer(service_fn(answer)), requests);
    };
    let total = move || counted!(opentelemetry_sdk_33, provider, exporter);
    Row::new(OPENTELEMETRY_TOWER, work, total)
}

const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);

pub(crate) fn metrics_lib() -> Row {
    let core = Arc::new(MetricsCore::new());
    let route = |_: &http::Uri, extensions: &http::Extensions| {
        extensions.get::<MatchedPath>().map(|route| route.as_str().to_owned())
    };
    let layer = RedLayer::new(Arc::clone(&core)).with_route_label(route);
    let work = move |requests| {
        exchange(&mut layer.layer(service_fn(answer)), requests);
    };
    let total = move || sum(&metrics_lib::exporters::prometheus::render_core(&core), "http_requests_total");
    Row::new(METRICS_LIB, work, total)
}
