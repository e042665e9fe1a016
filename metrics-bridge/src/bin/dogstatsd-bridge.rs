//! How do services that send DogStatsD lines get a /metrics endpoint without any change? This program listens for them.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::task::Poll;

use metrics_bridge::listen::{Listener, ListenerOptions, Tee};
use metrics_bridge::map::{DryRun, HistogramShape, Mapper, MapperOptions, Naming, NegativeGauges};
use metrics_bridge::record::{Bridge, BridgeOptions};
use metrics_core::Registry;
use metrics_tower::MetricsEndpoint;
use metrics_tower::server::MetricsServer;

const HELP: &str = "\
Listens for DogStatsD lines and exposes what they count on /metrics.

dogstatsd-bridge [options]
  --listen ADDRESS        udp://IP:PORT or unix:///PATH, several times; udp://127.0.0.1:8125 if not given
  --metrics IP:PORT       where /metrics is served; 127.0.0.1:9102 if not given
  --mapping FILE          rules in statsd_exporter's format
  --tee ADDRESS           passes every datagram on unchanged: udp://IP:PORT or unix:///PATH
  --capture FILE          appends every line to a file
  --receive-buffer BYTES  what the kernel keeps of each socket until it is read; 8 MiB if not given
  --queue-bytes BYTES     what waits in memory until it is recorded, for each UDP socket; 16 MiB if not given
  --native                records histograms without classic buckets, as native ones only
  --plain-names           leaves names without a rule as they are sent, as statsd_exporter does
  --negative-gauges HOW   `change` (StatsD; the default) or `value` (Datadog)
  --max-series N          the most series of a metric; 2000 if not given
  --dry-run FILE          prints for a captured stream (- is the standard input) every name before and after, and ends
";

struct Options {
    listen: Vec<String>,
    metrics: SocketAddr,
    mapping: Option<PathBuf>,
    tee: Option<String>,
    capture: Option<PathBuf>,
    receive_buffer: Option<usize>,
    queue_bytes: Option<usize>,
    dry_run: Option<PathBuf>,
    mapper: MapperOptions,
    bridge: BridgeOptions,
}

fn main() -> ExitCode {
    match obey_command_line() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dogstatsd-bridge: {error}");
            ExitCode::FAILURE
        }
    }
}

fn obey_command_line() -> Result<(), Box<dyn Error>> {
    let Some(options) = options()? else {
        print!("{HELP}");
        return Ok(());
    };
    let mapper = mapper(&options)?;
    match &options.dry_run {
        Some(file) => dry_run(&mapper, file),
        None => serve(&options, mapper),
    }
}

fn options() -> Result<Option<Options>, Box<dyn Error>> {
    use lexopt::prelude::*;
    let mut options = Options {
        listen: Vec::new(),
        metrics: "127.0.0.1:9102".parse()?,
        mapping: None,
        tee: None,
        capture: None,
        receive_buffer: None,
        queue_bytes: None,
        dry_run: None,
        mapper: MapperOptions::default(),
        bridge: BridgeOptions::default(),
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") => return Ok(None),
            Long("listen") => options.listen.push(parser.value()?.string()?),
            Long("metrics") => options.metrics = parser.value()?.parse()?,
            Long("mapping") => options.mapping = Some(parser.value()?.into()),
            Long("tee") => options.tee = Some(parser.value()?.string()?),
            Long("capture") => options.capture = Some(parser.value()?.into()),
            Long("receive-buffer") => options.receive_buffer = Some(parser.value()?.parse()?),
            Long("queue-bytes") => options.queue_bytes = Some(parser.value()?.parse()?),
            Long("dry-run") => options.dry_run = Some(parser.value()?.into()),
            Long("max-series") => options.bridge.max_series = parser.value()?.parse()?,
            Long("plain-names") => options.mapper.naming = Naming::Plain,
            Long("native") => options.mapper.histogram = native(),
            Long("negative-gauges") => options.mapper.negative_gauges = negative_gauges(&parser.value()?.string()?)?,
            _ => return Err(argument.unexpected().into()),
        }
    }
    if options.listen.is_empty() {
        options.listen.push("udp://127.0.0.1:8125".into());
    }
    Ok(Some(options))
}

fn native() -> HistogramShape {
    let native = Some(metrics_core::descriptor::NativeDeclaration::DEFAULT);
    HistogramShape { classic: false, native, ..HistogramShape::default() }
}

