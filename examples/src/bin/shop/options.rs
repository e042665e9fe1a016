//! What can be said on the shop's command line?

use lexopt::{Arg, Parser, ValueExt};
use std::error::Error;

/// The answer to `--help`.
pub(crate) const HELP: &str = "\
A small shop, instrumented: an HTTP service with its metrics at /metrics.

Usage: shop [--listen HOST:PORT] [--no-traffic] [--catalogue]

  --listen HOST:PORT  where to listen; 127.0.0.1:3000 unless told, port 0 takes any free port
  --no-traffic        do not play the customers: send no requests to itself
  --catalogue         print what is declared as JSON, and start nothing
  --help              this text";

/// How the shop runs.
#[derive(Debug)]
pub(crate) struct Options {
    /// Where it listens.
    pub(crate) listen: String,
    /// Whether it plays its own customers.
    pub(crate) traffic: bool,
}

impl Options {
    /// `None` where only help was asked for.
    pub(crate) fn from_command_line() -> Result<Option<Self>, Box<dyn Error>> {
        Self::parse(Parser::from_env()).map_err(|error| format!("{error}; --help lists the options").into())
    }

    fn parse(mut parser: Parser) -> Result<Option<Self>, lexopt::Error> {
        let mut options = Self { listen: "127.0.0.1:3000".to_owned(), traffic: true };
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("listen") => options.listen = parser.value()?.string()?,
                Arg::Long("no-traffic") => options.traffic = false,
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(options))
    }
}
