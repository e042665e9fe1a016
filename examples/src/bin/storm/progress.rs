//! How far is the storm?

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// A bar on the terminal; a line every tenth of the way where there is none.
#[derive(Debug)]
pub(crate) struct Progress {
    total: u64,
    start: Instant,
    terminal: bool,
    tenths: u64,
}

impl Progress {
    pub(crate) fn new(total: u64) -> Self {
        Self { total: total.max(1), start: Instant::now(), terminal: stderr().is_terminal(), tenths: 0 }
    }

    /// The time between two looks.
    pub(crate) async fn pause(&mut self) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    pub(crate) fn show(&mut self, done: u64) {
        let (percent, seconds) = ((done * 100 / self.total).min(100), self.start.elapsed().as_secs_f64());
        let text = format!("{percent:>3} %  {done} of {} requests, {seconds:.0} s", self.total);
        if self.terminal {
            let bar = "#".repeat(percent as usize / 4);
            // A bar that cannot be shown is no reason to stop.
            let _ = write!(stderr(), "\r[{bar:<25}] {text}");
        } else if percent / 10 > self.tenths {
            self.tenths = percent / 10;
            eprintln!("{text}");
        }
    }

    pub(crate) fn end(&self) {
        if self.terminal {
            eprintln!();
        }
    }
}
