//! What can be said on the exposer's command line?

use std::error::Error;

use lexopt::{Arg, Parser, ValueExt};

/// The answer to `--help`.
pub(crate) const HELP: &str = "\
Serves every type of metric in every shape on /metrics.

Usage: exposer [--listen HOST:PORT] [--series N] [--churn] [--utf8] [--format FORMAT] [--expected]
               [--catalogue]

  --listen ADDR    where it listens; 127.0.0.1:9464 unless told, port 0 takes any free port
  --series N       so many counters of three labels beside
  --churn          series come and go, and are recorded to, all the time
  --utf8           some names have dots
  --format FORMAT  the answer whatever Accept says: text, text-utf8, openmetrics, openmetrics2 or protobuf
  --expected       instead of serving, print as JSON what is recorded, as no encoder tells it
  --catalogue      instead of serving, print as JSON what is declared
  --help           this text";

/// The formats that can be pinned, as a scraper asks for them.
const FORMATS: [(&str, &str); 5] = [
    ("text", "text/plain;version=0.0.4"),
    ("text-utf8", "text/plain;version=1.0.0;escaping=allow-utf-8"),
    ("openmetrics", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8"),
    ("openmetrics2", "application/openmetrics-text;version=2.0.0;escaping=allow-utf-8"),
    (
        "protobuf",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8",
    ),
];

/// What is served, and where.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) listen: String,
    pub(crate) series: u32,
    pub(crate) churn: bool,
    pub(crate) utf8: bool,
    /// The `Accept` header that stands in for every other one.
    pub(crate) accept: Option<&'static str>,
    /// Only print what would be recorded.
    pub(crate) expected: bool,
}

impl Options {
    /// `None` where only help was asked for.
    pub(crate) fn from_command_line() -> Result<Option<Self>, Box<dyn Error>> {
        Self::parse(Parser::from_env()).map_err(|error| format!("{error}; --help lists the options").into())
    }

    fn parse(mut parser: Parser) -> Result<Option<Self>, lexopt::Error> {
        let listen = "127.0.0.1:9464".to_owned();
        let mut options = Self { listen, series: 0, churn: false, utf8: false, accept: None, expected: false };
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("listen") => options.listen = parser.value()?.string()?,
                Arg::Long("series") => options.series = parser.value()?.parse()?,
                Arg::Long("churn") => options.churn = true,
                Arg::Long("utf8") => options.utf8 = true,
                Arg::Long("format") => options.accept = Some(accept(&parser.value()?.string()?)?),
                Arg::Long("expected") => options.expected = true,
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(options))
    }
}

fn accept(format: &str) -> Result<&'static str, lexopt::Error> {
    let known = FORMATS.iter().find(|(name, _)| *name == format).map(|(_, accept)| *accept);
    known.ok_or_else(|| {
        format!("--format {format} is none of text, text-utf8, openmetrics, openmetrics2, protobuf").into()
    })
}
