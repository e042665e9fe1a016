//! Does the load generator send exactly what it is told, and count what comes back?

mod support;

use support::{Program, address, get, output, until};

const LOAD: &str = env!("CARGO_BIN_EXE_load");

#[test]
fn its_counts_agree_with_the_shop() {
    let mut shop = Program::start(env!("CARGO_BIN_EXE_shop"), &["--listen", "127.0.0.1:0", "--no-traffic"]);
    let address = address(&shop.line());
    let run = output(LOAD, &["--url", &format!("http://{address}"), "--requests", "200", "--rate", "1000"]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let counts: serde_json::Value = serde_json::from_slice(&run.stdout).expect("it prints JSON");
    assert_eq!(counts["failed"], 0);
    assert_eq!(counts["answers"]["/products"]["200"], 60);
    assert_eq!(counts["answers"]["/orders"]["201"], 20);
    assert_eq!(counts["answered_at"].as_array().map(Vec::len), Some(200));
    until("the shop has counted 200 requests", || (requests(&get(&address, "/metrics").body) == 200.0).then_some(()));
}

fn requests(metrics: &str) -> f64 {
    let counts = metrics.lines().filter(|line| line.starts_with("http_server_request_duration_seconds_count"));
    counts.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[test]
fn a_missing_url_is_an_error_with_an_example() {
    let run = output(LOAD, &[]);
    assert_eq!(run.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&run.stderr),
        "load: --url is missing: where is the shop, such as --url http://127.0.0.1:3000; --help lists the options\n"
    );
}
