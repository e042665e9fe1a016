//! Do datagrams arrive, is nothing lost unnoticed, and does the agent still get everything?

use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use metrics_core::Registry;

use super::*;
use crate::map::Mapper;
use crate::record::BridgeOptions;

fn bridge(registry: &Registry) -> Bridge {
    Bridge::new(registry, Mapper::default(), BridgeOptions::default()).unwrap()
}

fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

fn path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("metrics-bridge-{}-{name}.socket", std::process::id()))
}

#[test]
fn datagrams_are_recorded_and_passed_on_unchanged() {
    let registry = Registry::new();
    let agent = UdpSocket::bind(loopback()).unwrap();
    agent.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let (shown, captured) = std::sync::mpsc::channel();
    let options = ListenerOptions {
        tee: Some(Tee::udp(agent.local_addr().unwrap()).unwrap()),
        tap: Some(Box::new(move |datagram| shown.send(datagram.to_vec()).unwrap())),
        ..ListenerOptions::default()
    };
    let listener = Listener::udp(&bridge(&registry), loopback(), options).unwrap();
    let address = listener.local_addr().unwrap();
    let client = UdpSocket::bind(loopback()).unwrap();
    let datagram = b"a:1|c|#x:1|c:ci-1|T1656581400\nbroken\n\xff:1|c\n_e{1,1}:a|b";
    client.send_to(datagram, address).unwrap();
    let mut buffer = [0; 1024];
    let length = agent.recv(&mut buffer).unwrap();
    assert_eq!(&buffer[..length], datagram);
    assert_eq!(captured.recv().unwrap(), datagram);
    listener.stop();
    assert_eq!(registry.sample("a_total", &[("x", "1")]), Some(1.0));
    assert_eq!(registry.sample("metrics_bridge_refused_total", &[("reason", "not_utf8")]), Some(1.0));
    let socket = format!("udp://{address}");
    let count = |name| registry.sample(name, &[("socket", socket.as_str())]);
    assert_eq!(count("metrics_bridge_datagrams_total"), Some(1.0));
    assert_eq!(count("metrics_bridge_received_bytes_total"), Some(datagram.len() as f64));
    assert_eq!(count("metrics_bridge_passed_on_total"), Some(1.0));
    assert_eq!(count("metrics_bridge_kernel_drops_total"), Some(0.0));
}

#[test]
fn every_datagram_is_recorded_or_counted_as_dropped_by_the_kernel() {
    let registry = Registry::new();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let mut waiting = Some(wait);
    // The first datagram holds the thread up until the flood is over.
    let tap = move |_: &[u8]| {
        if let Some(wait) = waiting.take() {
            wait.recv().unwrap();
        }
    };
    let options = ListenerOptions {
        receive_buffer: Some(4_096),
        queue_bytes: 0,
        tap: Some(Box::new(tap)),
        ..ListenerOptions::default()
    };
    let listener = Listener::udp(&bridge(&registry), loopback(), options).unwrap();
    let address = listener.local_addr().unwrap();
    let client = UdpSocket::bind(loopback()).unwrap();
    for _ in 0..10_000 {
        client.send_to(b"a:1|c", address).unwrap();
    }
    go.send(()).unwrap();
    listener.stop();
    let socket = format!("udp://{address}");
    let dropped = registry.sample("metrics_bridge_kernel_drops_total", &[("socket", &socket)]).unwrap();
    assert!(dropped > 0.0);
    // The empty datagram that wakes the thread may have been dropped, too.
    let recorded = registry.sample("a_total", &[]).unwrap();
    assert!((10_000.0..=10_001.0).contains(&(recorded + dropped)), "{recorded} + {dropped}");
}

#[test]
fn the_queue_keeps_what_comes_while_recording_is_held_up() {
    let registry = Registry::new();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let mut waiting = Some(wait);
    let tap = move |_: &[u8]| {
        if let Some(wait) = waiting.take() {
            wait.recv().unwrap();
        }
    };
    let options = ListenerOptions { tap: Some(Box::new(tap)), ..ListenerOptions::default() };
    let listener = Listener::udp(&bridge(&registry), loopback(), options).unwrap();
    let address = listener.local_addr().unwrap();
    let socket = format!("udp://{address}");
    let own = |name| registry.sample(name, &[("socket", socket.as_str())]).unwrap();
    let (granted, asked) = listener.receive_buffer();
    assert_eq!((own("metrics_bridge_receive_buffer_bytes"), asked), (granted as f64, 16 << 20));
    let client = UdpSocket::bind(loopback()).unwrap();
    let datagram = [b'a'; 1_000];
    // Far more than the kernel would keep.
    for sent in 0..10_000 {
        client.send_to(&datagram, address).unwrap();
        while own("metrics_bridge_datagrams_total") + 100.0 < f64::from(sent) {
            std::thread::yield_now();
        }
    }
    while own("metrics_bridge_datagrams_total") < 10_000.0 {
        std::thread::yield_now();
    }
    assert!(own("metrics_bridge_queued_bytes") > 9_000_000.0);
    go.send(()).unwrap();
    listener.stop();
    assert_eq!(own("metrics_bridge_queued_bytes"), 0.0);
    assert_eq!(own("metrics_bridge_kernel_drops_total"), 0.0);
    assert_eq!(registry.sample("metrics_bridge_refused_total", &[("reason", "missing_value")]), Some(10_000.0));
}

