//! Do numbers arrive that clients and crates send which nobody here wrote?
#![cfg(all(feature = "facade", feature = "cadence", feature = "dogstatsd"))]

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use cadence::prelude::*;
use metrics_bridge::facade::FacadeRecorder;
use metrics_bridge::listen::{Listener, ListenerOptions};
use metrics_bridge::map::Mapper;
use metrics_bridge::record::{Bridge, BridgeOptions};
use metrics_core::Registry;

fn bridge(registry: &Registry) -> Bridge {
    Bridge::new(registry, Mapper::default(), BridgeOptions::default()).unwrap()
}

fn listen(registry: &Registry) -> (Listener, SocketAddr) {
    let listener =
        Listener::udp(&bridge(registry), "127.0.0.1:0".parse().unwrap(), ListenerOptions::default()).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Waits until a series has a value.
#[track_caller]
fn expect(registry: &Registry, name: &str, labels: &[(&str, &str)], expected: f64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while registry.sample(name, labels) != Some(expected) {
        assert!(Instant::now() < deadline, "{name} is not {expected}:\n{}", registry.encode_text());
        std::thread::yield_now();
    }
}

#[test]
fn cadence_over_udp() {
    let registry = Registry::new();
    let (_listener, address) = listen(&registry);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sink = cadence::BufferedUdpMetricSink::from(address, socket).unwrap();
    let client = cadence::StatsdClient::builder("shop", sink).with_tag("env", "prod").build();
    for _ in 0..1_000 {
        client.incr("orders").unwrap();
        client.time("charge", 20_u64).unwrap();
    }
    client.gauge("depth", 12_u64).unwrap();
    client.flush().unwrap();
    expect(&registry, "shop_orders_total", &[("env", "prod")], 1_000.0);
    expect(&registry, "shop_charge_seconds_count", &[("env", "prod")], 1_000.0);
    expect(&registry, "shop_depth", &[("env", "prod")], 12.0);
}

#[test]
fn dogstatsd_over_udp_and_unix() {
    let registry = Registry::new();
    let (_listener, address) = listen(&registry);
    let path = std::env::temp_dir().join(format!("metrics-bridge-clients-{}.socket", std::process::id()));
    let unix_registry = Registry::new();
    let _unix = Listener::unix(&bridge(&unix_registry), &path, ListenerOptions::default()).unwrap();
    let options =
        |to: &str, path| dogstatsd::Options::new("127.0.0.1:0", to, "shop", vec!["env:prod".into()], path, None);
    let over_udp = dogstatsd::Client::new(options(&address.to_string(), None)).unwrap();
    let over_unix = dogstatsd::Client::new(options("", Some(path.to_str().unwrap().to_owned()))).unwrap();
    for (client, registry) in [(over_udp, &registry), (over_unix, &unix_registry)] {
        let tags = || ["payment:card", "canary"];
        client.incr("orders", tags()).unwrap();
        client.count("orders", 4, tags()).unwrap();
        client.timing("charge", 350, tags()).unwrap();
        client.gauge("depth", "12.5", tags()).unwrap();
        client.histogram("size", "3", tags()).unwrap();
        client.distribution("latency", "0.25", tags()).unwrap();
        client.set("users", "13", tags()).unwrap();
        client.service_check("db.up", dogstatsd::ServiceStatus::Warning, tags(), None).unwrap();
        client.event("Deployed", "Version 2|3", tags()).unwrap();
        let labels = [("env", "prod"), ("payment", "card"), ("canary", "true")];
        expect(registry, "shop_orders_total", &labels, 5.0);
        expect(registry, "shop_charge_seconds_sum", &labels, 0.35);
        expect(registry, "shop_depth", &labels, 12.5);
        expect(registry, "shop_size_sum", &labels, 3.0);
        expect(registry, "shop_latency_bucket", &[labels.as_slice(), &[("le", "0.25")]].concat(), 1.0);
        expect(registry, "shop_users", &labels, 1.0);
        expect(registry, "db_up_status", &labels, 1.0);
        expect(registry, "metrics_bridge_events_total", &[("alert_type", "info")], 1.0);
    }
}

#[test]
fn metrics_exporter_dogstatsd_over_udp() {
    let registry = Registry::new();
    let (_listener, address) = listen(&registry);
    let recorder = metrics_exporter_dogstatsd::DogStatsDBuilder::default()
        .with_remote_address(address.to_string())
        .unwrap()
        .with_flush_interval(Duration::from_millis(20))
        .with_histogram_sampling(false)
        .with_telemetry(false)
        .build()
        .unwrap();
    metrics::with_local_recorder(&recorder, || {
        metrics::counter!("shop.orders", "payment" => "card").increment(7);
        metrics::gauge!("shop.depth").set(-3.5);
        (0..500).for_each(|_| metrics::histogram!("shop.latency").record(0.25));
    });
    expect(&registry, "shop_orders_total", &[("payment", "card")], 7.0);
    expect(&registry, "shop_latency_count", &[], 500.0);
    expect(&registry, "shop_latency_sum", &[], 125.0);
    // The exporter repeats its gauges; as changes they would add up, which is why Datadog's meaning can be chosen.
    let repeated = registry.sample("shop_depth", &[]).unwrap();
    assert_eq!(repeated % 3.5, 0.0, "{repeated}");
}

#[test]
fn a_negative_gauge_that_an_exporter_repeats_keeps_its_value_in_datadogs_meaning() {
    use metrics_bridge::map::{MapperOptions, NegativeGauges};
    let registry = Registry::new();
    let options = MapperOptions { negative_gauges: NegativeGauges::Value, ..MapperOptions::default() };
    let bridge = Bridge::new(&registry, Mapper::new(options), BridgeOptions::default()).unwrap();
    let listener = Listener::udp(&bridge, "127.0.0.1:0".parse().unwrap(), ListenerOptions::default()).unwrap();
    let recorder = metrics_exporter_dogstatsd::DogStatsDBuilder::default()
        .with_remote_address(listener.local_addr().unwrap().to_string())
        .unwrap()
        .with_flush_interval(Duration::from_millis(20))
        .with_telemetry(false)
        .build()
        .unwrap();
    metrics::with_local_recorder(&recorder, || metrics::gauge!("shop.depth").set(-3.5));
    expect(&registry, "shop_depth", &[], -3.5);
}

#[test]
fn metrics_process_follows_the_recorder() {
    let registry = Registry::new();
    let recorder = FacadeRecorder::new(&bridge(&registry));
    metrics::with_local_recorder(&recorder, || {
        let collector = metrics_process::Collector::default();
        collector.describe();
        collector.collect();
    });
    let text = registry.encode_text();
    assert!(text.contains("# TYPE process_cpu_seconds_total counter"), "{text}");
    assert!(registry.sample("process_resident_memory_bytes", &[]).unwrap() > 1e6, "{text}");
    assert!(registry.sample("process_open_fds", &[]).unwrap() >= 3.0, "{text}");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    let started = registry.sample("process_start_time_seconds", &[]).unwrap();
    assert!((now - 86_400.0..=now + 1.0).contains(&started), "{started}");
}

#[tokio::test]
async fn the_reporter_of_tokio_metrics_follows_the_recorder() {
    let registry = Registry::new();
    let recorder = FacadeRecorder::new(&bridge(&registry));
    // The test's runtime has one thread: what is spawned runs under this guard.
    let _guard = metrics::set_default_local_recorder(&recorder);
    let reporter = tokio_metrics::RuntimeMetricsReporterBuilder::default().with_interval(Duration::from_millis(5));
    let reporting = tokio::spawn(reporter.describe_and_run());
    let deadline = Instant::now() + Duration::from_secs(20);
    while registry.sample("tokio_workers_count", &[]) != Some(1.0)
        || registry.sample("tokio_total_park_count", &[]) < Some(1.0)
    {
        assert!(Instant::now() < deadline, "{}", registry.encode_text());
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    reporting.abort();
}
