//! Does every example that declares metrics tell which, without starting?

use std::env::consts::EXE_SUFFIX;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{collections::BTreeMap, fs, thread};

use serde_json::Value;

/// One of their metrics for those of which we know one; the others have to tell some.
const KNOWN: [(&str, &str); 11] = [
    ("exposer", "expo_mystery"),
    ("exposer", "expo_plain_total"),
    ("grpc", "http_server_active_requests"),
    ("layers", "http_server_busy_seconds_total"),
    ("outgoing", "http_client_request_duration_seconds"),
    ("plain_hyper", "http_server_request_duration_seconds"),
    ("quick_start", "hellos_total"),
    ("shop", "shop_orders_total"),
    ("storm", "shop_orders_total"),
    ("traced", "http_server_request_duration_seconds"),
    ("typed", "shop_queue_depth"),
];

/// Programs of which nothing is scraped, and why.
const WITHOUT: [(&str, &str); 3] = [
    ("compare-with-datadog", "its metrics are those of the lines that it is given"),
    ("load", "it is the client of a service"),
    ("quantiles", "it reads its histogram itself"),
];

/// Name and path of every program of this package: what Cargo finds in `src/bin`.
fn programs() -> BTreeMap<String, String> {
    let built = Path::new(env!("CARGO_BIN_EXE_shop")).parent().unwrap();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    let named = |source: &Path| source.file_stem().unwrap().to_str().unwrap().to_owned();
    let names = fs::read_dir(sources).unwrap().map(|entry| named(&entry.unwrap().path()));
    names.map(|name| (name.clone(), format!("{}{EXE_SUFFIX}", built.join(name).display()))).collect()
}

/// What a program prints; one that does not know the option may have started and is stopped.
fn printed(name: &str, path: &str) -> String {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("catalogue.json");
    let stdout = fs::File::create(&file).unwrap();
    let mut child = Command::new(path).arg("--catalogue").stdin(Stdio::null()).stdout(stdout).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while child.try_wait().unwrap().is_none() && Instant::now() < deadline {
        thread::yield_now();
    }
    // Fails where it has ended already.
    let _ = child.kill();
    let status = child.wait().unwrap();
    assert!(status.success(), "{name} --catalogue does not print and end: {status}");
    fs::read_to_string(file).unwrap()
}

/// What a program says that it declares.
fn declared(name: &str, path: &str) -> Vec<String> {
    let printed = printed(name, path);
    let catalogue: Value =
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{name} --catalogue prints no JSON: {error}"));
    assert_eq!(catalogue["schema"], "metrics-catalogue/1", "{name}");
    let groups = catalogue["groups"].as_array().unwrap().iter();
    let metrics = groups.flat_map(|group| group["metrics"].as_array().unwrap());
    metrics.map(|metric| metric["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_example_prints_its_catalogue() {
    let mut programs = programs();
    for (name, reason) in WITHOUT {
        assert!(programs.remove(name).is_some(), "{name} is gone, of which was said: {reason}");
    }
    for (name, _) in KNOWN {
        assert!(programs.contains_key(name), "{name} is gone");
    }
    for (name, path) in &programs {
        let declared = declared(name, path);
        assert!(!declared.is_empty(), "{name} --catalogue tells no metric");
        for (_, metric) in KNOWN.iter().filter(|(known, _)| known == name) {
            assert!(declared.iter().any(|one| one == metric), "{name} does not declare {metric}");
        }
    }
}
