//! How is a real Prometheus started, fed and asked?

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// How often it scrapes.
pub(crate) const SCRAPE_SECONDS: f64 = 1.0;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A Prometheus with a storage of its own; both end with it.
pub(crate) struct Prometheus {
    process: Child,
    folder: PathBuf,
    address: String,
}

impl Prometheus {
    /// Starts the program `prometheus`, which scrapes `target`.
    pub(crate) fn start(target: &str) -> Result<Self, Box<dyn Error>> {
        let folder = std::env::temp_dir().join(format!("compare-with-datadog-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let config = format!(
            "global: {{scrape_interval: {SCRAPE_SECONDS}s}}\nscrape_configs:\n- job_name: bridge\n  static_configs: [{{targets: \
             ['{target}']}}]\n"
        );
        std::fs::write(folder.join("prometheus.yml"), config)?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", folder.join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--log.level=error")
            .spawn()
            .map_err(|error| {
                format!("cannot start `prometheus`: {error}; install it (Debian: apt install prometheus)")
            })?;
        let prometheus = Self { process, folder, address };
        prometheus.wait("up{job=\"bridge\"}", 1.0)?;
        Ok(prometheus)
    }

    /// Waits until a query has this value.
    pub(crate) fn wait(&self, query: &str, expected: f64) -> Result<(), Box<dyn Error>> {
        let started = Instant::now();
        let mut last = None;
        while started.elapsed() < PATIENCE {
            // It may not listen yet.
            if let Ok(value) = self.ask(query) {
                last = value;
                if value == Some(expected) {
                    return Ok(());
                }
            }
            crate::pause(Duration::from_millis(100));
        }
        Err(format!("{query} is {last:?} after {PATIENCE:?}; {expected} is expected").into())
    }

    /// The value of a query with one result; `None` if there is none.
    pub(crate) fn ask(&self, query: &str) -> Result<Option<f64>, Box<dyn Error>> {
        let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET /api/v1/query?query={encoded} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or("Prometheus' answer has no body")?;
        let json: serde_json::Value = serde_json::from_str(body)?;
        if json["status"] != "success" {
            return Err(format!("Prometheus refuses {query}: {}", json["error"]).into());
        }
        match json["data"]["result"].as_array().map(Vec::as_slice) {
            Some([]) => Ok(None),
            Some([one]) => Ok(one["value"][1].as_str().and_then(|value| value.parse().ok())),
            _ => Err(format!("{query} has more than one result: {body}").into()),
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended by itself; what is left over is in the folder for temporary files.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