#[test]
fn a_recorder_that_panics_does_not_hold_the_end_up() {
    let registry = Registry::new();
    let options = ListenerOptions {
        queue_bytes: 0,
        tap: Some(Box::new(|_| panic!("a test's panic"))),
        ..ListenerOptions::default()
    };
    let listener = Listener::udp(&bridge(&registry), loopback(), options).unwrap();
    let client = UdpSocket::bind(loopback()).unwrap();
    for _ in 0..2_000 {
        client.send_to(b"a:1|c", listener.local_addr().unwrap()).unwrap();
    }
    listener.stop();
}

#[test]
fn a_unix_socket_is_listened_to_and_cleaned_up() {
    let registry = Registry::new();
    let path = path("unix");
    // Left over by somebody who crashed.
    drop(UnixDatagram::bind(&path).unwrap());
    let bridge = bridge(&registry);
    let listener = Listener::unix(&bridge, &path, ListenerOptions::default()).unwrap();
    let error = Listener::unix(&bridge, &path, ListenerOptions::default()).unwrap_err();
    let expected = format!("cannot listen on unix://{}: somebody listens there already; stop it first", path.display());
    assert_eq!(error.to_string(), expected);
    let client = UnixDatagram::unbound().unwrap();
    for _ in 0..1_000 {
        client.send_to(b"a:1|c", &path).unwrap();
    }
    listener.stop();
    assert_eq!(registry.sample("a_total", &[]), Some(1_000.0));
    drop(listener);
    assert!(!path.exists());
}

#[test]
fn a_tee_that_nobody_reads_holds_nothing_up() {
    let registry = Registry::new();
    let options = ListenerOptions { tee: Some(Tee::unix(path("nobody")).unwrap()), ..ListenerOptions::default() };
    let listener = Listener::udp(&bridge(&registry), loopback(), options).unwrap();
    let address = listener.local_addr().unwrap();
    UdpSocket::bind(loopback()).unwrap().send_to(b"a:1|c", address).unwrap();
    listener.stop();
    let socket = format!("udp://{address}");
    assert_eq!(registry.sample("a_total", &[]), Some(1.0));
    assert_eq!(registry.sample("metrics_bridge_not_passed_on_total", &[("socket", &socket)]), Some(1.0));
}

#[test]
fn an_agent_that_restarts_gets_the_first_datagram_again_and_what_it_missed_is_counted() {
    let registry = Registry::new();
    let agent = UdpSocket::bind(loopback()).unwrap();
    let agents = agent.local_addr().unwrap();
    let options = ListenerOptions { tee: Some(Tee::udp(agents).unwrap()), ..ListenerOptions::default() };
    let listener = Listener::udp(&bridge(&registry), loopback(), options).unwrap();
    let address = listener.local_addr().unwrap();
    let socket = format!("udp://{address}");
    let count = |name| registry.sample(name, &[("socket", &socket)]).unwrap();
    let client = UdpSocket::bind(loopback()).unwrap();
    let send = |datagram: &[u8], passed_on: f64| {
        client.send_to(datagram, address).unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while count("metrics_bridge_passed_on_total") != passed_on {
            assert!(Instant::now() < deadline, "{}", registry.encode_text());
            std::thread::yield_now();
        }
    };
    let received = |agent: &UdpSocket| {
        agent.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut buffer = [0; 64];
        let length = agent.recv(&mut buffer).unwrap();
        buffer[..length].to_vec()
    };
    send(b"a:1|c", 1.0);
    assert_eq!(received(&agent), b"a:1|c");
    drop(agent);
    send(b"a:2|c", 2.0);
    let agent = UdpSocket::bind(agents).unwrap();
    send(b"a:4|c", 3.0);
    assert_eq!(received(&agent), b"a:4|c");
    listener.stop();
    assert_eq!(count("metrics_bridge_not_passed_on_total"), 1.0);
    assert_eq!(registry.sample("a_total", &[]), Some(7.0));
}

#[test]
fn an_address_that_is_taken_is_named() {
    let registry = Registry::new();
    let taken = UdpSocket::bind(loopback()).unwrap();
    let address = taken.local_addr().unwrap();
    let error = Listener::udp(&bridge(&registry), address, ListenerOptions::default()).unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot listen on udp://{address}: ")), "{error}");
    assert!(error.to_string().ends_with("; is an agent listening there?"), "{error}");
}

#[test]
fn stopping_does_not_wait_for_a_datagram() {
    let registry = Registry::new();
    let listener = Listener::udp(&bridge(&registry), "0.0.0.0:0".parse().unwrap(), ListenerOptions::default()).unwrap();
    let before = Instant::now();
    listener.stop();
    listener.stop();
    assert!(before.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_flood_does_not_hold_the_end_up() {
    let registry = Registry::new();
    // Recording is slower than sending: the kernel's buffer is always full.
    let tap = |_: &[u8]| {
        let until = Instant::now() + Duration::from_micros(20);
        while Instant::now() < until {}
    };
    let options = ListenerOptions {
        receive_buffer: Some(1 << 20),
        queue_bytes: 0,
        tap: Some(Box::new(tap)),
        ..ListenerOptions::default()
    };
    let listener = Listener::udp(&bridge(&registry), loopback(), options).unwrap();
    let (address, ended) = (listener.local_addr().unwrap(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let client = UdpSocket::bind(loopback()).unwrap();
            while !ended.load(Ordering::Relaxed) {
                client.send_to(b"a:1|c", address).unwrap();
            }
        });
        while registry.sample("a_total", &[]) < Some(2_000.0) {
            std::thread::yield_now();
        }
        listener.stop();
        ended.store(true, Ordering::Relaxed);
    });
}
