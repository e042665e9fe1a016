//! Does the program `dogstatsd-bridge` do what its help says, as a process?
#![cfg(all(unix, feature = "command"))]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_dogstatsd-bridge");
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dogstatsd-bridge-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: &str) -> String {
        std::fs::write(self.0.join(name), content).unwrap();
        self.path(name)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing depends on it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs it to its end, with this on its standard input.
fn run(arguments: &[&str], input: &str) -> Output {
    let command = &mut Command::new(PROGRAM);
    let piped = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // One that does not read ends with an error of its own, which is asserted.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The program while it listens.
struct Running {
    child: Child,
    listens_on: String,
    metrics: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let free_ports = ["--listen", "udp://127.0.0.1:0", "--metrics", "127.0.0.1:0"];
        let mut command = Command::new(PROGRAM);
        let mut child = command.args(free_ports).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said = line
            .strip_prefix("listening on udp://")
            .and_then(|rest| rest.trim_end().split_once(", metrics on http://"));
        let (listens_on, metrics) = said.unwrap_or_else(|| panic!("it says {line:?}"));
        let metrics = metrics.strip_suffix("/metrics").unwrap().to_owned();
        Self { listens_on: listens_on.to_owned(), metrics, child }
    }

    fn send(&self, datagram: &[u8]) {
        UdpSocket::bind("127.0.0.1:0").unwrap().send_to(datagram, &self.listens_on).unwrap();
    }

    /// Waits until a scrape has this row.
    fn shows(&self, row: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut stream = TcpStream::connect(&self.metrics).unwrap();
            stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            if answer.lines().any(|line| line == row) {
                return;
            }
            assert!(Instant::now() < deadline, "no {row} in\n{answer}");
            std::thread::yield_now();
        }
    }

    /// Asks it to stop, as Ctrl+C does with INT and a cluster with TERM.
    fn stop(mut self, signal: &str) {
        // The shell's own: a program `kill` is not everywhere.
        let kill = Command::new("sh").args(["-c", &format!("kill -s {signal} {}", self.child.id())]).status().unwrap();
        assert!(kill.success() && self.child.wait().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const LINES: &str = "shop.orders:1|c|#payment:card\nshop.orders:2|c\njobs.mail.done:12|ms\nbroken\n";
const MAPPING: &str = "mappings:\n- {match: 'jobs.*.done', name: jobs_done_seconds, labels: {queue: '$1'}}\n";

#[test]
fn a_dry_run_tells_every_name_before_and_after_and_ends() {
    let folder = Folder::new("dry");
    let (lines, mapping) = (folder.file("lines.txt", LINES), folder.file("mapping.yaml", MAPPING));
    let expected = "\
jobs.mail.done|ms -> jobs_done_seconds histogram {queue}, values x 0.001, by the rule of line 2 (1 line)
shop.orders|c -> shop_orders_total counter {payment} (2 lines)
refused, missing_value: 1 line, first: broken
";
    for (from, input) in [(&*lines, ""), ("-", LINES)] {
        let output = run(&["--mapping", &mapping, "--dry-run", from], input);
        assert!(output.status.success(), "{}", text(output.stderr));
        assert_eq!(text(output.stdout), expected, "from {from}");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = Folder::new("named");
    let mapping = folder.file("mapping.yaml", "mappings:\n- {match: 'a', nam: b}\n");
    for (arguments, expected) in [
        (vec!["--dry-run", "/nowhere/lines.txt"], "/nowhere/lines.txt: No such file".to_owned()),
        (vec!["--mapping", &*mapping, "--dry-run", "-"], format!("{mapping}:2: there is no key \"nam\" here")),
        (
            vec!["--tee", "127.0.0.1:8125"],
            "--tee is \"127.0.0.1:8125\"; it must be udp://IP:PORT or unix:///PATH".into(),
        ),
        (vec!["--capture", "/nowhere/lines.txt"], "/nowhere/lines.txt: No such file".to_owned()),
    ] {
        let output = run(&arguments, "");
        let told = text(output.stderr);
        let begins = format!("dogstatsd-bridge: {expected}");
        assert!(!output.status.success() && told.starts_with(&begins), "{arguments:?}: {told}");
    }
}

#[test]
fn what_arrives_is_recorded_passed_on_to_the_agent_and_captured() {
    let folder = Folder::new("tee");
    let capture = folder.file("lines.txt", "before:1|c\n");
    let agent = UdpSocket::bind("127.0.0.1:0").unwrap();
    agent.set_read_timeout(Some(PATIENCE)).unwrap();
    let tee = format!("udp://{}", agent.local_addr().unwrap());
    let running = Running::start(&["--tee", &tee, "--capture", &capture]);
    for datagram in [&b"shop.orders:1|c\nshop.orders:2|c"[..], b"broken\n"] {
        running.send(datagram);
        let mut buffer = [0; 1024];
        let length = agent.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], datagram, "the agent gets it unchanged");
    }
    running.shows("shop_orders_total 3");
    running.shows(&format!("metrics_bridge_passed_on_total{{socket=\"udp://{}\"}} 2", running.listens_on));
    running.stop("INT");
    assert_eq!(
        std::fs::read_to_string(&capture).unwrap(),
        "before:1|c\nshop.orders:1|c\nshop.orders:2|c\nbroken\n",
        "a line each, behind what was there"
    );
    // And what was captured is what a dry run reads.
    let output = run(&["--dry-run", &capture], "");
    assert!(text(output.stdout).contains("shop.orders|c -> shop_orders_total counter (2 lines)\n"));
}

#[test]
fn an_agent_behind_a_unix_socket_gets_it_too() {
    let folder = Folder::new("unix");
    let path = folder.path("agent.socket");
    let agent = UnixDatagram::bind(Path::new(&path)).unwrap();
    agent.set_read_timeout(Some(PATIENCE)).unwrap();
    let running = Running::start(&["--tee", &format!("unix://{path}")]);
    running.send(b"shop.orders:5|c");
    let mut buffer = [0; 1024];
    let length = agent.recv(&mut buffer).unwrap();
    assert_eq!(&buffer[..length], b"shop.orders:5|c");
    running.shows("shop_orders_total 5");
    running.stop("TERM");
}
