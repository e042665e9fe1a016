//! What can be said on the load generator's command line?

use lexopt::{Arg, Parser, ValueExt};
use std::{error::Error, time::Duration};

/// The answer to `--help`.
pub(crate) const HELP: &str = "\
Sends a fixed number of requests to the shop at a constant rate, then prints what came back as JSON.

Usage: load --url http://HOST:PORT [--requests N] [--rate N]

  --url URL     where the shop is
  --requests N  how many requests are sent; 1000 unless told
  --rate N      how many are sent each second; 100 unless told
  --help        this text";

/// What is sent, where, and how fast.
#[derive(Debug)]
pub(crate) struct Options {
    /// Where the shop is.
    pub(crate) url: String,
    /// How many requests are sent.
    pub(crate) requests: u64,
    /// How many are sent each second; more than zero.
    rate: f64,
}

impl Options {
    /// `None` where only help was asked for.
    pub(crate) fn from_command_line() -> Result<Option<Self>, Box<dyn Error>> {
        Self::parse(Parser::from_env()).map_err(|error| format!("{error}; --help lists the options").into())
    }

    /// The time from one request to the next.
    pub(crate) fn pause(&self) -> Duration {
        Duration::from_secs_f64(1.0 / self.rate)
    }

    fn parse(mut parser: Parser) -> Result<Option<Self>, lexopt::Error> {
        let mut url = None;
        let mut requests = 1000;
        let mut rate = 100.0;
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("url") => url = Some(parser.value()?.string()?),
                Arg::Long("requests") => requests = parser.value()?.parse()?,
                Arg::Long("rate") => rate = parser.value()?.parse()?,
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                other => return Err(other.unexpected()),
            }
        }
        if !(0.01..=100_000.0).contains(&rate) {
            return Err(format!("--rate {rate} is not between 0.01 and 100000 requests a second").into());
        }
        let url = url.ok_or("--url is missing: where is the shop, such as --url http://127.0.0.1:3000")?;
        Ok(Some(Self { url, requests, rate }))
    }
}
