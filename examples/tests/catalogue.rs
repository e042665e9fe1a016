//! Does every example that declares metrics tell which, without starting?

mod support;

use serde_json::Value;
use support::output;

/// A program, and one of its metrics.
const EXAMPLES: [(&str, &str); 11] = [
    (env!("CARGO_BIN_EXE_exposer"), "expo_mystery"),
    (env!("CARGO_BIN_EXE_exposer"), "expo_plain_total"),
    (env!("CARGO_BIN_EXE_grpc"), "http_server_active_requests"),
    (env!("CARGO_BIN_EXE_layers"), "http_server_busy_seconds_total"),
    (env!("CARGO_BIN_EXE_outgoing"), "http_client_request_duration_seconds"),
    (env!("CARGO_BIN_EXE_plain_hyper"), "http_server_request_duration_seconds"),
    (env!("CARGO_BIN_EXE_quick_start"), "hellos_total"),
    (env!("CARGO_BIN_EXE_shop"), "shop_orders_total"),
    (env!("CARGO_BIN_EXE_storm"), "shop_orders_total"),
    (env!("CARGO_BIN_EXE_traced"), "http_server_request_duration_seconds"),
    (env!("CARGO_BIN_EXE_typed"), "shop_queue_depth"),
];

#[test]
fn every_example_prints_its_catalogue() {
    for (program, metric) in EXAMPLES {
        let output = output(program, &["--catalogue"]);
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        let catalogue: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{program}: {error}"));
        assert_eq!(catalogue["schema"], "metrics-catalogue/1", "{program}");
        let metrics =
            catalogue["groups"].as_array().unwrap().iter().flat_map(|group| group["metrics"].as_array().unwrap());
        assert!(metrics.into_iter().any(|one| one["name"] == metric), "{program} does not declare {metric}");
    }
}
