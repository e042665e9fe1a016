//! What can be said on the storm's command line?

use std::error::Error;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};

/// The answer to `--help`.
pub(crate) const HELP: &str = "\
Lets hostile clients loose on the shop, in this process and on 127.0.0.1 only, then compares what was sent, what the
shop itself counted and what was recorded. Fails on any difference.

Usage: storm [--requests N] [--seconds N] [--connections N] [--seed N] [--catalogue]

  --requests N     how many requests are sent, the first tenth to warm up; 1000000 unless told
  --seconds N      after which time it stops sending, however many there were; 600 unless told
  --connections N  how many clients there are at the same time, at most 256; 16 unless told
  --seed N         another storm of the same strength; 1 unless told
  --catalogue      print what the shop declares as JSON, and start nothing
  --help           this text";

/// How strong the storm is.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) requests: u64,
    pub(crate) time: Duration,
    pub(crate) connections: u64,
    pub(crate) seed: u64,
}

impl Options {
    /// `None` where only help was asked for.
    pub(crate) fn from_command_line() -> Result<Option<Self>, Box<dyn Error>> {
        Self::parse(Parser::from_env()).map_err(|error| format!("{error}; --help lists the options").into())
    }

    fn parse(mut parser: Parser) -> Result<Option<Self>, lexopt::Error> {
        let mut options = Self { requests: 1_000_000, time: Duration::from_secs(600), connections: 16, seed: 1 };
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("requests") => options.requests = parser.value()?.parse()?,
                Arg::Long("seconds") => options.time = Duration::from_secs(parser.value()?.parse()?),
                Arg::Long("connections") => options.connections = parser.value()?.parse()?,
                Arg::Long("seed") => options.seed = parser.value()?.parse()?,
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                other => return Err(other.unexpected()),
            }
        }
        if !(1..=256).contains(&options.connections) {
            return Err(format!("--connections {} is not between 1 and 256", options.connections).into());
        }
        Ok(Some(options))
    }
}
