//! Do the examples of the layer run, and record what they say?

mod support;

use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use support::{Program, address, get, get_as, output, until, value};

/// The addresses of service and metrics in a program's first line.
fn start(program: &str) -> (Program, String, String) {
    let mut program = Program::start(program, &[]);
    let line = program.line();
    let metrics = line.split_once("metrics on ").expect("the line names both addresses").1.to_owned();
    (program, address(&line), address(&metrics))
}

/// Waits until a series has a value.
fn recorded(metrics: &str, series: &str, expected: f64) {
    let what = format!("{series} is {expected}");
    until(&what, || (value(&get(metrics, "/metrics").body, series) == Some(expected)).then_some(()));
}

#[test]
fn plain_hyper_has_routes_by_groups() {
    let (_program, service, metrics) = start(env!("CARGO_BIN_EXE_plain_hyper"));
    for path in ["/hello/world", "/hello/you", "/hello", "/elsewhere"] {
        assert_eq!(get(&service, path).status, 200);
    }
    let series = |route: &str| {
        format!("http_server_requests_total{{http_request_method=\"GET\",{route}http_response_status_code=\"200\"}}")
    };
    recorded(&metrics, &series("http_route=\"/hello/{name}\","), 2.0);
    recorded(&metrics, &series("http_route=\"/hello\","), 1.0);
    recorded(&metrics, &series(""), 1.0);
}

#[test]
fn a_timeout_inside_is_recorded_as_what_the_client_gets() {
    let (_program, service, metrics) = start(env!("CARGO_BIN_EXE_layers"));
    assert_eq!(get(&service, "/quick").body, "quick\n");
    assert_eq!(get(&service, "/never").status, 504);
    let series = "http_server_requests_total{http_request_method=\"GET\",http_route=\"/never\",\
                  http_response_status_code=\"504\",error_type=\"504\"}";
    recorded(&metrics, series, 1.0);
    recorded(&metrics, "layers_concurrency_capacity", 16.0);
    recorded(&metrics, "http_server_active_requests{http_request_method=\"GET\"}", 0.0);
}

#[test]
fn a_nested_route_is_told_whole_and_a_route_layer_sees_only_its_routes() {
    let (_program, service, metrics) = start(env!("CARGO_BIN_EXE_layers"));
    for (path, status) in [("/shop/orders/7", 200), ("/admin/level", 200), ("/admin/nothing", 404)] {
        assert_eq!(get(&service, path).status, status, "{path}");
    }
    let series = |name: &str, route: &str, status: u16| {
        format!("{name}{{http_request_method=\"GET\",{route}http_response_status_code=\"{status}\"}}")
    };
    let (app, admin) = ("http_server_requests_total", "admin_http_server_requests_total");
    recorded(&metrics, &series(app, "http_route=\"/shop/orders/{number}\",", 200), 1.0);
    recorded(&metrics, &series(app, "", 404), 1.0);
    recorded(&metrics, &series(admin, "http_route=\"/admin/level\",", 200), 1.0);
    let text = get(&metrics, "/metrics").body;
    let rows = text.lines().filter(|row| row.starts_with(&format!("{admin}{{"))).count();
    assert_eq!(rows, 1, "{text}");
}

#[test]
fn a_call_has_its_own_status_beside_that_of_http() {
    let (_program, service, metrics) = start(env!("CARGO_BIN_EXE_grpc"));
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    runtime.block_on(async {
        check(&service, "").await;
        check(&service, "nobody").await;
    });
    let series = |code: u8| {
        format!(
            "http_server_requests_total{{http_request_method=\"POST\",http_route=\"/grpc.health.v1.Health/Check\",\
             http_response_status_code=\"200\",rpc_grpc_status_code=\"{code}\"}}"
        )
    };
    recorded(&metrics, &series(0), 1.0);
    recorded(&metrics, &series(5), 1.0);
}

/// Asks for the health of a service.
async fn check(address: &str, service: &str) {
    let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    // A message of one string field, behind flag and length.
    let message = [&[0, 0, 0, 0, service.len() as u8 + 2, 10, service.len() as u8], service.as_bytes()].concat();
    let request = axum::http::Request::post(format!("http://{address}/grpc.health.v1.Health/Check"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(http_body_util::Full::new(axum::body::Bytes::from(message)))
        .expect("the request is complete");
    let answer = client.request(request).await.expect("the service answers");
    http_body_util::BodyExt::collect(answer.into_body()).await.expect("the answer ends");
}

#[test]
fn a_bucket_leads_to_the_trace_of_a_request() {
    let mut program = Program::start(env!("CARGO_BIN_EXE_traced"), &[]);
    let service = address(&program.line());
    let trace = get(&service, "/hello").body;
    assert_eq!(trace.len(), 32, "{trace}");
    let openmetrics = get_as(&service, "/metrics", "application/openmetrics-text;version=1.0.0").body;
    let exemplar = format!(" # {{trace_id=\"{trace}\",span_id=\"");
    let marked: Vec<_> = openmetrics.lines().filter(|line| line.contains(&exemplar)).collect();
    assert_eq!(marked.len(), 2, "{openmetrics}");
    assert!(marked[0].starts_with("http_server_request_duration_seconds_bucket{"), "{}", marked[0]);
    assert!(marked[1].starts_with("http_server_requests_total{"), "{}", marked[1]);
    // The metrics themselves are not counted.
    assert_eq!(get(&service, "/metrics").status, 200);
}

#[test]
fn outgoing_requests_are_recorded_by_server() {
    let run = output(env!("CARGO_BIN_EXE_outgoing"), &[]);
    let told = String::from_utf8_lossy(&run.stdout);
    let series = |status: &str| {
        format!(
            "http_client_requests_total{{http_request_method=\"GET\",server_address=\"127.0.0.1\",http_response_status_code={status}}}"
        )
    };
    assert_eq!(value(&told, &series("\"200\"")), Some(1.0), "{told}");
    assert_eq!(value(&told, &series("\"404\",error_type=\"404\"")), Some(1.0), "{told}");
}
