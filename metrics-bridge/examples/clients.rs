//! What do Rust clients that nobody here wrote send? Known numbers, to the UDP address that is given, and over a Unix socket.
//!
//!     clients 127.0.0.1:8125 /run/dsd.socket
//!
//! Stays until its standard input ends: metrics-exporter-dogstatsd sends by a thread of its own.

use std::error::Error;
use std::io::Read;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use cadence::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, address, path] = arguments.as_slice() else { return Err("usage: clients IP:PORT SOCKET".into()) };
    cadence(address.parse()?)?;
    dogstatsd("dogstatsd.udp", address, None)?;
    dogstatsd("dogstatsd.unix", "", Some(path.clone()))?;
    exporter(address)?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn cadence(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let sink = cadence::BufferedUdpMetricSink::from(address, UdpSocket::bind("127.0.0.1:0")?)?;
    let client = cadence::StatsdClient::builder("cadence", sink).with_tag("env", "prod").build();
    for number in 0..400_u64 {
        client.incr("orders")?;
        client.time("charge", number % 2 * 500)?;
        client.set("users", i64::try_from(number % 50)?)?;
    }
    client.count_with_tags("errors", 3).with_tag("route", "/a").with_sampling_rate(0.1).try_send()?;
    client.gauge("depth", 12.5)?;
    client.histogram("size", vec![1_u64, 2, 3])?;
    client.distribution("latency", 0.25)?;
    client.flush()?;
    Ok(())
}

fn dogstatsd(namespace: &str, address: &str, path: Option<String>) -> Result<(), Box<dyn Error>> {
    let options = dogstatsd::Options::new("127.0.0.1:0", address, namespace, vec!["env:prod".into()], path, None);
    let client = dogstatsd::Client::new(options)?;
    let tags = || ["payment:card", "canary"];
    for _ in 0..100 {
        patiently(|| client.incr("orders", tags()))?;
    }
    patiently(|| client.count("orders", 11, tags()))?;
    patiently(|| client.timing("charge", 350, tags()))?;
    patiently(|| client.gauge("depth", "12.5", tags()))?;
    patiently(|| client.histogram("size", "3", tags()))?;
    patiently(|| client.distribution("latency", "0.25", tags()))?;
    patiently(|| client.set("users", "13", tags()))?;
    patiently(|| client.service_check("db.up", dogstatsd::ServiceStatus::Warning, tags(), None))?;
    patiently(|| client.event("Deployed", "Version 2|3", tags()))?;
    Ok(())
}

/// The client does not wait where a Unix socket's queue is full, which is ten datagrams long: it tells, and this tries again.
fn patiently(mut send: impl FnMut() -> dogstatsd::DogstatsdResult) -> dogstatsd::DogstatsdResult {
    loop {
        match send() {
            Err(dogstatsd::DogstatsdError::IoError(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                std::thread::yield_now();
            }
            done => return done,
        }
    }
}

fn exporter(address: &str) -> Result<(), Box<dyn Error>> {
    metrics_exporter_dogstatsd::DogStatsDBuilder::default()
        .with_remote_address(address)?
        .with_flush_interval(Duration::from_millis(100))
        .with_histogram_sampling(false)
        .with_telemetry(false)
        .install()?;
    metrics::counter!("exporter.orders", "payment" => "card").increment(7);
    metrics::gauge!("exporter.depth").set(3.5);
    for _ in 0..500 {
        metrics::histogram!("exporter.latency").record(0.25);
    }
    Ok(())
}
