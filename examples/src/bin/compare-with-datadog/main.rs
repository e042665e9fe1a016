//! Do Datadog's numbers and Prometheus' agree for one stream of DogStatsD lines?
//!
//! The stream goes to an aggregator that works as the agent documents it, and through a socket, the bridge and a real
//! Prometheus, which is asked the translated queries. It is sent twice: first so that every series is there, then measured.
//!
//!     cargo run --bin compare-with-datadog [-- --lines CAPTURE] [--mapping FILE] [--seconds 10]
#![forbid(unsafe_code)]

mod agent;
mod prometheus;
mod report;
mod stream;

use std::error::Error;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent::Agent;
use metrics_bridge::listen::{Listener, ListenerOptions};
use metrics_bridge::map::{Mapper, MapperOptions, NegativeGauges};
use metrics_bridge::record::{Bridge, BridgeOptions};
use metrics_bridge::translate::{Catalogue, Translator, TranslatorOptions};
use metrics_core::Registry;
use metrics_tower::MetricsEndpoint;
use metrics_tower::server::MetricsServer;
use prometheus::Prometheus;
use report::Report;

struct Options {
    lines: Option<PathBuf>,
    mapping: Option<PathBuf>,
    seconds: u64,
}

fn main() -> ExitCode {
    obey_command_line().unwrap_or_else(|error| {
        eprintln!("compare-with-datadog: {error}");
        ExitCode::FAILURE
    })
}

fn obey_command_line() -> Result<ExitCode, Box<dyn Error>> {
    let options = options()?;
    let lines = match &options.lines {
        Some(file) => std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?,
        None => stream::made_up(),
    };
    let report = compare(&options, &lines)?;
    print!("{report}");
    Ok(if report.agrees() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn options() -> Result<Options, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options { lines: None, mapping: None, seconds: 10 };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("lines") => options.lines = Some(parser.value()?.into()),
            Long("mapping") => options.mapping = Some(parser.value()?.into()),
            Long("seconds") => options.seconds = parser.value()?.parse()?,
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(options)
}

/// Fine buckets, and a gauge's sign as Datadog understands it.
fn mapper(options: &Options) -> Result<Mapper, Box<dyn Error>> {
    let mut chosen = MapperOptions { negative_gauges: NegativeGauges::Value, ..MapperOptions::default() };
    chosen.histogram.buckets = Arc::new(metrics_core::buckets::exponential::<60>(1e-3, 1.25));
    let Some(file) = &options.mapping else { return Ok(Mapper::new(chosen)) };
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Mapper::from_yaml(&file.display().to_string(), &text, chosen)?)
}

fn compare(options: &Options, lines: &[u8]) -> Result<Report, Box<dyn Error>> {
    let mapper = mapper(options)?;
    let registry = Registry::new();
    let bridge = Bridge::new(&registry, mapper.clone(), BridgeOptions::default())?;
    let listener = Listener::udp(&bridge, "127.0.0.1:0".parse()?, ListenerOptions::default())?;
    let prometheus = Prometheus::start(&serve(registry)?)?;
    let mut sender = Sender { listener: &listener, prometheus: &prometheus, agent: Agent::default(), lines, sent: 0 };

    sender.send(Duration::ZERO)?;
    // A pause between both passes, in which the measured window can begin.
    pause(Duration::from_secs(3));
    sender.agent.forget_counts();
    let middle = Instant::now() - Duration::from_millis(1_500);
    let before = report::totals(&sender.agent, &mapper, &prometheus)?;
    sender.send(Duration::from_secs(options.seconds))?;
    pause(Duration::from_secs(2));

    let mut catalogue = Catalogue::new(mapper.clone());
    catalogue.learn(lines).iter().for_each(|error| eprintln!("{error}"));
    let window_seconds = middle.elapsed().as_secs_f64().ceil() as u64;
    let translator = Translator::new(catalogue, TranslatorOptions { window_seconds, ..TranslatorOptions::default() });
    report::compare(&sender.agent, &mapper, &translator, &prometheus, &before, window_seconds)
}

/// Lets Prometheus scrape, or keeps the stream's pace.
#[expect(clippy::disallowed_methods, reason = "what is waited for is time itself")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// Serves /metrics in a thread of its own; the address.
fn serve(registry: Registry) -> Result<String, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let server = runtime.block_on(MetricsServer::bind("127.0.0.1:0".parse()?, MetricsEndpoint::new(&registry)))?;
    let address = server.local_addr().to_string();
    std::thread::spawn(move || runtime.block_on(server.serve(std::future::pending())));
    Ok(address)
}

struct Sender<'a> {
    listener: &'a Listener,
    prometheus: &'a Prometheus,
    agent: Agent,
    lines: &'a [u8],
    sent: u64,
}

impl Sender<'_> {
    /// Sends the stream evenly over this time, and waits until Prometheus has seen all of it.
    fn send(&mut self, over: Duration) -> Result<(), Box<dyn Error>> {
        let address = self.listener.local_addr().ok_or("the listener has no address")?;
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let lines: Vec<_> = self.lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let datagrams: Vec<_> = lines.chunks(20).collect();
        let started = Instant::now();
        for (number, datagram) in datagrams.iter().enumerate() {
            let due = over.mul_f64(number as f64 / datagrams.len() as f64);
            pause(due.saturating_sub(started.elapsed()).max(Duration::from_micros(20)));
            socket.send_to(&datagram.join(&b'\n'), address)?;
            datagram.iter().for_each(|line| self.agent.feed(started.elapsed(), line));
        }
        self.sent += lines.len() as u64;
        self.prometheus.wait("metrics_bridge_lines_total", self.sent as f64)
    }
}
