//! What is a Datadog query or monitor in Prometheus' words? This program translates them for people.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;

use metrics_bridge::line::Kind;
use metrics_bridge::map::{Mapper, MapperOptions};
use metrics_bridge::translate::{Catalogue, Translator, TranslatorOptions, rules_yaml};

const HELP: &str = "\
Translates Datadog queries to PromQL, one a line, and monitors to alert rules.

datadog-to-promql [options] [QUERY...]      queries are read from the standard input if none is given
  --lines FILE          a capture of the lines that the services send: tells the metrics' types
  --metric NAME=TYPE    the type of one metric: c, g, ms, h, d or s
  --mapping FILE        rules in statsd_exporter's format, as the bridge uses them
  --window SECONDS      over which rates are taken where a query has no rollup; 300 if not given
  --monitor FILE        a monitor, or a list of them, as Datadog's API gives it; prints a rules file for Prometheus
What differs from the original is written as comments; what cannot be translated is told, and the status is 1.
";

#[derive(Default)]
struct Options {
    queries: Vec<String>,
    lines: Vec<PathBuf>,
    metrics: Vec<String>,
    mapping: Option<PathBuf>,
    monitors: Vec<PathBuf>,
    translator: TranslatorOptions,
}

fn main() -> ExitCode {
    obey_command_line().unwrap_or_else(|error| {
        eprintln!("datadog-to-promql: {error}");
        ExitCode::FAILURE
    })
}

fn obey_command_line() -> Result<ExitCode, Box<dyn Error>> {
    let Some(mut options) = options()? else {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    };
    let translator = Translator::new(catalogue(&options)?, options.translator.clone());
    if options.queries.is_empty() && options.monitors.is_empty() {
        options.queries = std::io::stdin().lock().lines().collect::<Result<_, _>>()?;
    }
    let queries = options.queries.iter().filter(|query| !query.trim().is_empty());
    let refused_queries = queries.filter(|query| !translate(&translator, query)).count();
    let refused_monitors = monitors(&translator, &options.monitors)?;
    Ok(if refused_queries + refused_monitors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn options() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") => return Ok(None),
            Long("lines") => options.lines.push(parser.value()?.into()),
            Long("metric") => options.metrics.push(parser.value()?.string()?),
            Long("mapping") => options.mapping = Some(parser.value()?.into()),
            Long("window") => options.translator.window_seconds = parser.value()?.parse()?,
            Long("monitor") => options.monitors.push(parser.value()?.into()),
            Value(query) => options.queries.push(query.string()?),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Some(options))
}

fn catalogue(options: &Options) -> Result<Catalogue, Box<dyn Error>> {
    let mapper = match &options.mapping {
        Some(file) => Mapper::from_yaml(&file.display().to_string(), &read(file)?, MapperOptions::default())?,
        None => Mapper::default(),
    };
    let mut catalogue = Catalogue::new(mapper);
    for file in &options.lines {
        let lines = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        for error in catalogue.learn(&lines) {
            eprintln!("{}: {error}", file.display());
        }
    }
    for metric in &options.metrics {
        let (name, kind) = metric
            .split_once('=')
            .and_then(|(name, code)| Some((name, Kind::from_code(code)?)))
            .ok_or_else(|| format!("--metric is {metric:?}; it must be NAME=TYPE with c, g, ms, h, d or s"))?;
        catalogue.declare(name, kind)?;
    }
    Ok(catalogue)
}

fn read(file: &PathBuf) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Prints one translation; false if there is none.
fn translate(translator: &Translator, query: &str) -> bool {
    match translator.query(query) {
        Ok(translated) => {
            translated.notes.iter().for_each(|note| println!("# {note}"));
            println!("{}", translated.promql);
            true
        }
        Err(error) => {
            eprintln!("{query}\n  {error}");
            false
        }
    }
}

/// Prints one rules file; how many monitors have no rule.
fn monitors(translator: &Translator, files: &[PathBuf]) -> Result<usize, Box<dyn Error>> {
    let (mut rules, mut refused) = (Vec::new(), 0);
    for file in files {
        let json: serde_json::Value =
            serde_json::from_str(&read(file)?).map_err(|error| format!("{}: {error}", file.display()))?;
        let list = match json {
            serde_json::Value::Array(list) => list,
            one => vec![one],
        };
        for monitor in &list {
            let name = monitor["name"].as_str().unwrap_or("a monitor without name");
            match translator.monitor(monitor) {
                Ok(translated) => {
                    translated.notes.iter().for_each(|note| println!("# {name}: {note}"));
                    rules.extend(translated.rules);
                }
                Err(error) => {
                    eprintln!("{name}: {error}");
                    refused += 1;
                }
            }
        }
    }
    if !rules.is_empty() {
        print!("{}", rules_yaml("datadog", &rules));
    }
    Ok(refused)
}
