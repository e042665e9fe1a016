//! Under which names is it recorded?

/// The names of metrics and labels that a preset has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    pub(crate) requests: &'static str,
    pub(crate) duration: &'static str,
    pub(crate) active: &'static str,
    pub(crate) busy: &'static str,
    pub(crate) request_size: &'static str,
    pub(crate) response_size: &'static str,
    pub(crate) method: &'static str,
    pub(crate) route: &'static str,
    pub(crate) status: &'static str,
    /// Whether the status is the first label, and the route the last.
    pub(crate) status_first: bool,
    /// Whether what is in flight is told by route too.
    pub(crate) active_by_route: bool,
}

/// OpenTelemetry's names in Prometheus spelling.
pub(crate) const SERVER: Names = Names {
    requests: "http_server_requests_total",
    duration: "http_server_request_duration_seconds",
    active: "http_server_active_requests",
    busy: "http_server_busy_seconds_total",
    request_size: "http_server_request_body_size_bytes",
    response_size: "http_server_response_body_size_bytes",
    method: "http_request_method",
    route: "http_route",
    status: "http_response_status_code",
    status_first: false,
    active_by_route: false,
};

/// The same for outgoing requests.
pub(crate) const CLIENT: Names = Names {
    requests: "http_client_requests_total",
    duration: "http_client_request_duration_seconds",
    active: "http_client_active_requests",
    busy: "http_client_busy_seconds_total",
    request_size: "http_client_request_body_size_bytes",
    response_size: "http_client_response_body_size_bytes",
    route: "server_address",
    active_by_route: true,
    ..SERVER
};

/// What axum-prometheus calls them, as a Prometheus Operator shows them.
pub(crate) const AXUM_PROMETHEUS: Names = Names {
    requests: "axum_http_requests_total",
    duration: "axum_http_requests_duration_seconds",
    active: "axum_http_requests_pending",
    busy: "axum_http_busy_seconds_total",
    request_size: "axum_http_request_body_size_bytes",
    response_size: "axum_http_response_body_size_bytes",
    method: "method",
    route: "exported_endpoint",
    status: "status",
    status_first: false,
    active_by_route: true,
};

/// What Go services have called them for ten years.
pub(crate) const CLASSIC: Names = Names {
    requests: "http_requests_total",
    duration: "http_request_duration_seconds",
    active: "http_requests_in_flight",
    busy: "http_busy_seconds_total",
    request_size: "http_request_size_bytes",
    response_size: "http_response_size_bytes",
    method: "method",
    route: "handler",
    status: "code",
    status_first: true,
    active_by_route: false,
};

/// axum-prometheus' buckets.
pub(crate) const AXUM_PROMETHEUS_BUCKETS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// From 128 bytes to 16 MiB.
pub(crate) const SIZE_BUCKETS: &[f64] =
    &[128.0, 512.0, 2048.0, 8192.0, 32768.0, 131_072.0, 524_288.0, 2_097_152.0, 16_777_216.0];