fn negative_gauges(how: &str) -> Result<NegativeGauges, Box<dyn Error>> {
    match how {
        "change" => Ok(NegativeGauges::Change),
        "value" => Ok(NegativeGauges::Value),
        _ => Err(format!("--negative-gauges is {how:?}; it must be change or value").into()),
    }
}

fn mapper(options: &Options) -> Result<Mapper, Box<dyn Error>> {
    let Some(file) = &options.mapping else { return Ok(Mapper::new(options.mapper.clone())) };
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Mapper::from_yaml(&file.display().to_string(), &text, options.mapper.clone())?)
}

fn dry_run(mapper: &Mapper, file: &PathBuf) -> Result<(), Box<dyn Error>> {
    let mut lines = Vec::new();
    if file.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut lines)?;
    } else {
        lines = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    let mut run = DryRun::new(mapper);
    run.feed(&lines);
    print!("{run}");
    Ok(())
}

fn serve(options: &Options, mapper: Mapper) -> Result<(), Box<dyn Error>> {
    let registry = Registry::new();
    registry.register_self_metrics()?;
    let bridge = Bridge::new(&registry, mapper, options.bridge.clone())?;
    let mut listeners = Vec::new();
    for address in &options.listen {
        let listener = listen(&bridge, address, listener_options(options)?)?;
        tell_receive_buffer(&listener);
        listeners.push(listener);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = MetricsServer::bind(options.metrics, MetricsEndpoint::new(&registry)).await?;
        let names: Vec<_> = listeners.iter().map(Listener::name).collect();
        println!("listening on {}, metrics on http://{}/metrics", names.join(" and "), server.local_addr());
        server.serve(stopped()).await;
        Ok::<_, Box<dyn Error>>(())
    })
}

/// Ends with Ctrl+C, and with what a cluster sends.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        let mut interrupted = std::pin::pin!(interrupted);
        return std::future::poll_fn(|cx| match interrupted.as_mut().poll(cx) {
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => terminated.poll_recv(cx).map(drop),
        })
        .await;
    }
    drop(interrupted.await);
}

fn listener_options(options: &Options) -> Result<ListenerOptions, Box<dyn Error>> {
    let mut chosen = ListenerOptions { receive_buffer: options.receive_buffer, ..ListenerOptions::default() };
    chosen.queue_bytes = options.queue_bytes.unwrap_or(chosen.queue_bytes);
    tee_and_tap(options, &mut chosen)?;
    Ok(chosen)
}

/// What the system's limit leaves of what was asked for must not stay unknown: it decides on what is lost.
fn tell_receive_buffer(listener: &Listener) {
    let (granted, asked) = listener.receive_buffer();
    if granted < asked {
        eprintln!(
            "{}: the kernel keeps {granted} bytes of this socket, {asked} were asked for; raise the limit with `sysctl -w \
             net.core.rmem_max={}`, or let this program exceed it (CAP_NET_ADMIN)",
            listener.name(),
            asked / 2
        );
    }
}

fn tee_and_tap(options: &Options, chosen: &mut ListenerOptions) -> Result<(), Box<dyn Error>> {
    if let Some(address) = &options.tee {
        chosen.tee = Some(match (address.strip_prefix("udp://"), address.strip_prefix("unix://")) {
            (Some(address), _) => Tee::udp(address.parse()?)?,
            (_, Some(path)) => Tee::unix(path)?,
            _ => return Err(unknown_address("--tee", address)),
        });
    }
    if let Some(path) = &options.capture {
        let file = std::fs::File::options().append(true).create(true).open(path);
        let mut file = file.map_err(|error| format!("{}: {error}", path.display()))?;
        chosen.tap = Some(Box::new(move |datagram| {
            let line_break: &[u8] = if datagram.ends_with(b"\n") { b"" } else { b"\n" };
            // One write, so that listeners share the file; a full disk must not end the listening.
            let _ = file.write_all(&[datagram, line_break].concat());
        }));
    }
    Ok(())
}

fn listen(bridge: &Bridge, address: &str, options: ListenerOptions) -> Result<Listener, Box<dyn Error>> {
    match (address.strip_prefix("udp://"), address.strip_prefix("unix://")) {
        (Some(address), _) => Ok(Listener::udp(bridge, address.parse()?, options)?),
        (_, Some(path)) => Ok(Listener::unix(bridge, path, options)?),
        _ => Err(unknown_address("--listen", address)),
    }
}

fn unknown_address(option: &str, address: &str) -> Box<dyn Error> {
    format!("{option} is {address:?}; it must be udp://IP:PORT or unix:///PATH").into()
}
