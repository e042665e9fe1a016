//! Does everything that was recorded agree with what was counted otherwise?

use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

use metrics_core::Registry;

use crate::ledger::Sent;
use crate::siege::Scraped;
use crate::target::{self, Target};
use crate::watch::Watched;

/// The documented bound: the default cap of a family, and its overflow series.
const MOST_SERIES: f64 = 2000.0;
/// The methods that are told apart, and all others as one.
const METHODS: f64 = 11.0;
/// How long the besieged port may take until a scrape is let in and answered, on a loaded machine: the place timeout, and the
/// peers that wait before it.
const LONGEST_SIEGE: f64 = 20.0;
/// What allocators and socket buffers may keep.
const MOST_GROWTH: u64 = 32 << 20;

/// What is compared, line by line.
#[derive(Debug)]
pub(crate) struct Books {
    lines: Vec<Line>,
    watched: Watched,
}

#[derive(Debug)]
struct Line {
    what: String,
    expected: String,
    found: String,
    right: bool,
}

impl Books {
    /// Compares; nothing may be in flight any more.
    pub(crate) fn close(target: &Target, sent: &Sent, watched: Watched, scraped: Scraped, growth: Option<u64>) -> Self {
        let mut books = Self { lines: Vec::new(), watched };
        books.compare_seen(target);
        books.compare_sent(target, sent);
        books.compare_bounds(&target.registry, growth);
        books.equal("panics that nobody asked for", 0.0, target::unexpected_panics() as f64);
        books.equal("decent requests answered", watched.asked as f64, watched.answered as f64);
        books.at_least("scrapes of the besieged port", 1.0, scraped.scrapes as f64);
        books.at_most("longest time without one of them, s", LONGEST_SIEGE, scraped.longest.as_secs_f64());
        books.at_least("connections that besieged it", 65.0, scraped.besieged as f64);
        books
    }

    fn compare_seen(&mut self, target: &Target) {
        let requests = |labels: &[&str]| sum(&target.registry, "http_server_requests_total", labels);
        let durations = sum(&target.registry, "http_server_request_duration_seconds_count", &[]);
        let started = target.seen.started.load(Relaxed) as f64;
        self.equal("requests that reached the shop = recorded", started, requests(&[]));
        self.equal("requests that reached the shop = timed", started, durations);
        let mut headless = started;
        for (status, count) in target.seen.by_status() {
            let label = format!("http_response_status_code=\"{status}\"");
            self.equal(&format!("answers with {status}"), count as f64, requests(&[&label]));
            headless -= count as f64;
        }
        for (method, count) in target.seen.by_method() {
            let label = format!("http_request_method=\"{method}\"");
            self.equal(&format!("requests with {method}"), count as f64, requests(&[&label]));
        }
        let with_status = requests(&["http_response_status_code="]);
        self.equal("requests without an answer's head", headless, requests(&[]) - with_status);
        self.equal("half heads that became requests", 0.0, target.seen.half_heads.load(Relaxed) as f64);
    }

    fn compare_sent(&mut self, target: &Target, sent: &Sent) {
        let requests = |labels: &[&str]| sum(&target.registry, "http_server_requests_total", labels);
        let route = |route: &str| format!("http_route=\"/storm/{route}\"");
        let cases = [
            ("sent: odd methods", &sent.odd_methods, vec!["http_request_method=\"_OTHER\"".to_owned()]),
            ("sent: CONNECT", &sent.tunnels, vec!["http_request_method=\"CONNECT\"".to_owned()]),
            ("left before the head", &target.seen.held, vec![route("hold/{request}"), error("cancelled")]),
            ("left in the body", &target.seen.flooded, vec![route("flood"), status("200"), error("cancelled")]),
            ("sent: panics", &sent.panics, vec![route("panic"), error("panic")]),
            ("sent: broken bodies", &sent.broken, vec![route("broken"), status("200"), error("body")]),
        ];
        for (what, count, labels) in cases {
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            self.equal(&format!("{what} = recorded"), count.load(Relaxed) as f64, requests(&labels));
        }
    }

    fn compare_bounds(&mut self, registry: &Registry, growth: Option<u64>) {
        self.equal("in flight", 0.0, sum(registry, "http_server_active_requests", &[]));
        let busy = || sum(registry, "http_server_busy_seconds_total", &[]);
        self.equal("busy seconds stand still", busy(), busy());
        for (family, most) in [
            ("requests_total", MOST_SERIES),
            ("request_duration_seconds_count", MOST_SERIES),
            ("active_requests", METHODS),
            ("busy_seconds_total", 1.0),
        ] {
            let series = rows(registry, &format!("http_server_{family}")).count() as f64;
            self.at_most(&format!("series of {family}"), most, series);
        }
        let of_the_layer =
            registry.encode_text().lines().filter(|line| line.starts_with("# TYPE http_server_")).count();
        self.equal("families of the layer", 4.0, of_the_layer as f64);
        if let Some(growth) = growth {
            self.at_most("bytes of memory grown since the warm-up", MOST_GROWTH as f64, growth as f64);
        }
    }

    fn equal(&mut self, what: &str, expected: f64, found: f64) {
        let (what, right) = (what.to_owned(), expected == found);
        self.lines.push(Line { what, expected: expected.to_string(), found: found.to_string(), right });
    }

    fn at_most(&mut self, what: &str, most: f64, found: f64) {
        let (what, right) = (what.to_owned(), found <= most);
        self.lines.push(Line { what, expected: format!("at most {most}"), found: found.to_string(), right });
    }

    fn at_least(&mut self, what: &str, least: f64, found: f64) {
        let (what, right) = (what.to_owned(), found >= least);
        self.lines.push(Line { what, expected: format!("at least {least}"), found: found.to_string(), right });
    }

    /// Whether every line is right.
    pub(crate) fn balance(&self) -> bool {
        self.lines.iter().all(|line| line.right)
    }
}

impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<46} {:>18} {:>14}", "", "expected", "found")?;
        for Line { what, expected, found, right } in &self.lines {
            writeln!(f, "{what:<46} {expected:>18} {found:>14}  {}", if *right { "" } else { "WRONG" })?;
        }
        writeln!(f, "slowest decent answer: {:.0?}", self.watched.slowest)?;
        let failed = self.lines.iter().filter(|line| !line.right).count();
        writeln!(f, "{} passed, {failed} failed", self.lines.len() - failed)
    }
}

fn error(error: &str) -> String {
    format!("error_type=\"{error}\"")
}

fn status(status: &str) -> String {
    format!("http_response_status_code=\"{status}\"")
}

/// The sum over the series of a metric whose labels contain all of these texts.
pub(crate) fn sum(registry: &Registry, name: &str, labels: &[&str]) -> f64 {
    let values = rows(registry, name).filter(|row| labels.iter().all(|label| row.contains(label)));
    values.filter_map(|row| row.rsplit(' ').next()?.parse::<f64>().ok()).fold(0.0, |sum, value| sum + value)
}

/// The rows of a metric in its exposition.
fn rows(registry: &Registry, name: &str) -> impl Iterator<Item = String> {
    let name = name.to_owned();
    let text = registry.encode_text();
    let rows: Vec<String> = text.lines().filter(|line| is_row(line, &name)).map(str::to_owned).collect();
    rows.into_iter()
}

fn is_row(line: &str, name: &str) -> bool {
    line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
}
