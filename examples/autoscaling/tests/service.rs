//! Does the service tell what it is scaled by, and stop without failing a client?
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// A program that is stopped when the test ends.
struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Program {
    fn start(path: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(path).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    /// The address in the next line that it prints.
    fn address(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let (_, rest) = line.split_once("http://").unwrap_or_else(|| panic!("no address in {line:?}"));
        rest.trim().trim_end_matches("/metrics").to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn open(address: &str, method: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    stream
}

fn answer(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < end, "{what} does not come true");
        std::thread::yield_now();
    }
}

fn metric(address: &str, start: &str) -> Option<f64> {
    let text = answer(open(address, "GET", "/metrics"));
    let line = text.lines().find(|line| line.starts_with(start))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn requests_in_flight_are_told_and_survive_the_stop() {
    let arguments = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
    let mut service = Program::start(env!("CARGO_BIN_EXE_autoscaled"), &arguments);
    let (metrics, address) = (service.address(), service.address());
    assert_eq!(metric(&metrics, "autoscaled_queue_depth"), Some(0.0));
    let active = "http_server_active_requests{http_request_method=\"GET\"";
    assert_eq!(metric(&metrics, active), Some(0.0));

    let held: Vec<_> = (0..3).map(|_| open(&address, "GET", "/work?hold=2")).collect();
    until("three requests are in flight", || metric(&metrics, active) == Some(3.0));
    // The shell's own: a program `kill` is not everywhere.
    let kill = Command::new("sh").args(["-c", &format!("kill -TERM {}", service.child.id())]).status().unwrap();
    assert!(kill.success());
    for stream in held {
        let text = answer(stream);
        assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
    }
    assert!(service.child.wait().unwrap().success());
}

#[test]
fn what_is_exposed_is_declared_the_build_included() {
    let mut service = Program::start(env!("CARGO_BIN_EXE_autoscaled"), &["--listen", "127.0.0.1:0"]);
    let address = service.address();
    answer(open(&address, "GET", "/work"));
    until("the build is told", || metric(&address, "build_info{crate=\"autoscaling\",version=").is_some());
    let text = answer(open(&address, "GET", "/metrics"));
    let catalogue = autoscaling::catalogue();
    let exposed: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(exposed.len() > 10, "{text}");
    for name in exposed {
        assert!(catalogue.metric(name).is_some(), "{name} is exposed and not declared");
    }
}

#[test]
fn the_shared_queue_is_followed() {
    let mut queue = Program::start(env!("CARGO_BIN_EXE_shared-queue"), &["--listen", "127.0.0.1:0"]);
    let queue_address = queue.address();
    let arguments = ["--listen", "127.0.0.1:0", "--queue", &queue_address];
    let mut service = Program::start(env!("CARGO_BIN_EXE_autoscaled"), &arguments);
    let address = service.address();
    assert!(answer(open(&queue_address, "PUT", "/depth/75")).ends_with("75\n"));
    until("the service knows the queue's depth", || metric(&address, "autoscaled_queue_depth") == Some(75.0));
}
