//! What can be said on the command line?

use std::error::Error;
use std::net::SocketAddr;

use lexopt::{Arg, Parser, ValueExt};

/// The answer to `--help`.
pub(crate) const HELP: &str = "\
A service whose replicas follow its load: /work?hold=SECONDS&spin=SECONDS, /healthz, /metrics.

Usage: autoscaled [--listen HOST:PORT] [--metrics-listen HOST:PORT] [--queue HOST:PORT] [--catalogue]

  --listen HOST:PORT          where to listen; 127.0.0.1:8080 unless told, port 0 takes any free port
  --metrics-listen HOST:PORT  also serve /metrics on a port of its own, beyond limits and load shedding
  --queue HOST:PORT           the process that holds the shared queue (shared-queue), asked every second
  --catalogue                 print what is declared as JSON, and start nothing
  --help                      this text";

/// What is asked for.
pub(crate) enum Action {
    Help,
    Catalogue,
    Run(Options),
}

/// How the service runs.
pub(crate) struct Options {
    pub(crate) listen: SocketAddr,
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) queue: Option<String>,
}

impl Options {
    pub(crate) fn from_command_line() -> Result<Action, Box<dyn Error>> {
        Self::parse(Parser::from_env()).map_err(|error| format!("{error}; --help lists the options").into())
    }

    fn parse(mut parser: Parser) -> Result<Action, lexopt::Error> {
        let mut options = Self { listen: SocketAddr::from(([127, 0, 0, 1], 8080)), metrics_listen: None, queue: None };
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("listen") => options.listen = parser.value()?.parse()?,
                Arg::Long("metrics-listen") => options.metrics_listen = Some(parser.value()?.parse()?),
                Arg::Long("queue") => options.queue = Some(parser.value()?.string()?),
                Arg::Long("catalogue") => return Ok(Action::Catalogue),
                Arg::Long("help") | Arg::Short('h') => return Ok(Action::Help),
                other => return Err(other.unexpected()),
            }
        }
        Ok(Action::Run(options))
    }
}
