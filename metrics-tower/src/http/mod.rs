//! What is recorded of an HTTP request.
//!
//! [`HttpMetrics`] says what is recorded and under which names; [`HttpMetricsLayer`] records it around a service.
//!
//! # What is recorded
//!
//! | metric | type | labels |
//! |---|---|---|
//! | `http_server_request_duration_seconds` | histogram | `http_request_method`, `http_route`, `http_response_status_code`, `error_type` |
//! | `http_server_requests_total` | counter | the same |
//! | `http_server_active_requests` | up/down gauge | `http_request_method` |
//! | `http_server_busy_seconds_total` | counter: how many are in flight, integrated over time | none |
//! | `http_server_request_body_size_bytes`, `http_server_response_body_size_bytes` (opt-in) | histogram | as duration |
//!
//! A metric has at most 2,000 series, or what [`HttpMetrics::with_max_series`] says. What comes beyond goes to overflow series,
//! which do not count towards that: there the labels that are texts (the route, a server's address, a tenant) are `_overflow`,
//! and the others keep their values, so that errors can still be told from successes. So of overflow series there is at most
//! one for each combination of method, status and error type, and of the opt-in labels with a fixed list of values: with the
//! default labels 11 methods times the statuses that your service answers, times two or three for how its requests fail.
//!
//! A label that does not apply is left out. Nothing that a client controls makes a label value of its own: an unknown
//! method is `_OTHER`, and a path is never a label, only a route is.
//!
//! # When a request ends
//!
//! | way it ends | status | `error_type` | duration until |
//! |---|---|---|---|
//! | response body sent: its length has passed, or it said that it is at its end, or it ended | real | none (5xx: the code) | end of body |
//! | inner service returns an error | none | what your classifier says, `timeout` or `overloaded` (behind a box: anywhere in its chain of sources), or `_OTHER` | error |
//! | handler panics, or what the layer asks at the head: the body's length, your classifier | none (in the body: real) | `panic` | unwind |
//! | client goes away before the head | none | `cancelled` | drop |
//! | client goes away during the body, body dropped unread | real | `cancelled` | drop |
//! | body yields an error | real | `body` | error |
//! | timeout or load-shed layer inside answers | as produced | as produced | as produced |
//! | upgrade (101, or 2xx to CONNECT) | real | none | head; it is not held as in flight |
//! | HEAD, 1xx, 204, 304 | real | none (5xx: the code) | head |
//! | service never called after `poll_ready` | nothing is recorded | | |
//! | called, the future dropped unpolled | none | `cancelled` | drop |
//! | gRPC (opt-in) | real, and `rpc_grpc_status_code` | by code | trailers |
//! | server-sent events | real | none | drop or end; in flight while they live |
//! | other endless body | real | `cancelled` if it is dropped | drop or end; in flight while it lives |
//!
//! `timeout` and `overloaded` are tower's own errors, as such or as a `Box<dyn Error + Send + Sync>`. Behind that box, which is
//! tower's `BoxError`, the chain of sources is followed, too; of any other error type it is not, because nothing says that
//! it has one: that is for your classifier.
//!
//! "Sent" means handed to the server: of a body that is one piece in memory, the last byte is handed over with the first.
//!
//! The guard that takes a request out of flight travels from the call into the future and from there into the response
//! body, and records when it is dropped: there is no way to end that it does not see.

mod body;
mod by_address;
mod classify;
mod config;
mod describe;
mod extra;
mod future;
mod guard;
mod labels;
mod layer;
mod names;
mod request;
mod routes;
mod rules;
mod service;
mod shared;
mod slo;
mod slo_counters;
mod texts;
mod values;

#[cfg(feature = "axum")]
mod matched_path;
#[cfg(not(feature = "axum"))]
#[path = "no_matched_path.rs"]
mod matched_path;

#[cfg(not(feature = "tracing"))]
#[path = "no_span.rs"]
mod span;
#[cfg(feature = "tracing")]
mod span;

#[cfg(feature = "tower")]
mod tower_errors;
#[cfg(not(feature = "tower"))]
#[path = "no_tower_errors.rs"]
mod tower_errors;

pub use body::ResponseBody;
pub use config::HttpMetrics;
pub use future::ResponseFuture;
pub use layer::HttpMetricsLayer;
pub use request::RequestHead;
pub use service::HttpMetricsService;
pub use slo::Slo;
